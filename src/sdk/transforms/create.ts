import { bytesCoder } from '../coders/bytes-coder.ts';
import type { Coder } from '../coders/coder.ts';
import { defaultCoder } from '../coders/default-coder.ts';
import { PipelineError } from '../errors.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import type { PTransform } from '../pipeline/p-transform.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { AnyElement } from '../values.ts';
import { elementsText } from './held-elements.ts';
import { TimestampedValue } from './timestamped-value.ts';

/** One empty byte array in the global window: where every pipeline starts (Beam's Impulse). */
export function impulse(): PTransform<Pipeline, PCollection<Uint8Array>> {
  return {
    name: 'Impulse',
    expand: (pipeline) =>
      pipeline.primitive(undefined, { kind: 'impulse' }, { main: bytesCoder as Coder<unknown> })
        .main as PCollection<Uint8Array>,
  };
}

/**
 * A collection of elements that the program holds in memory. Workers rebuild the list, so it must be the same there.
 *
 * @throws PipelineError `CREATE_INVALID`
 */
export function create<T extends AnyElement>(elements: Iterable<T>): PTransform<Pipeline, PCollection<T>>;
export function create<T extends AnyElement>(
  elements: Iterable<NoInfer<T>>,
  coder: Coder<T>,
): PTransform<Pipeline, PCollection<T>>;
export function create<T extends AnyElement>(
  elements: Iterable<T>,
  coder?: Coder<T>,
): PTransform<Pipeline, PCollection<T>> {
  const list = Array.isArray(elements) ? (elements as T[]).slice() : [...checkElements(elements)];
  if (list.some((element) => element instanceof TimestampedValue)) {
    throw new PipelineError('CREATE_INVALID', 'create() gives its elements no timestamps of their own', {
      hint: 'createTimestamped([timestamped(…), …]) does',
    });
  }
  const hold = (input: PCollection<Uint8Array>) =>
    input.pipeline.primitive(
      input,
      { kind: 'parDo', fn: { kind: 'flatMap', fn: () => list, holds: () => elementsText(list) }, sides: {} },
      { main: (coder ?? defaultCoder) as Coder<unknown> },
    ).main as PCollection<T>;
  return {
    name: 'Create',
    expand: (pipeline) => pipeline.apply(impulse()).apply({ name: 'Elements', expand: hold }),
  };
}

/** @throws PipelineError `CREATE_INVALID` when these are no elements; a text is not either, though it can be iterated. */
export function checkElements<T>(elements: Iterable<T>, name = 'create'): Iterable<T> {
  if (typeof elements === 'object' && typeof elements?.[Symbol.iterator] === 'function') return elements;
  const isAsync = typeof (elements as unknown as AsyncIterable<T> | undefined)?.[Symbol.asyncIterator] === 'function';
  const found = isAsync ? 'an async iterable' : elements === null ? 'null' : typeof elements;
  throw new PipelineError('CREATE_INVALID', `${name}() takes an array or another iterable of elements, not ${found}`, {
    hint: isAsync
      ? 'create([0]).flatMap(…) reads it on a worker; or gather it before: await Array.fromAsync(…)'
      : `${name}([…])`,
  });
}
