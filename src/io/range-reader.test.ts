import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { driveSource, putFile } from '../../test/support/source-driver.ts';
import { type MetricsScope, OffsetRangeTracker } from '../sdk/index.ts';
import { BadRecordSink } from './on-error.ts';
import { RangeReader } from './range-reader.ts';
import { textFormat } from './text/read-text.ts';

test('a record that goes on for long behind its range is not looked at over and over', async () => {
  const size = 64 * 1024 * 1024;
  let reads = 0;
  let looked = 0;
  const reader = new RangeReader<string>({
    path: 'long',
    size,
    source: {
      blockSize: 256 * 1024,
      consumed: 0,
      read: (target) => {
        reads++;
        return target.length;
      },
      close: () => {},
    },
    at: 0,
    parser: {
      parse(block) {
        looked += block.end - block.start;
        return block.start;
      },
    },
    tracker: new OffsetRangeTracker({ start: 0, end: 1, splittable: true }),
    bad: new BadRecordSink('fail', 'long', {} as MetricsScope),
    maxRecordBytes: size,
    lead: 1,
    raw: true,
  });
  await assert.rejects(Array.fromAsync(reader.batches()), { code: 'RECORD_TOO_LONG' });
  assert.ok(reads < 20, `${reads} reads`);
  assert.ok(looked < 4 * size, `${looked} bytes parsed`);
});

test('what was written before compressed data break off is read', async () => {
  const text = 'line1\nline2\nline3\n';
  const lines = Array.from({ length: 200_000 }, (_, i) => `${i} ${Math.imul(i, 0x9e3779b1) >>> 0}\n`).join('');
  for (const [name, bytes] of [
    ['small.gz', gzipSync(text).subarray(0, -12)],
    ['large.gz', gzipSync(lines).subarray(0, -1000)],
    ['large.zst', zstdCompressSync(lines).subarray(0, -1000)],
  ] as const) {
    const path = `memory://broken/${name}`;
    await putFile(path, bytes);
    const { records, errors } = await driveSource(textFormat(), path, { onError: 'deadLetter' });
    const whole = name === 'small.gz' ? text : lines;
    assert.ok(records.length > 0 && whole.startsWith(`${records.join('\n')}\n`), `${name}: ${records.length} lines`);
    assert.deepEqual(
      errors.map(({ error }) => error.code),
      ['COMPRESSION_TRUNCATED'],
      name,
    );
    await assert.rejects(driveSource(textFormat(), path), { code: 'COMPRESSION_TRUNCATED' }, name);
  }
});
