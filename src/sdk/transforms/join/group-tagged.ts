import type { Coder } from '../../coders/coder.ts';
import { keyCoder } from '../../coders/default-coder.ts';
import { kvCoder } from '../../coders/kv-coder.ts';
import { sameCoder } from '../../coders/same-coder.ts';
import { PipelineError } from '../../errors.ts';
import { checkCollection } from '../../pipeline/check-collection.ts';
import type { PCollection } from '../../pipeline/p-collection.ts';
import type { Key, KV } from '../../values.ts';
import { checkSameWindows } from '../../windows/same-windows.ts';
import type { Window } from '../../windows/window.ts';
import { mapValues } from '../element-wise.ts';
import { flatten } from '../flatten.ts';
import { GroupByKey, settleKvCoder } from '../group-by-key.ts';
import { TaggedValue, UnionCoder } from './tagged-value.ts';

/** Keyed collections by name. */
export type Keyed<K extends Key, W extends Window> = Readonly<Record<string, PCollection<KV<K, unknown>, W>>>;

/**
 * The values of several collections in one grouping, each value with the number of its collection. To be called from
 * an expansion.
 */
export function groupTagged<K extends Key, W extends Window>(
  inputs: Keyed<K, W>,
  name: string,
): PCollection<KV<K, Iterable<TaggedValue>>, W> {
  const names = Object.keys(inputs);
  if (names.length === 0) throw new PipelineError('CO_GROUP_EMPTY', `'${name}' needs at least one collection`);
  for (const each of names) checkCollection(`'${each}' of '${name}'`, inputs[each]);
  checkSameWindows(
    name,
    names.map((each) => [`'${each}'`, inputs[each].node]),
  );
  const settled = names.map((each) => settleKvCoder(inputs[each].node, `${name}/${each}`));
  const union = new UnionCoder(settled.map(([, value]) => value));
  const coder = kvCoder(commonKeyCoder(settled.map(([key]) => key)), union) as Coder<unknown>;
  const tagged = names.map((each, tag) => {
    const branch = inputs[each].apply(
      mapValues<K, unknown, TaggedValue, W>(`Tag ${each}`, (value) => new TaggedValue(tag, value)),
    );
    return branch.withCoder(coder as Coder<KV<K, TaggedValue>>);
  });
  return flatten(tagged).apply(new GroupByKey<K, TaggedValue, W>());
}

/** Keys meet by their bytes, so all collections need one coder for them: their own if it is the same, else ours. */
function commonKeyCoder(coders: readonly Coder<unknown>[]): Coder<unknown> {
  const [first] = coders;
  return coders.every((coder) => sameCoder(coder, first)) ? first : (keyCoder as Coder<unknown>);
}
