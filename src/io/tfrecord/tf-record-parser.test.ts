import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { gunzipSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { ByteWriter } from '../../sdk/index.ts';
import { type BadRecordSink, DataError } from '../on-error.ts';
import { crc32c, maskedCrc32c } from './crc32c.ts';
import { writeFrame } from './frame.ts';
import { goldenFile } from './golden.test-data.ts';
import { TfRecordParser } from './tf-record-parser.ts';

interface Bad {
  readonly code: string;
  readonly offset: number;
  readonly record: string | undefined;
}

/** Parses a file that arrives in pieces of the given sizes, in turn, the way a reader hands it on. */
function scan(
  file: Uint8Array,
  sizes = [file.length + 1],
  maxRecordBytes = 1 << 20,
): { records: Buffer[]; bad: Bad[] } {
  const records: Buffer[] = [];
  const bad: Bad[] = [];
  const note = (error: DataError, record?: Uint8Array) => {
    assert.equal(error.context.resource, `f at byte ${error.offset}`);
    bad.push({ code: error.code, offset: error.offset ?? -1, record: record && Buffer.from(record).toString() });
  };
  const parser = new TfRecordParser<Buffer>({
    path: 'f',
    maxRecordBytes,
    bad: { report: note } as unknown as BadRecordSink,
    decode: (bytes, start, end) => Buffer.from(bytes.subarray(start, end)),
  });
  let base = 0;
  for (let at = 0, i = 0; at < file.length; i++) {
    at = Math.min(file.length, at + sizes[i % sizes.length]);
    const bytes = Buffer.from(file.subarray(base, at));
    const last = at === file.length;
    const block = { bytes, start: 0, end: bytes.length, limit: Number.MAX_SAFE_INTEGER, base, last, records };
    try {
      base += parser.parse(block);
    } catch (error) {
      assert.ok(error instanceof DataError);
      note(error);
      return { records, bad };
    }
  }
  assert.equal(base, file.length);
  return { records, bad };
}

function frames(records: readonly Uint8Array[]): Buffer {
  const out = new ByteWriter();
  for (const record of records) writeFrame(record, out);
  return Buffer.from(out.copy());
}

test('CRC-32C: the check value of the catalogue, those of RFC 3720, and a bitwise computation', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
  assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa);
  assert.equal(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43);
  assert.equal(crc32c(Buffer.from(Array.from({ length: 32 }, (_, i) => i))), 0x46dd794e);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(8), (bytes, skip) => {
      let crc = 0xffffffff;
      for (const byte of bytes.subarray(skip)) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
      }
      assert.equal(crc32c(bytes, Math.min(skip, bytes.length)), ~crc >>> 0);
    }),
  );
});

for (const name of ['all_missing', 'bigint', 'empty', 'multivalent', 'nan_inf', 'single_value', 'unicode']) {
  test(`TensorFlow's ${name}: frames, checksums and the same bytes again; gzip and zlib hold the same`, () => {
    const file = goldenFile(`${name}.tfrecord`);
    const facts = JSON.parse(goldenFile(`${name}.json`).toString());
    const { records, bad } = scan(file, [1000]);
    assert.deepEqual(bad, []);
    assert.equal(records.length, facts.records);
    let offset = 0;
    const found = records.map((record) => {
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(record.length));
      const frame = {
        offset,
        length: record.length,
        masked_crc32c_of_length: maskedCrc32c(length),
        masked_crc32c_of_data: maskedCrc32c(record),
      };
      offset += 16 + record.length;
      return frame;
    });
    assert.deepEqual(found, facts.frames);
    assert.deepEqual(frames(records), file);
    assert.deepEqual(gunzipSync(goldenFile(`${name}.tfrecord.gz`)), file);
    assert.deepEqual(inflateSync(goldenFile(`${name}.tfrecord.zlib`)), file);
  });
}

test('records of odd lengths, in blocks of any size', () => {
  const file = goldenFile('raw_sizes.tfrecord');
  const facts = JSON.parse(goldenFile('raw_sizes.json').toString());
  for (const sizes of [[1 << 20], [1, 3, 70_000], [4096], [13]]) {
    const { records, bad } = scan(file, sizes);
    assert.deepEqual(bad, []);
    assert.deepEqual(
      records.map((record) => record.length),
      facts.lengths,
    );
    assert.deepEqual(
      records.map((record) => createHash('sha256').update(record).digest('hex')),
      facts.sha256,
    );
    assert.deepEqual(frames(records), file);
  }
});

test('any records come back, however the file is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 }),
      (records, sizes) => {
        const result = scan(frames(records), sizes);
        assert.deepEqual(result.bad, []);
        assert.deepEqual(
          result.records,
          records.map((record) => Buffer.from(record)),
        );
      },
    ),
  );
});

const three = frames([Buffer.from('one'), Buffer.from('second'), Buffer.from('3rd')]);
const SECOND = 19;

test('a wrong record is reported alone: the frames behind it are read', () => {
  for (const at of [SECOND + 12, SECOND + 18]) {
    const file = Buffer.from(three);
    file[at] ^= 0x20;
    for (const sizes of [[1], [7], [1000]]) {
      const { records, bad } = scan(file, sizes);
      assert.deepEqual(records.map(String), ['one', '3rd']);
      assert.equal(bad.length, 1);
      assert.equal(bad[0].code, 'TFRECORD_DATA_CRC');
      assert.equal(bad[0].offset, SECOND);
    }
  }
});

test('a wrong length ends the file: nothing tells where the next frame is', () => {
  for (const at of [SECOND, SECOND + 7, SECOND + 8]) {
    const file = Buffer.from(three);
    file[at] ^= 1;
    for (const sizes of [[1], [7], [1000]]) {
      const { records, bad } = scan(file, sizes);
      assert.deepEqual(records.map(String), ['one']);
      assert.deepEqual(bad, [{ code: 'TFRECORD_LENGTH_CRC', offset: SECOND, record: undefined }]);
    }
  }
});

test('a length beyond the limit allocates nothing', () => {
  const header = Buffer.alloc(12);
  header.writeBigUInt64LE(0xffff_ffff_ffff_fff0n);
  header.writeUInt32LE(maskedCrc32c(header, 0, 8), 8);
  const { records, bad } = scan(Buffer.concat([three, header, Buffer.alloc(100)]), [11]);
  assert.equal(records.length, 3);
  assert.deepEqual(bad, [{ code: 'TFRECORD_TOO_LARGE', offset: three.length, record: undefined }]);
});

test('a file cut anywhere: the whole frames, and an error unless the cut lies between two', () => {
  const boundaries = [0, SECOND, SECOND + 22, three.length];
  for (let end = 0; end <= three.length; end++) {
    const { records, bad } = scan(three.subarray(0, end), [5]);
    const whole = boundaries.filter((boundary) => boundary <= end);
    assert.equal(records.length, whole.length - 1);
    assert.deepEqual(
      bad,
      whole.at(-1) === end ? [] : [{ code: 'TFRECORD_TRUNCATED', offset: whole.at(-1), record: undefined }],
    );
  }
});

test('garbage never passes for a record', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), (bytes) => {
      const { records, bad } = scan(bytes, [9]);
      assert.equal(records.length, 0);
      assert.equal(bad.length, 1);
    }),
  );
});
