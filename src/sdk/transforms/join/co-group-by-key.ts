import type { ByteReader } from '../../coders/byte-reader.ts';
import type { ByteWriter } from '../../coders/byte-writer.ts';
import { type Coder, firstNonDeterministic } from '../../coders/coder.ts';
import { iterableCoder } from '../../coders/iterable-coder.ts';
import { kvCoder } from '../../coders/kv-coder.ts';
import { PipelineError } from '../../errors.ts';
import type { PCollection } from '../../pipeline/p-collection.ts';
import type { Key, KV } from '../../values.ts';
import type { Window } from '../../windows/window.ts';
import { mapValues } from '../element-wise.ts';
import { groupTagged, type Keyed } from './group-tagged.ts';
import { splitByTag } from './split-by-tag.ts';
import type { TaggedValue } from './tagged-value.ts';

/** Keyed collections by name. */
export type CoGroupInputs = Readonly<Record<string, PCollection<unknown, Window>>>;

/** The values of one key by collection; an iterable may be empty, larger than memory, and read again. */
export type CoGroupResult<C extends CoGroupInputs> = {
  readonly [N in keyof C]: C[N] extends PCollection<KV<infer _K, infer V>, infer _W> ? Iterable<V> : never;
};

/**
 * Groups several collections by their common key (Beam's CoGroupByKey):
 *
 * ```ts
 * coGroupByKey({ users, orders }) // PCollection<KV<string, { users: Iterable<User>; orders: Iterable<Order> }>>
 * ```
 *
 * A key comes once per window if any of the collections has it. All collections must be windowed alike.
 *
 * @throws PipelineError when there is no collection, or one is not keyed, windowed otherwise or of another pipeline
 */
export function coGroupByKey<K extends Key, W extends Window, C extends CoGroupInputs>(
  collections: C & Keyed<K, W>,
  name = 'CoGroupByKey',
): PCollection<KV<K, CoGroupResult<C>>, W> {
  const names = Object.keys(collections);
  // As a property of the result it would be the result's prototype.
  if (names.includes('__proto__'))
    throw new PipelineError('OUTPUT_NAME', `'${name}' has a collection called '__proto__'`);
  const expand = (inputs: Keyed<K, W>): PCollection<KV<K, CoGroupResult<C>>, W> => {
    const grouped = groupTagged<K, W>(inputs, name);
    const [key, values] = grouped.node.coder.components;
    const result = new CoGroupCoder(names, values.components[0].components);
    const split = mapValues<K, Iterable<TaggedValue>, CoGroupResult<C>, W>('SplitByTag', (group) => {
      const parts = splitByTag(group, names.length);
      return named(names, parts) as CoGroupResult<C>;
    });
    return grouped.apply(split).withCoder(kvCoder(key, result) as Coder<unknown> as Coder<KV<K, CoGroupResult<C>>>);
  };
  const pipeline = Object.values<PCollection<unknown, Window>>(collections)[0]?.pipeline;
  return pipeline === undefined ? expand(collections) : pipeline.applyTo(collections as Keyed<K, W>, { name, expand });
}

function named(names: readonly string[], parts: readonly unknown[]): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (let i = 0; i < names.length; i++) result[names[i]] = parts[i];
  return result;
}

/** One iterable after the other, each in the coder of its collection. */
class CoGroupCoder implements Coder<Record<string, Iterable<unknown>>> {
  readonly urn = 'millrace:coder:co_group_result:v1';
  readonly components: readonly Coder<unknown>[];
  readonly nonDeterministic: string | undefined;
  readonly #names: readonly string[];
  readonly #iterables: readonly Coder<Iterable<unknown>>[];

  constructor(names: readonly string[], components: readonly Coder<unknown>[]) {
    this.#names = names;
    this.components = components;
    this.nonDeterministic = firstNonDeterministic(components);
    this.#iterables = components.map((component) => iterableCoder(component));
  }

  encode(value: Record<string, Iterable<unknown>>, out: ByteWriter): void {
    for (let i = 0; i < this.#names.length; i++) this.#iterables[i].encode(value[this.#names[i]], out, true);
  }

  decode(input: ByteReader): Record<string, Iterable<unknown>> {
    return named(
      this.#names,
      this.#iterables.map((coder) => coder.decode(input, true)),
    ) as Record<string, Iterable<unknown>>;
  }
}
