import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { type StateService, startStateService } from '../../../../test/support/state-service.ts';
import { ProcessBundleRequest } from '../../../model/fn-execution.ts';
import { type Coder, encodeToBytes } from '../../../sdk/coders/coder.ts';
import { keyCoder, selfContainedCoder } from '../../../sdk/coders/default-coder.ts';
import { MillraceError, RunnerError } from '../../../sdk/errors.ts';
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
import { KeyedEntry } from './keyed-entry.ts';
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

function remote(
  bundle: BundleState,
  transformId: string,
  cache: UserStateCache,
  maxBytes?: number,
  states: StateSpecs = STATES,
): FnKeyedStep {
  return new FnKeyedStep({
    transform: 'T',
    transformId,
    fn: { state: states, process: () => {} } as unknown as StatefulDoFn,
    allowedLateness: 0,
    keyCoder: keyCoder as Coder<unknown>,
    valueCoder: coders.default() as Coder<unknown>,
    isBounded: false,
    windowCoder: WINDOW_FN.coder as Coder<Window>,
    bundle,
    cache,
    timers: { write: () => assert.fail('no timer is set') },
    now: () => 0,
    maxBytes,
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
            assert.equal(step.enter([k, 0], 0, window, NO_FIRING), true);
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

/** A DoFn with its bundles, each of which does something for one key after the other. */
class Harness {
  readonly run = `run${runs++}`;
  readonly cache = new UserStateCache();
  readonly bundle = new BundleState(() => channels.of(service.endpoint));
  readonly step: FnKeyedStep;
  #bundles = 0;

  constructor(states: StateSpecs) {
    this.step = remote(this.bundle, this.run, this.cache, undefined, states);
  }

  /** Runs a bundle; gives how often the runner was asked for state. */
  async process(
    keys: readonly Key[],
    act: (handles: Handles, key: Key) => void,
    request: Partial<ProcessBundleRequest> & { prefetch?: boolean } = {},
  ): Promise<{ readonly read: number; readonly ahead: number }> {
    const { prefetch = false, ...rest } = request;
    const before = (await service.counts()).gets;
    this.bundle.begin(`${this.run}-${this.#bundles++}`);
    this.step.begin(ProcessBundleRequest.create(rest));
    try {
      if (prefetch)
        await this.step.prefetch(
          keys.map((each) => [each, 0]),
          WINDOW,
        );
      const ahead = (await service.counts()).gets - before;
      for (const each of keys) {
        this.step.enter([each, 0], 0, WINDOW, NO_FIRING);
        act(this.step.state, each);
      }
      const read = (await service.counts()).gets - before - ahead;
      this.step.release();
      await this.step.finish();
      return { read, ahead };
    } finally {
      this.bundle.end();
    }
  }

  /** Bytes that the runner has, by state. */
  async stored(): Promise<Record<string, Uint8Array>> {
    const contents = await service.contents(this.run);
    return Object.fromEntries([...contents].map(([name, bytes]) => [name.split('|')[1], bytes]));
  }
}

const WINDOW = new IntervalWindow(0 as Timestamp, SIZE as Timestamp);
const USER_TOKEN = { cacheTokens: [{ userState: {}, token: Buffer.from('t') }] };
const codeOf = (code: string) => (error: unknown) => error instanceof MillraceError && error.code === code;

test('what is only added or replaced is not read', async () => {
  const harness = new Harness({ ...STATES });
  const { read } = await harness.process(['k'], (handles) => {
    (handles.value as ValueState<unknown>).write(1);
    (handles.bag as BagState<unknown>).add(1);
    (handles.sum as CombiningState<number, unknown, number>).add(1);
    (handles.map as MapState<unknown, unknown>).put('a', 1);
    (handles.map as MapState<unknown, unknown>).remove('b');
    (handles.multimap as MultimapState<unknown, unknown>).put('a', 1);
    (handles.set as SetState<unknown>).add('a');
    (handles.list as OrderedListState<unknown>).add({ value: 1, timestamp: 1 as Timestamp });
    (handles.list as OrderedListState<unknown>).clearRange(0 as Timestamp, 1 as Timestamp);
    (handles['bag page=5'] as BagState<unknown>).clear();
  });
  assert.equal(read, 0);
  const again = await harness.process(['k'], (handles) => {
    assert.deepEqual(list((handles.bag as BagState<unknown>).read()), [1]);
    assert.deepEqual(list((handles.map as MapState<unknown, unknown>).entries()), [['a', 1]]);
    assert.equal((handles.value as ValueState<unknown>).read(), 1);
  });
  assert.equal(again.read, 3);
});

test('values and bags are kept as Beam says: nested encodings that any process decodes', async () => {
  const harness = new Harness({ value: state.value(), bag: state.bag(coders.string), sum: state.combining(sum()) });
  await harness.process(['k'], (handles) => {
    (handles.value as ValueState<unknown>).write({ a: [1, { b: 2 }] });
    for (const each of ['é', '']) (handles.bag as BagState<unknown>).add(each);
  });
  const { value, bag } = await harness.stored();
  assert.deepEqual(value, encodeToBytes(selfContainedCoder, { a: [1, { b: 2 }] }, true));
  assert.deepEqual(Buffer.from(bag), Buffer.from([2, 0xc3, 0xa9, 0]));
});

test('a history that has grown longer than what has come of it is written anew, be it read or not', async () => {
  const harness = new Harness({ read: state.map(), unread: state.set(), total: state.combining(sum()) });
  for (let i = 0; i < 200; i++) {
    await harness.process(['k'], (handles) => {
      (handles.unread as SetState<unknown>).add('always the same');
      (handles.total as CombiningState<number, unknown, number>).add(1);
      const read = handles.read as MapState<unknown, unknown>;
      assert.equal(read.get('count') ?? 0, i);
      read.put('count', i + 1);
    });
  }
  for (const [name, bytes] of Object.entries(await harness.stored())) {
    assert.ok(bytes.length < 50 * 20, `${name} takes ${bytes.length} bytes`);
  }
  await harness.process(['k'], (handles) => {
    assert.deepEqual(list((handles.unread as SetState<unknown>).read()), ['always the same']);
    assert.equal((handles.total as CombiningState<number, unknown, number>).read(), 200);
  });
});

test('what has been read for some keys is fetched ahead for the next', async () => {
  const harness = new Harness({ seen: state.value(), never: state.value() });
  const keys = Array.from({ length: 50 }, (_, i) => i);
  const count = (handles: Handles) => {
    const seen = handles.seen as ValueState<number>;
    seen.write((seen.read() ?? 0) + 1);
  };
  assert.deepEqual(await harness.process([...keys, ...keys], count, { prefetch: true }), { read: 50, ahead: 0 });
  assert.deepEqual(await harness.process([...keys, ...keys], count, { prefetch: true }), { read: 0, ahead: 50 });
  assert.deepEqual(await harness.process(keys, count, { prefetch: true, hasNoState: true }), { read: 0, ahead: 0 });
});

test('state is kept from bundle to bundle as long as the runner gives the same token', async () => {
  const harness = new Harness({ n: state.value() });
  const count = (handles: Handles) => {
    const n = handles.n as ValueState<number>;
    n.write((n.read() ?? 0) + 1);
  };
  assert.equal((await harness.process(['a', 'b'], count, USER_TOKEN)).read, 2);
  assert.equal((await harness.process(['a', 'b', 'c'], count, USER_TOKEN)).read, 1);
  const other = { cacheTokens: [{ userState: {}, token: Buffer.from('other') }] } as never;
  assert.equal((await harness.process(['a'], count, other)).read, 1);
  // What a bundle does that fails is forgotten here.
  await assert.rejects(
    harness.process(
      ['b'],
      (handles) => {
        count(handles);
        throw new RunnerError('TEST', 'the bundle fails');
      },
      USER_TOKEN as never,
    ),
    codeOf('TEST'),
  );
  const seen: unknown[] = [];
  const { read } = await harness.process(
    ['b', 'c'],
    (handles) => void seen.push((handles.n as ValueState<number>).read()),
    USER_TOKEN as never,
  );
  assert.deepEqual([seen, read], [[2, 1], 1]);
});

test('what no bundle will ask for again is not written', async () => {
  const harness = new Harness({ n: state.value() });
  const write = (handles: Handles) => (handles.n as ValueState<number>).write(1);
  await harness.process(['a'], write, { onlyBundleForKeys: true, hasNoState: true });
  assert.deepEqual(await harness.stored(), {});
});

test('what the runner refuses, or cannot be encoded, fails the bundle', async () => {
  const refused = new Harness({ refuse: state.value() });
  const write = (handles: Handles) => (handles.refuse as ValueState<number>).write(1);
  await assert.rejects(refused.process(['a'], write), codeOf('STATE_FAILED'));
  await assert.rejects(
    refused.process(['a'], (handles) => void (handles.refuse as ValueState<number>).read()),
    codeOf('STATE_FAILED'),
  );
  const wrong = new Harness({ value: state.value(), bag: state.bag(), map: state.map() });
  await assert.rejects(
    wrong.process(['a'], (handles) => (handles.value as ValueState<unknown>).write(() => 1)),
    (error: MillraceError) => error.code === 'CODER_UNENCODABLE' && error.context.transform === 'T',
  );
  // An addition says so at once, and leaves nothing behind.
  await wrong.process(['a'], (handles) => {
    const [bag, map] = [handles.bag as BagState<unknown>, handles.map as MapState<unknown, unknown>];
    bag.add(1);
    assert.throws(() => bag.add(() => 1), codeOf('CODER_UNENCODABLE'));
    assert.throws(() => map.put('a', () => 1), codeOf('CODER_UNENCODABLE'));
    assert.throws(() => map.remove({}), codeOf('CODER_NOT_A_KEY'));
    assert.deepEqual([list(bag.read()), map.isEmpty()], [[1], true]);
  });
});

test('a bag that comes in many pages is read as it is iterated', async () => {
  const harness = new Harness({ 'bag page=500000': state.bag(coders.string) });
  const items = Array.from({ length: 30 }, (_, i) => String(i % 10).repeat(100_000));
  const bag = (handles: Handles) => handles['bag page=500000'] as BagState<string>;
  await harness.process(['k'], (handles) => {
    for (const each of items) bag(handles).add(each);
  });
  let left: Iterator<string> | undefined;
  await harness.process(['k'], (handles) => {
    const before = bag(handles).read();
    bag(handles).add('x');
    assert.deepEqual([list(before), list(bag(handles).read())], [items, [...items, 'x']]);
    assert.equal(bag(handles).isEmpty(), false);
    left = before[Symbol.iterator]();
    left.next();
    bag(handles).clear();
    assert.deepEqual(list(bag(handles).read()), []);
  });
  assert.throws(() => list(left as IteratorObject<string>), codeOf('STATE_CLOSED'));
  await harness.process(['k'], (handles) => assert.equal(bag(handles).isEmpty(), true));
});

test('the cache of state has a bound', () => {
  const cache = new UserStateCache(1600);
  const entry = (name: string) => new KeyedEntry(name, WINDOW, Buffer.from(name), Buffer.from('w'), 0, true);
  for (const name of ['a', 'b', 'c', 'd', 'e']) cache.put('T', 't', entry(name));
  const found = ['a', 'b', 'e'].map((name) => cache.take('T', 't', 'w', name)?.key);
  assert.deepEqual(found, [undefined, 'b', 'e']);
  assert.equal(cache.take('T', 't', 'w', 'e'), undefined);
  assert.equal(cache.take('T', 'other', 'w', 'c'), undefined);
});

test('a range of an ordered list that has no bounds is refused, as on the DirectRunner', async () => {
  const refuses = (handle: OrderedListState<unknown>) => {
    for (const [min, max] of [
      [Number.NaN, 1],
      [0, undefined],
      ['0', 1],
    ] as [Timestamp, Timestamp][]) {
      assert.throws(() => handle.readRange(min, max), codeOf('STATE_TIMESTAMP'));
      assert.throws(() => handle.clearRange(min, max), codeOf('STATE_TIMESTAMP'));
    }
    handle.add({ value: 1, timestamp: 1 as Timestamp });
    assert.throws(() => handle.clearRange(Number.NaN as Timestamp, 2 as Timestamp), codeOf('STATE_TIMESTAMP'));
    assert.equal(list(handle.readRange(-Infinity as Timestamp, Infinity as Timestamp)).length, 1);
  };
  await new Harness({ list: state.orderedList() }).process(['k'], ({ list }) => refuses(list as never));
  const states = direct();
  states.bind('k', WINDOW, WINDOW.start);
  refuses((states.state as unknown as Handles).list as never);
});
