import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaultCoder } from '../../../sdk/coders/default-coder.ts';
import { intervalWindowCoder } from '../../../sdk/coders/window-coders.ts';
import type { IoError } from '../../../sdk/errors.ts';
import { NO_FIRING, ON_TIME_AND_ONLY_FIRING } from '../../../sdk/windows/pane-info.ts';
import type { Timestamp } from '../../../sdk/windows/timestamp.ts';
import { IntervalWindow, type Window } from '../../../sdk/windows/window.ts';
import { MemorySpillDisk } from '../spill-disk-memory.ts';
import { type Block, BlockWriter, type BlockWriterOptions, readBlock } from './index.ts';

const coders = { coder: defaultCoder, windowCoder: intervalWindowCoder as BlockWriterOptions['windowCoder'] };

interface Element {
  readonly value: unknown;
  readonly timestamp: number;
  readonly window: Window;
  readonly pane: typeof NO_FIRING;
}

function store(
  elements: readonly Element[],
  disk: MemorySpillDisk,
  inMemoryBytes: number,
  blockBytes: number,
): Block[] {
  const blocks: Block[] = [];
  const sink = (block: Block) => void blocks.push(structuredClone(block));
  const writer = new BlockWriter({ ...coders, disk, name: 'w', inMemoryBytes, blockBytes, sink });
  for (const { value, timestamp, window, pane } of elements) writer.write(value, timestamp, window, pane);
  writer.close();
  return blocks;
}

function load(blocks: readonly Block[], disk: MemorySpillDisk): Element[] {
  return blocks.flatMap((block) => {
    const { values, timestamps, windows, panes } = readBlock(block, { ...coders, disk });
    assert.equal(values.length, block.count);
    return values.map((value, i) => ({
      value,
      timestamp: typeof timestamps === 'number' ? timestamps : timestamps[i],
      window: Array.isArray(windows) ? windows[i] : windows,
      pane: Array.isArray(panes) ? panes[i] : panes,
    }));
  });
}

const elements: fc.Arbitrary<Element[]> = fc
  .tuple(fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean())
  .chain(([numeric, sameTime, sameWindow, samePane]) =>
    fc.array(
      fc.record(
        {
          value: numeric
            ? fc.oneof(fc.double(), fc.integer())
            : fc.oneof(
                fc.integer(),
                fc.string(),
                fc.constant(null),
                fc.record({ a: fc.integer() }, { noNullPrototype: true }),
              ),
          timestamp: sameTime ? fc.constant(7) : fc.integer(),
          window: fc
            .integer({ min: 0, max: sameWindow ? 0 : 3 })
            .map((n) => new IntervalWindow((n * 10) as Timestamp, (n * 10 + 10) as Timestamp)),
          pane: samePane
            ? fc.constant(NO_FIRING)
            : fc.constantFrom(NO_FIRING, ON_TIME_AND_ONLY_FIRING, { ...NO_FIRING, first: false }),
        },
        { noNullPrototype: true },
      ),
      { maxLength: 120 },
    ),
  );

test('what is stored is read back, in memory and from disk', () => {
  fc.assert(
    fc.property(
      elements,
      fc.constantFrom(0, 900, 1 << 20),
      fc.constantFrom(64, 300, 1 << 18),
      (input, inMemory, blockBytes) => {
        const disk = new MemorySpillDisk();
        assert.deepEqual(load(store(input, disk, inMemory, blockBytes), disk), input);
      },
    ),
    { numRuns: 300 },
  );
});

test('constant columns are stored once', () => {
  const disk = new MemorySpillDisk();
  const window = new IntervalWindow(0 as Timestamp, 10 as Timestamp);
  const input = Array.from({ length: 1000 }, (_, value) => ({ value, timestamp: 5, window, pane: NO_FIRING }));
  const [block] = store(input, disk, 1 << 20, 1 << 18);
  assert.ok(block.bytes < 1000 * 8 + 100);
  const read = readBlock(block, { ...coders, disk });
  assert.equal(read.timestamps, 5);
  assert.deepEqual(read.windows, window);
  assert.equal(read.panes, NO_FIRING);
});

test('a block that was damaged on disk is an error that names the file and the offset', () => {
  const disk = new MemorySpillDisk();
  const window = new IntervalWindow(0 as Timestamp, 10 as Timestamp);
  const input = Array.from({ length: 100 }, (_, i) => ({ value: `value ${i}`, timestamp: i, window, pane: NO_FIRING }));
  const blocks = store(input, disk, 0, 300);
  const last = blocks[blocks.length - 1];
  assert.ok(last.kind === 'disk');
  const file = disk.files.get(last.file) as Uint8Array;
  file[last.offset + 20] ^= 1;
  assert.throws(
    () => load(blocks, disk),
    (error: IoError) => error.code === 'SPILL_CORRUPT' && error.context.resource === `${last.file}:${last.offset}`,
  );
  disk.files.set(last.file, file.subarray(0, last.offset + 5));
  assert.throws(() => load(blocks, disk), { code: 'SPILL_TRUNCATED' });
});

test('abort removes the file', () => {
  const disk = new MemorySpillDisk();
  const writer = new BlockWriter({
    ...coders,
    disk,
    name: 'w',
    inMemoryBytes: 0,
    blockBytes: 64,
    sink: () => undefined,
  });
  const window = new IntervalWindow(0 as Timestamp, 10 as Timestamp);
  for (let i = 0; i < 100; i++) writer.write('value', 0, window, NO_FIRING);
  assert.equal(disk.files.size, 1);
  writer.abort();
  assert.equal(disk.files.size, 0);
});

test('few elements make several blocks, and many elements few', () => {
  const numbers = (count: number): Element[] =>
    Array.from({ length: count }, (_, value) => ({
      value,
      timestamp: 7,
      window: new IntervalWindow(0 as Timestamp, 10 as Timestamp),
      pane: NO_FIRING,
    }));
  const sizes = (count: number) =>
    store(numbers(count), new MemorySpillDisk(), 1 << 30, 1 << 18).map((block) => block.count);
  assert.deepEqual(sizes(5), [1, 1, 1, 1, 1]);
  assert.ok(Math.max(...sizes(100)) <= 10);
  assert.ok(sizes(100_000).length < 200);
});
