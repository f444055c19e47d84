import { type Coder, checkCoder } from '../coders/coder.ts';
import { defaultCoder, keyCoder } from '../coders/default-coder.ts';
import type { CombineFn } from '../combine/combine-fn.ts';
import { PipelineError } from '../errors.ts';
import type { Key } from '../values.ts';
import type {
  BagState,
  CombiningState,
  MapState,
  MultimapState,
  OrderedListState,
  SetState,
  ValueState,
} from './state-handles.ts';
import type { StateSpec } from './state-spec.ts';

/** One value per key and window: `state.value<number>()`. The default coder when none is given. */
function value<T>(coder?: Coder<T>): StateSpec<ValueState<T>> {
  return { kind: 'value', coder: coderOr('state.value', coder) };
}

/** Values in the order in which they were added. */
function bag<T>(coder?: Coder<T>): StateSpec<BagState<T>> {
  return { kind: 'bag', coder: coderOr('state.bag', coder) };
}

/** The accumulator of a CombineFn: `state.combining(sum())`. Its coder is the CombineFn's. */
function combining<I, A, O>(fn: CombineFn<I, A, O>): StateSpec<CombiningState<I, A, O>> {
  if (typeof fn?.create !== 'function' || typeof fn.add !== 'function') {
    throw new PipelineError('STATE_INVALID', `state.combining() needs a CombineFn, not ${typeof fn}`, {
      hint: 'give one: state.combining(sum()), state.combining(top(10))',
    });
  }
  const coder = fn.accumulatorCoder?.(defaultCoder as Coder<I>) ?? fn.coder;
  return {
    kind: 'combining',
    fn: fn as unknown as CombineFn<unknown, unknown, unknown>,
    coder: coderOr('state.combining', coder),
  };
}

/** One value per map key. The key coder must be deterministic; without one, keys are anything that may key a collection. */
function map<K extends Key, V>(key?: undefined, value?: Coder<V>): StateSpec<MapState<K, V>>;
function map<K, V>(key: Coder<K>, value?: Coder<V>): StateSpec<MapState<K, V>>;
function map<K, V>(key?: Coder<K>, value?: Coder<V>): StateSpec<MapState<K, V>> {
  return { kind: 'map', key: keyCoderOr('state.map', key), value: coderOr('state.map', value) };
}

/** Any number of values per map key. The key coder must be deterministic, as for `state.map`. */
function multimap<K extends Key, V>(key?: undefined, value?: Coder<V>): StateSpec<MultimapState<K, V>>;
function multimap<K, V>(key: Coder<K>, value?: Coder<V>): StateSpec<MultimapState<K, V>>;
function multimap<K, V>(key?: Coder<K>, value?: Coder<V>): StateSpec<MultimapState<K, V>> {
  return { kind: 'multimap', key: keyCoderOr('state.multimap', key), value: coderOr('state.multimap', value) };
}

/** Distinct values; equality is that of their encodings, so the coder must be deterministic. */
function set<T extends Key>(): StateSpec<SetState<T>>;
function set<T>(coder: Coder<T>): StateSpec<SetState<T>>;
function set<T>(coder?: Coder<T>): StateSpec<SetState<T>> {
  return { kind: 'set', coder: keyCoderOr('state.set', coder) };
}

/** Values ordered by their timestamps, read and cleared by ranges of time. */
function orderedList<T>(coder?: Coder<T>): StateSpec<OrderedListState<T>> {
  return { kind: 'orderedList', coder: coderOr('state.orderedList', coder) };
}

/** Declares the states of a DoFn on keyed input: `state: { seen: state.value<number>(), last: state.bag(coders.string) }`. */
export const state = { value, bag, combining, map, multimap, set, orderedList } as const;

function coderOr<T>(what: string, coder: Coder<T> | undefined): Coder<unknown> {
  const given = (coder ?? defaultCoder) as Coder<unknown>;
  checkCoder(what, given);
  return given;
}

function keyCoderOr<K>(what: string, coder: Coder<K> | undefined): Coder<unknown> {
  const given = (coder ?? keyCoder) as Coder<unknown>;
  checkCoder(what, given);
  if (given.nonDeterministic !== undefined) {
    throw new PipelineError('KEY_NOT_DETERMINISTIC', `The coder of what ${what}() tells apart is not deterministic`, {
      hint: `${given.nonDeterministic}; use string, integer, boolean, bytes or tuples of these`,
    });
  }
  return given;
}
