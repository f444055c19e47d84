import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { IoError } from '../../sdk/errors.ts';
import type { SpillDisk } from './spill-disk.ts';
import { type Frame, FrameWriter, readFrame } from './spill-disk-frames.ts';
import { MemorySpillDisk } from './spill-disk-memory.ts';

function writeFrames(disk: SpillDisk, contents: readonly Uint8Array[]): Frame[] {
  const writer = new FrameWriter(disk, 'frames');
  const frames = contents.map((bytes) => writer.write(bytes));
  writer.close();
  assert.equal(
    writer.length,
    frames.reduce((sum, { stored }) => sum + stored, 0),
  );
  return frames;
}

const contents = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.integer({ min: 0, max: 5000 }).map((length) => new Uint8Array(length).fill(7)),
  ),
  { minLength: 1, maxLength: 5 },
);

test('frames come back as they were written', () => {
  fc.assert(
    fc.property(contents, (input) => {
      const disk = new MemorySpillDisk();
      const frames = writeFrames(disk, input);
      const memory = Buffer.alloc(Math.max(...frames.map(({ stored }) => stored)));
      for (const [i, bytes] of input.entries()) {
        for (const frame of [readFrame(disk, 'frames', frames[i]), readFrame(disk, 'frames', frames[i], memory)]) {
          assert.deepEqual([...frame], [...bytes]);
          assert.equal(frame.byteOffset % 8, 0);
        }
      }
    }),
  );
});

test('a changed byte, a cut or a wrong position is an error and never other content', () => {
  fc.assert(
    fc.property(contents, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), (input, at, flip, cut) => {
      const disk = new MemorySpillDisk();
      const frames = writeFrames(disk, input);
      const file = disk.files.get('frames') as Uint8Array;
      const position = at % file.length;
      if (cut) disk.files.set('frames', file.slice(0, position));
      else file[position] ^= flip;
      for (const [i, bytes] of input.entries()) {
        const { offset, stored } = frames[i];
        const isHit = cut ? offset + stored > position : offset <= position && position < offset + stored;
        if (!isHit) assert.deepEqual([...readFrame(disk, 'frames', frames[i])], [...bytes]);
        else {
          assert.throws(
            () => readFrame(disk, 'frames', frames[i]),
            (error: IoError) =>
              ['SPILL_CORRUPT', 'SPILL_TRUNCATED'].includes(error.code) &&
              (error.context.resource?.startsWith('frames:') ?? false),
          );
        }
      }
      for (const frame of [
        { offset: 0, stored: 3 },
        { offset: 1, stored: frames[0].stored },
      ]) {
        assert.throws(() => readFrame(disk, 'frames', frame), { name: 'IoError' });
      }
    }),
    { numRuns: 300 },
  );
});
