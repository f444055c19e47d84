import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { defaultCoder, keyCoder } from '../../../sdk/coders/default-coder.ts';
import { doubleCoder } from '../../../sdk/coders/double-coder.ts';
import { stringCoder } from '../../../sdk/coders/string-coder.ts';
import { IoError, MillraceError } from '../../../sdk/errors.ts';
import { GLOBAL_WINDOWING } from '../../../sdk/windows/global-windows.ts';
import { NO_FIRING } from '../../../sdk/windows/pane-info.ts';
import { GLOBAL_WINDOW } from '../../../sdk/windows/window.ts';
import { MemorySpillDisk, type SpillFault } from '../spill-disk-memory.ts';
import {
  CombiningWriter,
  GroupWriter,
  mergeCombined,
  mergeGroups,
  type Run,
  removeRun,
  type ShuffleWriterOptions,
} from './index.ts';

const ROWS = 300;

function writerOptions(disk: MemorySpillDisk, runs: Run[]): ShuffleWriterOptions {
  return {
    keyCoder: keyCoder as Coder<unknown>,
    windowing: GLOBAL_WINDOWING,
    partitions: 2,
    bufferBytes: 9000,
    inMemoryBytes: 0,
    blockBytes: 200,
    disk,
    name: 'map',
    sink: (run) => void runs.push(run),
  };
}

/** Writes and merges; gives the number of values, or throws what the disk throws. Leaves no files in either case. */
function run(disk: MemorySpillDisk, between: (runs: readonly Run[]) => void = () => undefined): number {
  const runs: Run[] = [];
  const valueCoder = defaultCoder;
  try {
    const options = writerOptions(disk, runs);
    const writer = new GroupWriter({ ...options, valueCoder });
    for (let i = 0; i < ROWS; i++) writer.write([`key ${i % 50}`, `value ${i}`], 0, GLOBAL_WINDOW, NO_FIRING);
    writer.close();
    between(runs);
    let values = 0;
    for (let partition = 0; partition < 2; partition++) {
      const slices = runs.map((run) => ({ run, partition }));
      const groups = mergeGroups(slices, {
        ...options,
        name: `reduce${partition}`,
        valueCoder,
        fanIn: 2,
        arrayBytes: partition * 1000,
      });
      try {
        while (groups.next()) for (const _ of groups.values) values++;
      } finally {
        groups.close();
      }
    }
    return values;
  } finally {
    for (const run of runs) removeRun(run, disk);
  }
}

test('a disk that fails at any operation is an error, and no file stays', () => {
  let operations = 0;
  const count: SpillFault = () => void operations++;
  assert.equal(run(new MemorySpillDisk(count)), ROWS);
  assert.ok(operations > 100);
  for (let failing = 0; failing < operations; failing++) {
    let at = 0;
    const disk = new MemorySpillDisk(({ kind, name }) => {
      if (at++ === failing && kind !== 'remove') throw new IoError('SPILL_FAILED', `no ${kind}`, { resource: name });
    });
    let values = ROWS;
    try {
      values = run(disk);
    } catch (error) {
      assert.ok(error instanceof IoError && error.code === 'SPILL_FAILED');
    }
    assert.equal(values, ROWS);
    assert.deepEqual(disk.list(''), []);
  }
});

test('a run damaged on disk is an error and never another result', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), (which, at, flip) => {
      const disk = new MemorySpillDisk();
      assert.throws(
        () =>
          run(disk, (runs) => {
            const damaged = runs[which % runs.length];
            assert.ok(damaged.kind === 'disk');
            const file = disk.files.get(damaged.file) as Uint8Array;
            file[at % file.length] ^= flip;
          }),
        (error: IoError) => error.code === 'SPILL_CORRUPT' && /^map-\d+:\d+$/.test(error.context.resource ?? ''),
      );
      assert.deepEqual(disk.list(''), []);
    }),
    { numRuns: 60 },
  );
});

test('an element that is no pair is refused', () => {
  const options = writerOptions(new MemorySpillDisk(), []);
  const fn = { create: () => 0, add: (n: number) => n, merge: () => 0, extract: () => 0 };
  for (const writer of [
    new GroupWriter({ ...options, valueCoder: defaultCoder }),
    new CombiningWriter({ ...options, fn: fn as never }),
  ]) {
    for (const element of ['ab', null, undefined, [1], [1, 2, 3], { 0: 1, 1: 2, length: 2 }]) {
      assert.throws(() => writer.write(element, 0, GLOBAL_WINDOW, NO_FIRING), { code: 'CODER_WRONG_TYPE' });
    }
  }
});

function groupsOf(values: readonly unknown[], valueCoder: Coder<unknown>, inMemoryBytes: number): Iterable<unknown>[] {
  const disk = new MemorySpillDisk();
  const runs: Run[] = [];
  const options = { ...writerOptions(disk, runs), inMemoryBytes, valueCoder };
  const writer = new GroupWriter(options);
  for (const value of values) writer.write(['key', value], 0, GLOBAL_WINDOW, NO_FIRING);
  writer.close();
  const result: Iterable<unknown>[] = [];
  for (let partition = 0; partition < 2; partition++) {
    const groups = mergeGroups(
      runs.map((run) => ({ run, partition })),
      { ...options, name: 'reduce' },
    );
    while (groups.next()) result.push(groups.values);
    groups.close();
  }
  return result;
}

test('a value coder that does not read what it wrote is found out', () => {
  const careless: Coder<unknown> = { ...(stringCoder as Coder<unknown>), decode: (input) => input.byte() };
  for (const inMemoryBytes of [0, 1e6]) {
    assert.throws(
      () => groupsOf(['abc', 'def'], careless, inMemoryBytes),
      (error: MillraceError) => error instanceof MillraceError && error.code.startsWith('CODER_'),
    );
  }
});

test('numbers travel exactly, whatever comes after them', () => {
  const numbers = [0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -1, 5e-324];
  for (const inMemoryBytes of [0, 1e6]) {
    assert.deepEqual(groupsOf(numbers, defaultCoder, inMemoryBytes), [numbers]);
    assert.deepEqual(groupsOf(numbers, doubleCoder as Coder<unknown>, inMemoryBytes), [numbers]);
    assert.deepEqual(groupsOf([...numbers, 'text', 1], defaultCoder, inMemoryBytes), [[...numbers, 'text', 1]]);
  }
  assert.throws(() => groupsOf([1, 'text'], doubleCoder as Coder<unknown>, 0), { code: 'CODER_WRONG_TYPE' });
});

test('accumulators that grow are written before they fill memory', () => {
  const runs: Run[] = [];
  const disk = new MemorySpillDisk();
  const fn = {
    create: (): string[] => [],
    add: (all: string[], value: string) => {
      all.push(value);
      return all;
    },
    merge: (all: Iterable<string[]>) => [...all].flat(),
    extract: (all: string[]) => all,
  };
  const writer = new CombiningWriter({ ...writerOptions(disk, runs), bufferBytes: 100_000, fn: fn as never });
  for (let i = 0; i < 5000; i++)
    writer.write([`key ${i % 3}`, 'a value of some length'.repeat(10)], 0, GLOBAL_WINDOW, NO_FIRING);
  writer.close();
  assert.ok(runs.length > 8 && runs.length < 40, `${runs.length} runs`);
});

test('a mutable value is added before the caller can change it', () => {
  const runs: Run[] = [];
  const disk = new MemorySpillDisk();
  const sum = {
    create: () => 0,
    add: (total: number, { amount }: { amount: number }) => total + amount,
    merge: (all: Iterable<number>) => [...all].reduce((a, b) => a + b, 0),
    extract: (total: number) => total,
  };
  const writer = new CombiningWriter({
    ...writerOptions(disk, runs),
    partitions: 1,
    inMemoryBytes: 1e6,
    fn: sum as never,
  });
  const reused = { amount: 0 };
  for (let i = 1; i <= 10; i++) {
    reused.amount = i;
    writer.write(['key', reused], 0, GLOBAL_WINDOW, NO_FIRING);
  }
  writer.close();
  const groups = mergeCombined([{ run: runs[0], partition: 0 }], {
    ...writerOptions(disk, []),
    name: 'reduce',
    fn: sum as never,
  });
  assert.ok(groups.next());
  assert.equal(groups.value, 55);
});
