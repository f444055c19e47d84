import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Division, driveSource, putFile } from '../../../test/support/source-driver.ts';
import { ByteWriter, IoError } from '../../sdk/index.ts';
import type { OnError } from '../on-error.ts';
import { findFrame } from './find-frame.ts';
import { writeFrame } from './frame.ts';
import { type TfRecordReadOptions, tfRecordFormat } from './read-tf-record.ts';

fc.configureGlobal({ seed: 7 });

function frames(records: readonly Uint8Array[]): Buffer {
  const out = new ByteWriter();
  for (const record of records) writeFrame(record, out);
  return Buffer.from(out.copy());
}

const path = 'memory://tfrecord/file';
async function read(bytes: Uint8Array, options: TfRecordReadOptions<OnError> = {}, division: Division = {}) {
  await putFile(path, bytes);
  const format = tfRecordFormat('Test', () => (block, start, end) => block.toString('hex', start, end), {
    maxRecordBytes: 10_000,
    ...options,
  });
  return driveSource(format, path, options, division);
}

const hex = (record: Uint8Array) => Buffer.from(record).toString('hex');
// Zeros look most like lengths.
const record = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.nat(60).map((length) => new Uint8Array(length)),
  fc.nat(500).map((length) => new Uint8Array(length).fill(7)),
);
const division = fc.record({
  bundleSize: fc.integer({ min: 1, max: 200 }),
  splits: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
});

test('every record comes once and in order, whatever the ranges and blocks', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { maxLength: 12 }),
      division,
      fc.integer({ min: 16, max: 400 }),
      async (records, parts, blockSize) => {
        const result = await read(frames(records), { blockSize }, parts);
        assert.deepEqual(result.records, records.map(hex));
        assert.equal(result.badRecords, 0);
      },
    ),
    { numRuns: 100 },
  );
});

const records = Array.from({ length: 9 }, (_, i) => new Uint8Array(i * 5).fill(i));
const file = frames(records);

test('a damaged byte, in ranges of any size: one record is lost at most where its length is good, and none silently', async () => {
  const starts = records.map((_, i) => frames(records.slice(0, i)).length);
  const expected = records.map(hex);
  for (let at = 0; at < file.length; at += 3) {
    const bytes = Buffer.from(file);
    bytes[at] ^= 1 << (at % 8);
    const damaged = starts.findLastIndex((start) => start <= at);
    for (const bundleSize of [10, 64, 1000]) {
      await assert.rejects(read(bytes, {}, { bundleSize }), (error: IoError) => {
        assert.match(error.code, /^TFRECORD_(DATA_CRC|LENGTH_CRC|TRUNCATED|TOO_LARGE)$/, `byte ${at} of ${bundleSize}`);
        assert.equal(error.context.resource, `${path} at byte ${starts[damaged]}`);
        return true;
      });
      const result = await read(bytes, { onError: 'skip' }, { bundleSize });
      assert.ok(result.badRecords > 0);
      const lost = expected.filter((each) => !result.records.includes(each));
      assert.ok(lost.includes(expected[damaged]));
      assert.deepEqual(
        result.records,
        expected.filter((each) => !lost.includes(each)),
      );
      if (at >= starts[damaged] + 12) assert.equal(lost.length, 1);
      // The records before come even where nothing behind can be found.
      assert.deepEqual(result.records.slice(0, damaged), expected.slice(0, damaged));
    }
  }
});

test('a file cut anywhere, in ranges: the whole records and one error', async () => {
  for (let end = 1; end < file.length; end += 2) {
    const whole = records.filter((_, i) => frames(records.slice(0, i + 1)).length <= end).map(hex);
    const isClean = frames(records.slice(0, whole.length)).length === end;
    for (const bundleSize of [7, 40]) {
      const result = await read(file.subarray(0, end), { onError: 'skip' }, { bundleSize });
      assert.deepEqual(result.records, whole);
      assert.equal(result.badRecords, isClean ? 0 : 1, `${end} bytes`);
    }
  }
});

test('records that are TFRecord files: the records as they are, or an error that says what to do', async () => {
  const inner = frames(Array.from({ length: 20 }, (_, i) => Buffer.from(`inner record ${i}`)));
  const outer = [Buffer.from('first'), inner, Buffer.from('between'), inner, Buffer.from('last')];
  let refused = 0;
  for (let bundleSize = 20; bundleSize < 1500; bundleSize += 67) {
    for (const onError of ['fail', 'skip'] as const) {
      const result = await read(frames(outer), { onError }, { bundleSize }).catch((error: unknown) => {
        assert.ok(error instanceof IoError);
        assert.match(error.code, onError === 'skip' ? /SPLIT_AMBIGUOUS/ : /SPLIT_AMBIGUOUS|LENGTH_CRC/);
        assert.match(error.message, /split: false/);
        return undefined;
      });
      if (result === undefined) refused++;
      else assert.deepEqual(result.records, outer.map(hex));
    }
    const whole = await read(frames(outer), { split: false }, { bundleSize });
    assert.deepEqual(whole.records, outer.map(hex));
  }
  assert.ok(refused > 0);
});

test('what is no TFRecord is not searched, and a search ends with the longest record', async () => {
  const text = Buffer.from('some text, and not a record\n'.repeat(1000));
  const { records: none, badRecords, ranges } = await read(text, { onError: 'skip' }, { bundleSize: 1000 });
  assert.deepEqual([none.length, badRecords, ranges.length], [0, 1, 28]);
  let bytes = 0;
  const zeros = async (_: number, length: number) => {
    bytes += length;
    return Buffer.alloc(length);
  };
  assert.equal(await findFrame(zeros, 1000, 2 ** 40, 100_000), 2 ** 40);
  assert.ok(bytes < 400_000, `${bytes} bytes`);
});

test('options that mean nothing', () => {
  for (const maxRecordBytes of [0, 1.5, 2 ** 40]) {
    assert.throws(() => tfRecordFormat('Test', () => () => 0, { maxRecordBytes }), { code: 'OPTION_INVALID' });
  }
});
