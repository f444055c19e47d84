import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { defaultCoder, keyCoder } from '../../../sdk/coders/default-coder.ts';
import { DEFAULT_TRIGGER } from '../../../sdk/triggers/triggers.ts';
import type { Key } from '../../../sdk/values.ts';
import { fixed } from '../../../sdk/windows/fixed-windows.ts';
import { GLOBAL_WINDOWING } from '../../../sdk/windows/global-windows.ts';
import { NO_FIRING } from '../../../sdk/windows/pane-info.ts';
import { sessions } from '../../../sdk/windows/session-windows.ts';
import { sliding } from '../../../sdk/windows/sliding-windows.ts';
import type { Timestamp } from '../../../sdk/windows/timestamp.ts';
import { GLOBAL_WINDOW, type Window } from '../../../sdk/windows/window.ts';
import type { TimestampCombiner, WindowFn } from '../../../sdk/windows/window-fn.ts';
import type { WindowingStrategy } from '../../../sdk/windows/windowing-strategy.ts';
import { MemorySpillDisk } from '../spill-disk-memory.ts';
import { CombiningWriter, GroupWriter, mergeCombined, mergeGroups, type Run, removeRun } from './index.ts';
import { KeyDictionary } from './key-dictionary.ts';

interface Element {
  readonly key: Key;
  readonly value: unknown;
  readonly time: number;
}

/** How the work is cut up; none of it may show in the result. */
interface Cut {
  readonly writers: number;
  readonly partitions: number;
  readonly bufferBytes: number;
  readonly inMemoryBytes: number;
  readonly blockBytes: number;
  readonly fanIn: number;
  readonly arrayBytes: number;
}

const cuts: fc.Arbitrary<Cut> = fc.record({
  writers: fc.integer({ min: 1, max: 4 }),
  partitions: fc.integer({ min: 1, max: 7 }),
  bufferBytes: fc.constantFrom(0, 2000, 1 << 20),
  inMemoryBytes: fc.constantFrom(0, 3000, 1 << 20),
  blockBytes: fc.constantFrom(16, 100, 4096),
  fanIn: fc.integer({ min: 2, max: 5 }),
  arrayBytes: fc.constantFrom(0, 60, 1 << 20),
});

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.string({ minLength: 60, maxLength: 300 }),
  fc.constantFrom('', 'a', 'key0000001', 'key0000002'),
);
const keys: fc.Arbitrary<Key> = fc.oneof(
  fc.constantFrom<Key>('a', 'b', 'c', 1, 1n, '1', 0, -0, Number.NaN, true, null),
  text,
  fc.integer(),
  fc.double(),
  fc.bigInt(),
  fc.uint8Array({ maxLength: 6 }),
  fc.tuple(text, fc.integer({ min: 0, max: 3 })),
);
const anyValues = fc.oneof(
  fc.integer(),
  fc.double(),
  text,
  fc.constant(null),
  fc.record({ a: fc.integer(), b: text }, { noNullPrototype: true }),
  fc.constant([1, 'x']),
);
const numbers = fc.oneof(fc.integer(), fc.double());

function elements(value: fc.Arbitrary<unknown>): fc.Arbitrary<Element[]> {
  return fc.array(fc.record({ key: keys, value, time: fc.integer({ min: -5000, max: 60_000 }) }), { maxLength: 80 });
}

const windowFns: readonly WindowFn<Window>[] = [
  GLOBAL_WINDOWING.windowFn,
  fixed('10s') as WindowFn<Window>,
  sliding({ size: '10s', every: '3s' }) as WindowFn<Window>,
  sessions({ gap: '2s' }) as WindowFn<Window>,
];
const windowings: fc.Arbitrary<WindowingStrategy> = fc.record({
  windowFn: fc.constantFrom(...windowFns),
  timestampCombiner: fc.constantFrom<TimestampCombiner>('endOfWindow', 'earliest', 'latest'),
  alreadyMerged: fc.constant(false),
  allowedLateness: fc.constant(0),
  accumulation: fc.constant('discarding' as const),
  trigger: fc.constant(DEFAULT_TRIGGER),
  closing: fc.constant('fireIfNonEmpty' as const),
  onTime: fc.constant('fireAlways' as const),
});

/** One group as a string and its values as sorted strings: what must not depend on the cut. */
type Groups = Map<string, { timestamp: number; values: string[] }>;

function hex(coder: Coder<unknown>, value: unknown): string {
  const out = new ByteWriter();
  coder.encode(value, out, true);
  return out.view().toString('hex');
}

function groupName(key: unknown, window: Window, windowing: WindowingStrategy): string {
  return `${hex(keyCoder as Coder<unknown>, key)} ${hex(windowing.windowFn.coder as Coder<unknown>, window)}`;
}

/** Groups with Maps, one window and one element at a time. */
function reference(input: readonly Element[], windowing: WindowingStrategy): Groups {
  const { windowFn, timestampCombiner } = windowing;
  const byKey = new Map<string, { key: Key; items: { window: Window; element: Element }[] }>();
  for (const element of input) {
    const name = hex(keyCoder as Coder<unknown>, element.key);
    const entry = byKey.get(name) ?? { key: element.key, items: [] };
    byKey.set(name, entry);
    for (const window of windowFn.assign(element.time as Timestamp, element, GLOBAL_WINDOW))
      entry.items.push({ window, element });
  }
  const groups: Groups = new Map();
  for (const { key, items } of byKey.values()) {
    const name = (window: Window) => hex(windowFn.coder as Coder<unknown>, window);
    const distinct = [...new Map(items.map(({ window }) => [name(window), window])).values()];
    const target = new Map<string, Window>();
    for (const merge of windowFn.merge?.(distinct) ?? [])
      for (const source of merge.sources) target.set(name(source), merge.merged);
    for (const { window, element } of items) {
      const final = target.get(name(window)) ?? window;
      const id = groupName(key, final, windowing);
      const group = groups.get(id) ?? {
        timestamp: timestampCombiner === 'endOfWindow' ? final.maxTimestamp : element.time,
        values: [],
      };
      groups.set(id, group);
      if (timestampCombiner === 'earliest') group.timestamp = Math.min(group.timestamp, element.time);
      if (timestampCombiner === 'latest') group.timestamp = Math.max(group.timestamp, element.time);
      group.values.push(hex(defaultCoder, element.value));
    }
  }
  for (const group of groups.values()) group.values.sort();
  return groups;
}

const concat = {
  create: (): string[] => [],
  add: (all: string[], value: unknown) => [...all, hex(defaultCoder, value)],
  merge: (all: Iterable<string[]>) => [...all].flat(),
  extract: (all: string[]) => all,
};

function shuffle(input: readonly Element[], windowing: WindowingStrategy, cut: Cut, how: 'group' | 'combine'): Groups {
  const disk = new MemorySpillDisk();
  const runs: Run[] = [];
  for (let w = 0; w < cut.writers; w++) {
    const { partitions, bufferBytes, inMemoryBytes, blockBytes } = cut;
    const sink = (run: Run) => void runs.push(structuredClone(run));
    const shared = {
      keyCoder: keyCoder as Coder<unknown>,
      windowing,
      partitions,
      bufferBytes,
      inMemoryBytes,
      blockBytes,
      disk,
      name: `map${w}`,
      sink,
    };
    const writer =
      how === 'group'
        ? new GroupWriter({ ...shared, valueCoder: defaultCoder })
        : new CombiningWriter({ ...shared, fn: concat as never });
    input.forEach((element, i) => {
      if (i % cut.writers !== w) return;
      for (const window of windowing.windowFn.assign(element.time as Timestamp, element, GLOBAL_WINDOW)) {
        writer.write([element.key, element.value], element.time, window, NO_FIRING);
      }
    });
    writer.close();
  }
  const groups: Groups = new Map();
  for (let partition = 0; partition < cut.partitions; partition++) {
    const slices = runs.map((run) => ({ run, partition }));
    const { fanIn, arrayBytes, blockBytes } = cut;
    const shared = {
      keyCoder: keyCoder as Coder<unknown>,
      windowing,
      disk,
      name: `reduce${partition}`,
      fanIn,
      arrayBytes,
      blockBytes,
    };
    const add = (group: { key: unknown; window: Window; timestamp: number }, values: string[]) => {
      const name = groupName(group.key, group.window, windowing);
      assert.ok(!groups.has(name), `group ${name} came twice`);
      groups.set(name, { timestamp: group.timestamp, values: values.sort() });
    };
    if (how === 'group') {
      const merged = mergeGroups(slices, { ...shared, valueCoder: defaultCoder });
      while (merged.next()) {
        const values = Array.from(merged.values, (value) => hex(defaultCoder, value));
        assert.deepEqual(
          Array.from(merged.values, (value) => hex(defaultCoder, value)),
          values,
        );
        add(merged, values);
      }
      merged.close();
    } else {
      const merged = mergeCombined(slices, { ...shared, fn: concat as never });
      while (merged.next()) add(merged, merged.value as string[]);
      merged.close();
    }
  }
  for (const run of runs) removeRun(run, disk);
  assert.deepEqual([...disk.files.keys()], [], 'files are left');
  return groups;
}

/** Integers whose hashes are the same in pairs. */
function collidingKeys(): number[] {
  const dictionary = new KeyDictionary(keyCoder as Coder<unknown>);
  const byHash = new Map<number, number>();
  const found: number[] = [];
  for (let key = 0; found.length < 6; key++) {
    const hash = dictionary.hashes[dictionary.idOf(key)];
    const other = byHash.get(hash);
    if (other !== undefined) found.push(other, key);
    else byHash.set(hash, key);
  }
  return found;
}

const sorted = (groups: Groups) => [...groups].sort(([a], [b]) => (a < b ? -1 : 1));

for (const [name, values] of [
  ['numbers', numbers],
  ['any values', anyValues],
] as const) {
  test(`GroupByKey of ${name} is the same however it is cut up`, () => {
    fc.assert(
      fc.property(elements(values), windowings, cuts, (input, windowing, cut) => {
        assert.deepEqual(sorted(shuffle(input, windowing, cut, 'group')), sorted(reference(input, windowing)));
      }),
      { numRuns: 300 },
    );
  });
}

test('Combine is the same however it is cut up', () => {
  fc.assert(
    fc.property(elements(anyValues), windowings, cuts, (input, windowing, cut) => {
      assert.deepEqual(sorted(shuffle(input, windowing, cut, 'combine')), sorted(reference(input, windowing)));
    }),
    { numRuns: 300 },
  );
});

test('keys with the same hash stay apart', () => {
  const colliding = collidingKeys();
  const input = fc.array(
    fc.record({ key: fc.constantFrom(...colliding), value: fc.nat(9), time: fc.integer({ min: 0, max: 30_000 }) }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(input, windowings, cuts, fc.constantFrom('group', 'combine'), (elements, windowing, cut, how) => {
      assert.deepEqual(sorted(shuffle(elements, windowing, cut, how)), sorted(reference(elements, windowing)));
    }),
    { numRuns: 200 },
  );
});

test('a key goes to the same partition whatever its window', () => {
  const disk = new MemorySpillDisk();
  const found = new Set<number>();
  for (const windowFn of windowFns) {
    const runs: Run[] = [];
    const windowing = { ...GLOBAL_WINDOWING, windowFn };
    const shared = {
      keyCoder: keyCoder as Coder<unknown>,
      windowing,
      partitions: 100,
      bufferBytes: 1 << 20,
      inMemoryBytes: 1 << 20,
      disk,
    };
    const writer = new GroupWriter({ ...shared, valueCoder: defaultCoder, name: 'map', sink: (run) => runs.push(run) });
    for (let time = 0; time < 50_000; time += 5000) {
      for (const window of windowFn.assign(time as Timestamp, time, GLOBAL_WINDOW))
        writer.write(['key', time], time, window, NO_FIRING);
    }
    writer.close();
    for (const [partition, bytes] of runs[0].partitionBytes.entries()) if (bytes > 0) found.add(partition);
  }
  assert.equal(found.size, 1);
});
