import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { type StateService, startStateService } from '../../../../test/support/state-service.ts';
import { ProcessBundleRequest } from '../../../model/fn-execution.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { keyCoder } from '../../../sdk/coders/default-coder.ts';
import {
  type BagState,
  type CombiningState,
  coders,
  type Key,
  type MapState,
  type MultimapState,
  type OrderedListState,
  type SetState,
  state,
  sum,
  type Timestamp,
  type ValueState,
} from '../../../sdk/index.ts';
import type { StatefulDoFn } from '../../../sdk/state/check-stateful.ts';
import type { StateSpecs } from '../../../sdk/state/state-spec.ts';
import { fixed } from '../../../sdk/windows/fixed-windows.ts';
import { GLOBAL_WINDOWING } from '../../../sdk/windows/global-windows.ts';
import { NO_FIRING } from '../../../sdk/windows/pane-info.ts';
import { IntervalWindow, type Window } from '../../../sdk/windows/window.ts';
import type { WindowFn } from '../../../sdk/windows/window-fn.ts';
import { KeyedStates } from '../../core/state/keyed-states.ts';
import { LogStateBackend } from '../../core/state/log-state-backend.ts';
import { StateDiskMemory } from '../../core/state/state-disk-memory.ts';
import { BundleState } from './bundle-state.ts';
import { FnKeyedStep } from './fn-keyed-step.ts';
import { StateChannels } from './state-channels.ts';
import { UserStateCache } from './user-state-cache.ts';

let service: StateService;
let channels: StateChannels;
let runs = 0;

before(async () => {
  service = await startStateService();
  channels = new StateChannels({ workerId: 'w', answerMillis: 20_000 });
});

after(async () => {
  await channels.close();
  await service.close();
});

/** By state; a service gives those called so in pages of so many bytes. */
const STATES: StateSpecs = {
  value: state.value(),
  'value page=3': state.value(),
  bag: state.bag(),
  'bag page=5': state.bag(coders.string),
  sum: state.combining(sum()),
  'sum page=1': state.combining(sum()),
  map: state.map<Key, unknown>(),
  'map page=7': state.map(coders.string, coders.double),
  multimap: state.multimap<Key, unknown>(),
  'multimap page=2': state.multimap(coders.string, coders.double),
  set: state.set(),
  'set page=4': state.set(coders.string),
  list: state.orderedList(),
  'list page=6': state.orderedList(coders.string),
};

const list = <T>(items: Iterable<T>): T[] => [...items];
const word = (n: number) => ['', 'a', 'b', 'é', 'longer than that'][n % 5];
const key = (n: number): Key => ['a', 1, 1n, true, null, ['a', 1], 2n ** 70n][n % 7];
const any = (n: number): unknown => [n, word(n), null, { n, word: word(n) }, [n, [n]], { [word(n)]: { n } }][n % 6];
type Handles = Readonly<Record<string, unknown>>;
type Operation = (handles: Handles, n: number) => unknown;

function operations(name: string): readonly Operation[] {
  const plain = name.includes('page');
  const of = plain ? (n: number) => word(n) : any;
  const keyOf = plain ? (n: number) => word(n) : key;
  const content = plain ? (n: number) => n / 2 : any;
  const clear: Operation = (handles) => (handles[name] as ValueState<unknown>).clear();
  const isEmpty: Operation = (handles) => (handles[name] as BagState<unknown>).isEmpty();
  switch (name.split(' ')[0]) {
    case 'value': {
      const handle = (handles: Handles) => handles[name] as ValueState<unknown>;
      return [clear, (h) => handle(h).read(), (h, n) => handle(h).write(n % 5 === 0 ? undefined : any(n))];
    }
    case 'bag': {
      const handle = (handles: Handles) => handles[name] as BagState<unknown>;
      const add: Operation = (h, n) => handle(h).add(of(n));
      return [clear, isEmpty, add, add, add, (h) => list(handle(h).read())];
    }
    case 'sum': {
      const handle = (handles: Handles) => handles[name] as CombiningState<number, unknown, number>;
      const add: Operation = (h, n) => handle(h).add(n);
      return [clear, isEmpty, add, add, (h) => handle(h).read()];
    }
    case 'map': {
      const handle = (handles: Handles) => handles[name] as MapState<unknown, unknown>;
      const put: Operation = (h, n) => handle(h).put(keyOf(n), content(n));
      return [
        clear,
        isEmpty,
        put,
        put,
        (h, n) => handle(h).remove(keyOf(n)),
        (h, n) => handle(h).get(keyOf(n)),
        (h, n) => handle(h).has(keyOf(n)),
        (h, n) => handle(h).computeIfAbsent(keyOf(n), () => content(n + 1)),
        (h) => list(handle(h).keys()),
        (h) => list(handle(h).values()),
        (h) => list(handle(h).entries()),
      ];
    }
    case 'multimap': {
      const handle = (handles: Handles) => handles[name] as MultimapState<unknown, unknown>;
      const put: Operation = (h, n) => handle(h).put(keyOf(n), content(n));
      return [
        clear,
        isEmpty,
        put,
        put,
        put,
        (h, n) => handle(h).remove(keyOf(n)),
        (h, n) => list(handle(h).get(keyOf(n))),
        (h, n) => handle(h).has(keyOf(n)),
        (h) => list(handle(h).keys()),
        (h) => list(handle(h).entries()),
      ];
    }
    case 'set': {
      const handle = (handles: Handles) => handles[name] as SetState<unknown>;
      const add: Operation = (h, n) => handle(h).add(keyOf(n));
      return [
        clear,
        isEmpty,
        add,
        add,
        (h, n) => handle(h).addIfAbsent(keyOf(n)),
        (h, n) => handle(h).remove(keyOf(n)),
        (h, n) => handle(h).has(keyOf(n)),
        (h) => list(handle(h).read()),
      ];
    }
    default: {
      const handle = (handles: Handles) => handles[name] as OrderedListState<unknown>;
      const add: Operation = (h, n) => handle(h).add({ value: of(n), timestamp: ((n * 7) % 13) as Timestamp });
      return [
        clear,
        isEmpty,
        add,
        add,
        add,
        (h) => list(handle(h).read()),
        (h, n) => list(handle(h).readRange((n % 9) as Timestamp, (n % 14) as Timestamp)),
        (h, n) => handle(h).clearRange((n % 9) as Timestamp, (n % 14) as Timestamp),
      ];
    }
  }
}

const ALL = new Map(Object.keys(STATES).map((name) => [name, operations(name)]));
const SIZE = 100;
const FN = { state: STATES, process: () => {} } as unknown as StatefulDoFn;
const WINDOW_FN = fixed(`${SIZE}ms`) as unknown as WindowFn<Window>;

function direct(): KeyedStates {
  return new KeyedStates({
    transform: 'T',
    fn: FN,
    windowing: { ...GLOBAL_WINDOWING, windowFn: WINDOW_FN },
    keyCoder: keyCoder as Coder<unknown>,
    valueCoder: coders.default(),
    backend: new LogStateBackend(new StateDiskMemory()),
    budget: 1_000_000,
  });
}

function remote(bundle: BundleState, transformId: string, cache: UserStateCache, maxBytes?: number): FnKeyedStep {
  return new FnKeyedStep({
    transform: 'T',
    transformId,
    fn: FN,
    allowedLateness: 0,
    keyCoder: keyCoder as Coder<unknown>,
    windowCoder: WINDOW_FN.coder as Coder<Window>,
    bundle,
    cache,
    timers: { write: () => assert.fail('no timer is set') },
    now: () => 0,
    ...(maxBytes === undefined ? {} : { maxBytes }),
  });
}

interface Element {
  readonly key: number;
  readonly window: number;
  readonly calls: readonly (readonly [state: string, operation: number, n: number])[];
}

const element: fc.Arbitrary<Element> = fc.record({
  key: fc.nat(3),
  window: fc.nat(1),
  calls: fc.array(fc.tuple(fc.constantFrom(...ALL.keys()), fc.nat(20), fc.nat(30)), { maxLength: 8 }),
});

const bundleOf = fc.record({
  elements: fc.array(element, { minLength: 1, maxLength: 8 }),
  token: fc.constantFrom(undefined, undefined, 'one', 'one', 'two'),
  prefetch: fc.boolean(),
  /** Which of two harness threads of work takes it. */
  step: fc.nat(1),
});

test('whatever is done, in whichever bundles, state is what it is on the DirectRunner', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(bundleOf, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(undefined, 0, 3000),
      async (bundles, maxBytes) => {
        const run = `run${runs++}`;
        const reference = direct();
        const cache = new UserStateCache(20_000);
        const states = [0, 1].map(() => new BundleState(() => channels.of(service.endpoint)));
        const steps = states.map((bundle) => remote(bundle, run, cache, maxBytes));
        for (const [i, { elements, token, prefetch, step: which }] of bundles.entries()) {
          const [step, bundle] = [steps[which], states[which]];
          bundle.begin(`${run}-${i}`);
          const cacheTokens =
            token === undefined ? [] : [{ userState: {}, token: Buffer.from(`${token} of ${versionOf(bundles, i)}`) }];
          step.begin(ProcessBundleRequest.create({ cacheTokens, hasNoState: i === 0 }));
          const inputs = elements.map((each) => ({
            ...each,
            window: new IntervalWindow((each.window * SIZE) as Timestamp, ((each.window + 1) * SIZE) as Timestamp),
          }));
          if (prefetch) {
            await step.prefetch(
              inputs.map((each) => [each.key, 0]),
              inputs.map(({ window }) => window),
            );
          }
          for (const { key: k, window, calls } of inputs) {
            reference.enter([k, 0], 0, window, NO_FIRING);
            assert.equal(step.enter([k, 0], 0, window), true);
            for (const [name, operation, n] of calls) {
              const known = ALL.get(name) as readonly Operation[];
              const call = known[operation % known.length];
              assert.deepEqual(call(step.state, n), call(reference.state, n), `${name}, ${call}`);
            }
          }
          reference.release();
          step.release();
          await step.finish();
          bundle.end();
        }
      },
    ),
    { numRuns: 300 },
  );
});

/** A runner that gives no token for a while must not give one that it gave before. */
function versionOf(bundles: readonly { readonly token: string | undefined }[], end: number): number {
  return bundles.slice(0, end).filter(({ token }, i) => token !== bundles[end].token && i < end).length;
}
