import type { Coder } from '../coders/coder.ts';
import { any } from '../combine/any.ts';
import { combinePerKey } from '../combine/combine.ts';
import type { CombineFn } from '../combine/combine-fn.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import { type PTransform, transform } from '../pipeline/p-transform.ts';
import { state } from '../state/state.ts';
import type { ValueState } from '../state/state-handles.ts';
import type { StateSpec, StateSpecs } from '../state/state-spec.ts';
import type { Key, KV } from '../values.ts';
import type { Window } from '../windows/window.ts';
import type { WindowingStrategy } from '../windows/windowing-strategy.ts';
import type { DoFn } from './do-fn.ts';
import { keyBy, keys, map } from './element-wise.ts';
import { parDo } from './par-do.ts';

/**
 * Each element once per window (Beam's Distinct), with the first pane that has it: where a trigger or the allowed lateness
 * gives a window several panes, a key is remembered until its window expires. A session that grows is another window.
 * Elements that are no keys need `by`: of the elements for which it gives equal values any one is kept (Beam's
 * withRepresentativeValueFn).
 */
export function distinct<T extends Key, W extends Window>(): PTransform<PCollection<T, W>, PCollection<T, W>>;
export function distinct<T, W extends Window>(
  by: (element: T) => Key,
): PTransform<PCollection<T, W>, PCollection<T, W>>;
export function distinct<T, W extends Window>(
  by?: (element: T) => Key,
): PTransform<PCollection<T, W>, PCollection<T, W>> {
  return by === undefined
    ? (distinctKeys<Key, W>() as unknown as PTransform<PCollection<T, W>, PCollection<T, W>>)
    : distinctBy(by);
}

const PRESENT: CombineFn<null, null, null> = {
  name: 'Present',
  create: () => null,
  add: () => null,
  merge: () => null,
  extract: () => null,
};

function distinctKeys<T extends Key, W extends Window>(): PTransform<PCollection<T, W>, PCollection<T, W>> {
  return transform('Distinct', (input) =>
    oncePerWindow(
      input.node.windowing,
      input
        .apply(map<T, KV<T, null>, W>('ElementAsKey', (element) => [element, null]))
        .apply(combinePerKey<T, null, null, null, W>(PRESENT)),
      () => true,
    ).apply(keys<T, null, W>()),
  );
}

function distinctBy<T, W extends Window>(by: (element: T) => Key): PTransform<PCollection<T, W>, PCollection<T, W>> {
  return transform('Distinct', (input) =>
    oncePerWindow(
      input.node.windowing,
      input
        .apply(keyBy<T, Key, W>('RepresentativeAsKey', by))
        .apply(combinePerKey<Key, T, T[], readonly T[], W>(any(1))),
      (elements) => elements.length > 0,
    )
      .apply(map<KV<Key, readonly T[]>, T, W>('Element', ([, [element]]) => element))
      .withCoder(input.node.coder as Coder<T>),
  );
}

/** Of the panes of a key and window, the first that has something. */
function oncePerWindow<K, V, W extends Window>(
  { trigger, allowedLateness }: WindowingStrategy,
  combined: PCollection<KV<K, V>, W>,
  hasElement: (value: V) => boolean,
): PCollection<KV<K, V>, W> {
  if (trigger.kind === 'default' && allowedLateness === 0) return combined;
  return combined.apply(
    parDo('FirstPane', firstPane<K, V, W>(hasElement, combined.node.coder as Coder<KV<K, V>>)),
  ) as PCollection<KV<K, V>, W>;
}

interface SeenState extends StateSpecs {
  readonly exists: StateSpec<ValueState<boolean>>;
}

function firstPane<K, V, W extends Window>(
  hasElement: (value: V) => boolean,
  coder: Coder<KV<K, V>>,
): DoFn<KV<K, V>, KV<K, V>, {}, {}, W, SeenState> {
  return {
    coder: coder as never,
    state: { exists: state.value<boolean>() },
    process(pane, { state }) {
      if (!hasElement(pane[1]) || state.exists.read() === true) return [];
      state.exists.write(true);
      return [pane];
    },
  };
}
