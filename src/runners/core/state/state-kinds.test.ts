import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
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
  type TimestampedValue,
  type ValueState,
} from '../../../sdk/index.ts';
import type { StateSpec } from '../../../sdk/state/state-spec.ts';
import { keyText } from '../../../sdk/values.ts';
import { fixed } from '../../../sdk/windows/fixed-windows.ts';
import { GLOBAL_WINDOWING } from '../../../sdk/windows/global-windows.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import { IntervalWindow } from '../../../sdk/windows/window.ts';
import type { WindowFn } from '../../../sdk/windows/window-fn.ts';
import { KeyedStates } from './keyed-states.ts';
import { LogStateBackend } from './log-state-backend.ts';
import type { StateBackend } from './state-backend.ts';
import { StateDiskMemory } from './state-disk-memory.ts';

/** The plain twin of a state: everything in arrays, nothing clever. */
interface Plain {
  cleared(): void;
}

interface Kind<H, P extends Plain> {
  readonly spec: () => StateSpec<H>;
  readonly plain: () => P;
  /** Does the same with both, and gives what is seen. */
  readonly actions: readonly ((handle: H, plain: P, n: number) => readonly [seen: unknown, expected: unknown])[];
}

/** Keys of many types; 1 and 1n are two, 0 and −0 one. */
const KEYS: readonly Key[] = [
  'a',
  '',
  '\0',
  1,
  1n,
  true,
  0,
  -0,
  'é',
  ['a', 1],
  new Uint8Array([1]),
  1.5,
  null,
  2n ** 70n,
];
const keyOf = (n: number): Key => KEYS[n % KEYS.length];
const list = <T>(items: Iterable<T>): T[] => [...items];

const value: Kind<ValueState<unknown>, Plain & { value: unknown }> = {
  spec: () => state.value<unknown>(),
  plain: () => ({
    value: undefined,
    cleared() {
      this.value = undefined;
    },
  }),
  actions: [
    (handle, plain) => [handle.read(), plain.value],
    (handle, plain) => [handle.readLater().read(), plain.value],
    (handle, plain, n) => {
      const written = [null, 0, '', { n }, [n], undefined, n][n % 7];
      handle.write(written);
      plain.value = written;
      return [handle.read(), written];
    },
  ],
};

const bag: Kind<BagState<string>, Plain & { items: string[] }> = {
  spec: () => state.bag(coders.string),
  plain: () => ({
    items: [],
    cleared() {
      this.items = [];
    },
  }),
  actions: [
    (handle, plain) => [list(handle.read()), plain.items],
    (handle, plain) => [handle.isEmpty(), plain.items.length === 0],
    (handle, plain, n) => {
      const before = handle.read();
      const expected = [...plain.items];
      handle.add(`${n}`);
      plain.items.push(`${n}`);
      return [list(before), expected];
    },
  ],
};

const combining: Kind<CombiningState<number, unknown, number>, Plain & { inputs: number[] }> = {
  spec: () => state.combining(sum()),
  plain: () => ({
    inputs: [],
    cleared() {
      this.inputs = [];
    },
  }),
  actions: [
    (handle, plain) => [handle.read(), plain.inputs.reduce((a, b) => a + b, 0)],
    (handle, plain) => [handle.isEmpty(), plain.inputs.length === 0],
    (handle, plain, n) => {
      handle.add(n);
      plain.inputs.push(n);
      return [0, 0];
    },
    (handle, plain, n) => {
      const { fn } = state.combining(sum()) as unknown as { fn: ReturnType<typeof sum> };
      handle.addAccumulator(fn.add(fn.create(), n));
      plain.inputs.push(n);
      return [0, 0];
    },
  ],
};

const map: Kind<MapState<Key, number>, Plain & { entries: [Key, number][] }> = {
  spec: () => state.map<Key, number>(),
  plain: () => ({
    entries: [],
    cleared() {
      this.entries = [];
    },
  }),
  actions: [
    (handle, plain, n) => [handle.get(keyOf(n)), found(plain.entries, keyOf(n))?.[1]],
    (handle, plain, n) => [handle.has(keyOf(n)), found(plain.entries, keyOf(n)) !== undefined],
    (handle, plain, n) => {
      handle.put(keyOf(n), n);
      put(plain.entries, keyOf(n), n);
      return [list(handle.values()), plain.entries.map(([, each]) => each)];
    },
    (handle, plain, n) => {
      const known = found(plain.entries, keyOf(n))?.[1];
      if (known === undefined) put(plain.entries, keyOf(n), n + 1000);
      return [handle.computeIfAbsent(keyOf(n), () => n + 1000), known ?? n + 1000];
    },
    (handle, plain, n) => {
      handle.remove(keyOf(n));
      plain.entries = plain.entries.filter(([key]) => keyText(key) !== keyText(keyOf(n)));
      return [handle.isEmpty(), plain.entries.length === 0];
    },
    (handle, plain) => [
      list(handle.entries()).map(([key, each]) => [keyText(key), each]),
      plain.entries.map(([key, each]) => [keyText(key), each]),
    ],
    (handle, plain) => [list(handle.keys()).map(keyText), plain.entries.map(([key]) => keyText(key))],
  ],
};

const multimap: Kind<MultimapState<Key, number>, Plain & { entries: [Key, number[]][] }> = {
  spec: () => state.multimap<Key, number>(),
  plain: () => ({
    entries: [],
    cleared() {
      this.entries = [];
    },
  }),
  actions: [
    (handle, plain, n) => [list(handle.get(keyOf(n))), found(plain.entries, keyOf(n))?.[1] ?? []],
    (handle, plain, n) => [handle.has(keyOf(n)), found(plain.entries, keyOf(n)) !== undefined],
    (handle, plain, n) => {
      handle.put(keyOf(n), n);
      const known = found(plain.entries, keyOf(n));
      if (known === undefined) plain.entries.push([keyOf(n), [n]]);
      else known[1].push(n);
      return [handle.isEmpty(), false];
    },
    (handle, plain, n) => {
      handle.remove(keyOf(n));
      plain.entries = plain.entries.filter(([key]) => keyText(key) !== keyText(keyOf(n)));
      return [list(handle.keys()).map(keyText), plain.entries.map(([key]) => keyText(key))];
    },
    (handle, plain) => [
      list(handle.entries()).map(([key, each]) => [keyText(key), each]),
      plain.entries.flatMap(([key, values]) => values.map((each) => [keyText(key), each])),
    ],
  ],
};

const set: Kind<SetState<Key>, Plain & { items: Key[] }> = {
  spec: () => state.set<Key>(),
  plain: () => ({
    items: [],
    cleared() {
      this.items = [];
    },
  }),
  actions: [
    (handle, plain, n) => {
      const isNew = !plain.items.some((each) => keyText(each) === keyText(keyOf(n)));
      if (isNew) plain.items.push(keyOf(n));
      return [handle.addIfAbsent(keyOf(n)), isNew];
    },
    (handle, plain, n) => {
      if (!plain.items.some((each) => keyText(each) === keyText(keyOf(n)))) plain.items.push(keyOf(n));
      handle.add(keyOf(n));
      return [handle.isEmpty(), false];
    },
    (handle, plain, n) => [handle.has(keyOf(n)), plain.items.some((each) => keyText(each) === keyText(keyOf(n)))],
    (handle, plain, n) => {
      handle.remove(keyOf(n));
      plain.items = plain.items.filter((each) => keyText(each) !== keyText(keyOf(n)));
      return [handle.isEmpty(), plain.items.length === 0];
    },
    (handle, plain) => [list(handle.read()).map(keyText), plain.items.map(keyText)],
  ],
};

const orderedList: Kind<OrderedListState<number>, Plain & { items: TimestampedValue<number>[] }> = {
  spec: () => state.orderedList(coders.double),
  plain: () => ({
    items: [],
    cleared() {
      this.items = [];
    },
  }),
  actions: [
    (handle, plain, n) => {
      const item = { value: n, timestamp: ((n * 7) % 20) as Timestamp };
      handle.add(item);
      // A stable sort keeps those of the same time in their order.
      plain.items = [...plain.items, item].sort((a, b) => a.timestamp - b.timestamp);
      return [handle.isEmpty(), false];
    },
    (handle, plain) => [list(handle.read()), plain.items],
    (handle, plain, n) => {
      const [min, max] = [(n % 20) as Timestamp, ((n % 20) + (n % 9) - 1) as Timestamp];
      return [
        list(handle.readRange(min, max)),
        plain.items.filter(({ timestamp }) => timestamp >= min && timestamp < max),
      ];
    },
    (handle, plain, n) => {
      const [min, max] = [(n % 20) as Timestamp, ((n % 20) + (n % 9) - 1) as Timestamp];
      handle.clearRange(min, max);
      plain.items = plain.items.filter(({ timestamp }) => timestamp < min || timestamp >= max);
      return [list(handle.read()), plain.items];
    },
  ],
};

function found<V>(entries: readonly (readonly [Key, V])[], key: Key): readonly [Key, V] | undefined {
  return entries.find(([each]) => keyText(each) === keyText(key));
}

function put(entries: [Key, number][], key: Key, n: number): void {
  const known = entries.find(([each]) => keyText(each) === keyText(key));
  if (known === undefined) entries.push([key, n]);
  else known[1] = n;
}

/** What happens to the state between two actions, and must not be noticed. */
const CHAOS = ['nothing', 'nothing', 'flush', 'commit', 'restore', 'reopen'] as const;

interface Step {
  readonly key: number;
  readonly window: number;
  readonly action: number;
  readonly n: number;
  readonly chaos: (typeof CHAOS)[number];
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    key: fc.nat(KEYS.length - 1),
    window: fc.nat(2),
    action: fc.nat(100),
    n: fc.nat(40),
    chaos: fc.constantFrom(...CHAOS),
  }),
  { maxLength: 80, size: 'max' },
);

const WINDOWING = { ...GLOBAL_WINDOWING, windowFn: fixed('1h') as unknown as WindowFn<Window> };
const WINDOWS = [0, 1, 2].map(
  (i) => new IntervalWindow((i * 3_600_000) as Timestamp, ((i + 1) * 3_600_000) as Timestamp),
);

function check<H extends { clear(): void }, P extends Plain>({ spec, plain, actions }: Kind<H, P>): void {
  fc.assert(
    fc.property(steps, fc.boolean(), fc.constantFrom(0, 8, 40, undefined), (all, durable, listBytes) => {
      const disk = new StateDiskMemory();
      const open = () => (durable ? new LogStateBackend(disk, { segment: 8192, frame: 512, slack: 4096 }) : memory);
      const memory = new LogStateBackend(new StateDiskMemory());
      let backend: StateBackend = open();
      // A budget of nothing moves every entry out after every element.
      const make = () =>
        new KeyedStates({
          transform: 'T',
          fn: { state: { s: spec() }, process: () => {} } as never,
          windowing: WINDOWING,
          keyCoder: keyCoder as never,
          valueCoder: coders.default(),
          backend,
          budget: durable ? 0 : 3000,
          listBytes,
        });
      let states = make();
      const expected = new Map<string, P>();
      for (const { key, window, action, n, chaos } of all) {
        states.bind(keyOf(key), WINDOWS[window], WINDOWS[window].start);
        const name = `${keyText(keyOf(key))} ${window}`;
        let twin = expected.get(name);
        if (twin === undefined) expected.set(name, (twin = plain()));
        const handle = states.state.s as H;
        const which = action % (actions.length + 1);
        if (which === actions.length) {
          handle.clear();
          twin.cleared();
        } else {
          const [seen, wanted] = actions[which](handle, twin, n);
          assert.deepEqual(seen, wanted);
        }
        if (chaos === 'nothing') continue;
        states.flush();
        if (chaos === 'flush') continue;
        backend.commit();
        if (chaos === 'restore') states.restore();
        if (chaos !== 'reopen') continue;
        backend = open();
        states = make();
        states.restore();
      }
      for (const { key, window } of all) {
        states.bind(keyOf(key), WINDOWS[window], WINDOWS[window].start);
        (states.state.s as H).clear();
      }
      states.flush();
      assert.equal(backend.count('lists:T'), 0, 'nothing is left of lists that are gone');
    }),
    { numRuns: 100 },
  );
}

test('value state is a value, wherever it is kept', () => check(value));
test('bag state is a list, wherever it is kept', () => check(bag));
test('combining state is what its inputs combine to, wherever it is kept', () => check(combining));
test('map state is a map, wherever it is kept', () => check(map));
test('multimap state is a map of lists, wherever it is kept', () => check(multimap));
test('set state is a set, wherever it is kept', () => check(set));
test('ordered list state is a list sorted by time, wherever it is kept', () => check(orderedList));
