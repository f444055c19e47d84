import { PipelineError } from '../errors.ts';
import { checkKnownOptions } from '../options/known-options.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { Key, KV } from '../values.ts';
import { waitsForEnd } from '../windows/waits-for-end.ts';
import type { Window } from '../windows/window.ts';

/** Shapes in which a side input is read. */
export type SideInputView = 'singleton' | 'iterable' | 'list' | 'map' | 'multimap';

/** A PCollection read as a whole next to each element of another one (Beam's PCollectionView). */
export interface SideInput<V> {
  readonly collection: PCollection<unknown, Window>;
  readonly view: SideInputView;
  /** Singleton of an empty collection; absent: reading it is an error. */
  readonly fallback?: { readonly value: V };
  /** Type carrier, never set. */
  readonly __value?: V;
}

/** The only element (Beam's View.asSingleton); more than one is an error, none too unless `fallback` is given. */
export function asSingleton<T>(collection: PCollection<T, Window>, options?: { readonly fallback: T }): SideInput<T> {
  checkKnownOptions('asSingleton()', options ?? {}, { fallback: true });
  const side = { collection, view: 'singleton' as const };
  return options === undefined ? side : { ...side, fallback: { value: options.fallback } };
}

/** All elements in no particular order; may be larger than memory. */
export function asIterable<T>(collection: PCollection<T, Window>): SideInput<Iterable<T>> {
  return { collection, view: 'iterable' };
}

/** All elements, in memory, with random access. All readers share one array, which is frozen. */
export function asList<T>(collection: PCollection<T, Window>): SideInput<readonly T[]> {
  return { collection, view: 'list' };
}

/** One value per key, in memory; a key that comes twice is an error. Look up by the key's value. It cannot be changed. */
export function asMap<K extends Key, V>(collection: PCollection<KV<K, V>, Window>): SideInput<ReadonlyMap<K, V>> {
  return { collection, view: 'map' };
}

/** All values per key, in memory. */
export function asMultimap<K extends Key, V>(
  collection: PCollection<KV<K, V>, Window>,
): SideInput<ReadonlyMap<K, readonly V[]>> {
  return { collection, view: 'multimap' };
}

/** The error of a collection that is read by key and holds something else than pairs. */
export function notPairs(name: string, view: SideInputView): PipelineError {
  return new PipelineError(
    'SIDE_INPUT_NOT_KEYED',
    `Side input '${name}' is read as a ${view}, and its elements are not all [key, value] pairs`,
    { hint: 'apply keyBy() to the collection first, or read it with asList or asIterable' },
  );
}

/** As Beam refuses such views: elements beside it would be held back and nothing would say why. */
function triggerMissing(name: string, collection: string, view: SideInputView): PipelineError {
  const accumulation = view === 'singleton' ? 'discarding' : 'accumulating';
  return new PipelineError(
    'TRIGGER_MISSING',
    `Side input '${name}' would wait for the end of an unbounded collection`,
    {
      hint:
        `${collection} is unbounded and in the global window: window it, .window(fixed('1m')), or say when it changes, ` +
        `.window(globalWindows(), { trigger: repeatedly(afterCount(1)), accumulation: '${accumulation}' }); ` +
        'with the trigger afterWatermark() it is read at its end',
    },
  );
}

/** @throws PipelineError when the value is not a side input of the pipeline, e.g. a bare PCollection, or would wait for the end of a stream. */
export function checkSideInput(name: string, side: SideInput<unknown>, pipeline: Pipeline): void {
  if (side?.collection === undefined || side.view === undefined) {
    throw new PipelineError('SIDE_INPUT_INVALID', `Side input '${name}' is not a side input`, {
      hint: 'wrap the collection: asSingleton(c), asIterable(c), asList(c), asMap(c) or asMultimap(c)',
    });
  }
  // Collections of two pipelines may have the same name: the other one would be read.
  if (side.collection.pipeline !== pipeline) {
    throw new PipelineError('FOREIGN_COLLECTION', `Side input '${name}' belongs to another pipeline`);
  }
  const { node } = side.collection;
  if (waitsForEnd(node)) throw triggerMissing(name, node.id, side.view);
  if (side.view !== 'map' && side.view !== 'multimap') return;
  // Strings, numbers, rows: what such a coder gives is never a pair. Of other coders the elements will tell.
  const kind = side.collection.node.coder.fieldType?.kind;
  if (kind !== undefined && kind !== 'array' && kind !== 'iterable') throw notPairs(name, side.view);
}
