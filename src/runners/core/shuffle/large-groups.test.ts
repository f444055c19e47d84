import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { defaultCoder, keyCoder } from '../../../sdk/coders/default-coder.ts';
import { GLOBAL_WINDOWING } from '../../../sdk/windows/global-windows.ts';
import { NO_FIRING } from '../../../sdk/windows/pane-info.ts';
import { sessions } from '../../../sdk/windows/session-windows.ts';
import type { Timestamp } from '../../../sdk/windows/timestamp.ts';
import { GLOBAL_WINDOW, type Window } from '../../../sdk/windows/window.ts';
import type { WindowFn } from '../../../sdk/windows/window-fn.ts';
import { MemorySpillDisk } from '../spill-disk-memory.ts';
import { GroupWriter, mergeGroups, type Run } from './index.ts';

const BLOCK = 1 << 12;
const options = { keyCoder: keyCoder as Coder<unknown>, valueCoder: defaultCoder, windowing: GLOBAL_WINDOWING };

/** One key with `size` values among keys with one, in runs of about 64 KiB on disk. */
function writeHotKey(disk: MemorySpillDisk, size: number, value: (i: number) => unknown): Run[] {
  const runs: Run[] = [];
  const sink = (run: Run) => void runs.push(run);
  const writer = new GroupWriter({
    ...options,
    partitions: 1,
    bufferBytes: 1 << 16,
    inMemoryBytes: 0,
    blockBytes: BLOCK,
    disk,
    name: 'map',
    sink,
  });
  for (let i = 0; i < size; i++) {
    writer.write(['hot', value(i)], 0, GLOBAL_WINDOW, NO_FIRING);
    if (i % 100 === 0) writer.write([`cold ${i}`, value(i)], 0, GLOBAL_WINDOW, NO_FIRING);
  }
  writer.close();
  return runs;
}

function slicesOf(runs: readonly Run[]) {
  return runs.map((run) => ({ run, partition: 0 }));
}

for (const [kind, value] of [
  ['numbers', (i: number) => i],
  ['strings', (i: number) => `value ${i}`],
] as const) {
  test(`a group larger than memory is read block by block, as often as one likes: ${kind}`, () => {
    const size = 40_000;
    let bytesRead = 0;
    let largest = 0;
    const disk = new MemorySpillDisk(({ kind, bytes }) => {
      if (kind !== 'read') return;
      bytesRead += bytes?.length ?? 0;
      largest = Math.max(largest, bytes?.length ?? 0);
    });
    const runs = writeHotKey(disk, size, value);
    const stored = runs.reduce((sum, run) => sum + (run.kind === 'disk' ? run.fileBytes : 0), 0);
    const groups = mergeGroups(slicesOf(runs), { ...options, disk, name: 'reduce', arrayBytes: 10_000 });
    let cold = 0;
    let hot: Iterable<unknown> = [];
    while (groups.next()) {
      if (groups.key !== 'hot') {
        assert.deepEqual(groups.values, [value(Number((groups.key as string).slice(5)))]);
        cold++;
      } else hot = groups.values;
    }
    assert.equal(cold, size / 100);
    assert.ok(!Array.isArray(hot));
    // Blocks with nothing but the hot key have been passed over.
    assert.ok(bytesRead < stored / 2, `${bytesRead} of ${stored} bytes were read to skip the group`);
    assert.ok(largest < 2 * BLOCK);

    const expected = Array.from({ length: size }, (_, i) => value(i));
    assert.deepEqual(new Set(hot), new Set(expected));
    assert.equal([...hot].length, size);
    // Two iterations at the same time do not disturb each other.
    const a = hot[Symbol.iterator]();
    const b = hot[Symbol.iterator]();
    assert.deepEqual(a.next(), b.next());
    assert.deepEqual(a.next(), b.next());
    assert.deepEqual([...hot].slice(0, 2)[1], [...hot][1]);

    groups.close();
    assert.throws(() => [...hot], { code: 'GROUP_CLOSED' });
  });
}

test('iteration may stop early and skips nothing for the next group', () => {
  const disk = new MemorySpillDisk();
  const runs = writeHotKey(disk, 20_000, (i) => i);
  const groups = mergeGroups(slicesOf(runs), { ...options, disk, name: 'reduce', arrayBytes: 1000 });
  let keys = 0;
  for (; groups.next(); keys++) for (const _ of groups.values) break;
  assert.equal(keys, 201);
});

test('many runs are merged in passes, and the files between are gone at the end', () => {
  const disk = new MemorySpillDisk();
  const runs = writeHotKey(disk, 60_000, (i) => `value ${i}`);
  assert.ok(runs.length > 10);
  const files = disk.list('').length;
  let most = 0;
  const groups = mergeGroups(slicesOf(runs), {
    ...options,
    disk,
    name: 'reduce',
    fanIn: 3,
    arrayBytes: 1000,
    blockBytes: BLOCK,
  });
  assert.ok(disk.list('reduce-').length > 0);
  let values = 0;
  while (groups.next()) {
    for (const _ of groups.values) values++;
    most = Math.max(most, disk.list('reduce-').length);
  }
  assert.equal(values, 60_600);
  assert.ok(most <= 3);
  groups.close();
  assert.equal(disk.list('').length, files);
});

const sessionWindowing = { ...GLOBAL_WINDOWING, windowFn: sessions({ gap: '1s' }) as WindowFn<Window> };

test('sessions of a key larger than memory', () => {
  const disk = new MemorySpillDisk();
  const runs: Run[] = [];
  const shared = { ...options, windowing: sessionWindowing, disk };
  const writer = new GroupWriter({
    ...shared,
    partitions: 1,
    bufferBytes: 1 << 15,
    inMemoryBytes: 0,
    blockBytes: 512,
    name: 'map',
    sink: (run) => runs.push(run),
  });
  // 100 sessions of 200 elements, each written in an order of its own.
  for (let i = 0; i < 20_000; i++) {
    const n = (i * 7919) % 20_000;
    const time = (Math.floor(n / 200) * 300_000 + (n % 200) * 900) as Timestamp;
    const [window] = sessionWindowing.windowFn.assign(time, n, GLOBAL_WINDOW);
    writer.write(['hot', n], time, window, NO_FIRING);
    if (i % 1000 === 0) writer.write([`cold ${i}`, n], time, window, NO_FIRING);
  }
  writer.close();
  assert.ok(runs.length > 5);
  const groups = mergeGroups(slicesOf(runs), {
    ...shared,
    name: 'reduce',
    fanIn: 4,
    arrayBytes: 3000,
    blockBytes: 512,
  });
  const starts: number[] = [];
  let cold = 0;
  while (groups.next()) {
    if (groups.key !== 'hot') {
      assert.equal([...groups.values].length, 1);
      cold++;
      continue;
    }
    const window = groups.window as unknown as { start: number; end: number };
    assert.equal(groups.timestamp, window.end - 1);
    const session = window.start / 300_000;
    starts.push(session);
    const values = [...groups.values].sort((a, b) => Number(a) - Number(b));
    assert.deepEqual(
      values,
      Array.from({ length: 200 }, (_, i) => session * 200 + i),
    );
  }
  assert.equal(cold, 20);
  assert.deepEqual(
    starts.sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, i) => i),
  );
  groups.close();
});
