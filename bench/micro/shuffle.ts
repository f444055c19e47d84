/**
 * What the shuffle costs per element, without the pipeline around it: `node bench/micro/shuffle.ts [scale [name [repeats]]]`.
 *
 * Keys are made anew for each element, as a source makes them; the cost of making them is measured by itself and
 * subtracted. Each figure is the best of several, in CPU time.
 */
import { parseArgs } from 'node:util';
import {
  CombiningWriter,
  GroupWriter,
  mergeCombined,
  mergeGroups,
  type Run,
} from '../../src/runners/core/shuffle/index.ts';
import { MemorySpillDisk } from '../../src/runners/core/spill-disk-memory.ts';
import type { Coder } from '../../src/sdk/coders/coder.ts';
import { defaultCoder, keyCoder } from '../../src/sdk/coders/default-coder.ts';
import type { CombineFn } from '../../src/sdk/combine/combine-fn.ts';
import { fixed } from '../../src/sdk/windows/fixed-windows.ts';
import { GLOBAL_WINDOWING } from '../../src/sdk/windows/global-windows.ts';
import { NO_FIRING } from '../../src/sdk/windows/pane-info.ts';
import type { Timestamp } from '../../src/sdk/windows/timestamp.ts';
import { GLOBAL_WINDOW, type Window } from '../../src/sdk/windows/window.ts';
import type { WindowFn } from '../../src/sdk/windows/window-fn.ts';

const { positionals } = parseArgs({ allowPositionals: true });
const scale = Number(positionals[0] ?? 1);
const only = positionals[1];
const repeats = Number(positionals[2] ?? 3);

type Element = readonly [unknown, unknown];
type MakeElement = (i: number) => Element;

/** Deterministic and fast; the quality of the numbers matters little here. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 0x1000000;
  };
}

/** Strings of one length in a buffer, and which of them to use for each element. */
function stringKeys(
  text: (key: number) => string,
  keys: number,
  pick: (uniform: number) => number,
): (i: number) => string {
  const next = random(1);
  const all = Buffer.from(Array.from({ length: keys }, (_, key) => text(key)).join(''), 'latin1');
  const ends = new Int32Array(keys + 1);
  for (let key = 0; key < keys; key++) ends[key + 1] = ends[key] + text(key).length;
  const picked = Int32Array.from({ length: 1 << 20 }, () => pick(next()));
  return (i) => {
    const key = picked[i & 0xfffff];
    return all.latin1Slice(ends[key], ends[key + 1]);
  };
}

const uniform = stringKeys(
  (key) => `key${String(key).padStart(7, '0')}`,
  100_000,
  (u) => Math.floor(u * 100_000),
);
/** Zipf's law over 50,000 words, by the inverse of the harmonic sum. */
const words = stringKeys(
  (key) => `${'etaoinshrdlu'.slice(0, 3 + (key % 7))}${(key % 97).toString(36)}${key.toString(36)}`,
  50_000,
  (u) => Math.min(49_999, Math.floor(50_000 ** u) - 1),
);

const urls = stringKeys(
  (key) => `https://example.org/products/category/${key % 97}/item-${key}`,
  100_000,
  (u) => Math.floor(u * u * 100_000),
);

const disk = new MemorySpillDisk();
const count: CombineFn<unknown, number, number> = {
  create: () => 0,
  add: (n) => n + 1,
  merge: (all) => {
    let sum = 0;
    for (const n of all) sum += n;
    return sum;
  },
  extract: (n) => n,
};
const sum: CombineFn<number, number, number> = { ...count, add: (a, b) => a + b };

function writerOptions(runs: Run[], windowing = GLOBAL_WINDOWING) {
  return {
    keyCoder: keyCoder as Coder<unknown>,
    windowing,
    partitions: 4,
    bufferBytes: 64 << 20,
    inMemoryBytes: Number.POSITIVE_INFINITY,
    disk,
    name: 'bench',
    sink: (run: Run) => void runs.push(run),
  };
}

function best(measure: () => number): number {
  return Math.min(...Array.from({ length: repeats }, measure));
}

/** CPU time of this thread: other work on the machine shows less than on the clock. */
function seconds(action: () => void): number {
  const start = process.threadCpuUsage();
  action();
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1e6;
}

function report(name: string, elements: number, time: number, groups?: number): void {
  const perGroup = groups === undefined ? '' : `, ${((time / groups) * 1e9).toFixed(0)} ns/group`;
  console.log(`${name.padEnd(52)} ${((time / elements) * 1e9).toFixed(1).padStart(7)} ns/element${perGroup}`);
}

function produce(make: MakeElement, n: number): number {
  let used = 0;
  for (let i = 0; i < n; i++) if (make(i)[0] !== '') used++;
  return used;
}

function bench(
  name: string,
  rows: number,
  make: MakeElement,
  fn?: CombineFn<never, number, unknown>,
  value: Coder<unknown> = defaultCoder,
): void {
  if (only !== undefined && !name.includes(only)) return;
  const n = Math.round(rows * scale);
  const making = best(() => seconds(() => produce(make, n)));
  let runs: Run[] = [];
  const writing = best(() => {
    runs = [];
    const options = writerOptions(runs);
    const writer =
      fn === undefined
        ? new GroupWriter({ ...options, valueCoder: value })
        : new CombiningWriter({ ...options, fn: fn as never });
    return seconds(() => {
      for (let i = 0; i < n; i++) writer.write(make(i), 0, GLOBAL_WINDOW, NO_FIRING);
      writer.close();
    });
  });
  report(`${name}: make the elements`, n, making);
  report(`${name}: write`, n, writing - making);
  let groups = 0;
  let values = 0;
  const merging = best(() => {
    groups = 0;
    values = 0;
    return seconds(() => {
      for (let partition = 0; partition < 4; partition++) {
        const slices = runs.map((run) => ({ run, partition }));
        const options = { ...writerOptions([]), valueCoder: value, fn: fn as never };
        if (fn === undefined) {
          const merged = mergeGroups(slices, options);
          for (; merged.next(); groups++) for (const _ of merged.values) values++;
        } else {
          const merged = mergeCombined(slices, options);
          for (; merged.next(); groups++) values++;
        }
      }
    });
  });
  report(`${name}: merge ${runs.length} runs`, fn === undefined ? values : n, merging, groups);
}

bench('group numbers', 5e6, (i) => [uniform(i), i * 7919]);
bench('group strings', 2e6, (i) => [uniform(i), 'some value']);
bench('group objects', 2e6, (i) => [uniform(i), { user: i, amount: 12.5, city: 'Oslo' }]);
bench('sum', 5e6, (i) => [uniform(i), i], sum);
bench('count words', 25e6, (i) => [words(i), 1], count);
bench('count long keys', 2e6, (i) => [urls(i), 1], count);
bench('count integer keys', 5e6, (i) => [i % 100_000, 1], count);

if (only === undefined || 'windows'.includes(only)) {
  const n = Math.round(1e6 * scale);
  const windowing = {
    ...GLOBAL_WINDOWING,
    windowFn: fixed('1m') as WindowFn<Window> as typeof GLOBAL_WINDOWING.windowFn,
  };
  const assign = windowing.windowFn.assignOne as (time: Timestamp) => never;
  const next = random(3);
  const times = Float64Array.from({ length: n }, (_, i) => 1.7e12 + i * 10 - Math.floor(next() * 30_000));
  const keys = stringKeys(
    (key) => `s${key}`,
    1000,
    (u) => Math.floor(u * u * 1000),
  );
  const making = best(() => seconds(() => produce((i) => [keys(i), assign(times[i] as Timestamp)], n)));
  const writing = best(() => {
    const writer = new CombiningWriter({ ...writerOptions([], windowing), fn: count as never });
    return seconds(() => {
      for (let i = 0; i < n; i++) writer.write([keys(i), 1], times[i], assign(times[i] as Timestamp), NO_FIRING);
      writer.close();
    });
  });
  report('count in one-minute windows: write', n, writing - making);
}
