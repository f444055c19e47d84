import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

const SEED = { seed: 3, numRuns: 500 };
const bytesOf = (write: (out: ByteWriter) => void): Buffer => {
  const out = new ByteWriter(1);
  write(out);
  return Buffer.from(out.copy());
};

/** Base 128, least significant first, written with bigints. */
function slowVarint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

test('varints are those of the slow way', () => {
  const edges = [7, 14, 21, 28, 31, 32, 35, 42, 49, 52].flatMap((bits) => [2 ** bits - 1, 2 ** bits, 2 ** bits + 1]);
  for (const value of [0, ...edges, Number.MAX_SAFE_INTEGER]) {
    const bytes = bytesOf((out) => out.varint(value));
    assert.deepEqual(bytes, slowVarint(BigInt(value)), String(value));
    assert.equal(new ByteReader(bytes).varint(), value);
  }
  const edges64 = [7n, 14n, 28n, 32n, 35n, 53n, 56n, 63n].flatMap((bits) => [2n ** bits - 1n, -(2n ** bits)]);
  const int64 = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constantFrom(...edges64));
  fc.assert(
    fc.property(int64, (value) => {
      const bytes = bytesOf((out) => out.varint64(value));
      assert.deepEqual(bytes, slowVarint(value));
      assert.equal(new ByteReader(bytes).varint64(), value);
    }),
    SEED,
  );
});

test('numbers are those of DataView', () => {
  fc.assert(
    fc.property(
      fc.double(),
      fc.integer(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      (double, int, long) => {
        const view = new DataView(new ArrayBuffer(24));
        view.setFloat64(0, double);
        view.setInt32(8, int);
        view.setBigInt64(12, long);
        view.setFloat32(20, double);
        const bytes = bytesOf((out) => {
          out.float64(double);
          out.uint32(int);
          out.int64(long);
          out.float32(double);
        });
        assert.deepEqual(bytes, Buffer.from(view.buffer));
        const input = new ByteReader(bytes);
        assert.deepEqual(
          [input.float64(), input.int32(), input.int64(), input.float32()],
          [double, int, long, Math.fround(double)],
        );
      },
    ),
    SEED,
  );
});

test('strings of every length and kind are those of Buffer', () => {
  for (const unit of ['a', 'é', '€', '😀', 'aé']) {
    for (let length = 0; length < 300; length++) {
      const text = unit.repeat(length);
      const bytes = bytesOf((out) => out.string(text));
      const utf8 = Buffer.from(text);
      assert.deepEqual(bytes, Buffer.concat([slowVarint(BigInt(utf8.length)), utf8]));
      assert.equal(new ByteReader(bytes).string(), text);
    }
  }
  const long = 'é'.repeat(1 << 20);
  assert.equal(new ByteReader(bytesOf((out) => out.string(long))).string(), long);
});

test('a replacement character in the input is no error', () => {
  assert.equal(new ByteReader(Buffer.from('\ufffd')).utf8(3), '\ufffd');
});

test('half a surrogate pair is refused at every length', () => {
  for (const text of ['\ud800', `é\udfff`, `${'x'.repeat(50)}\ud800`, `${'x'.repeat(200)}\ud800`]) {
    assert.throws(() => new ByteWriter().string(text), { code: 'CODER_LONE_SURROGATE' });
    assert.throws(() => new ByteWriter().utf8(text), { code: 'CODER_LONE_SURROGATE' });
  }
});

test('a writer grows to its limit and no further', () => {
  const out = new ByteWriter(1, 100);
  out.raw(new Uint8Array(100));
  assert.throws(() => out.byte(1), { code: 'CODER_TOO_LARGE' });
  out.clear();
  out.byte(1);
  assert.deepEqual(out.copy(), Uint8Array.of(1));
});

test('copies share no memory, views do', () => {
  const source = Uint8Array.of(1, 2, 3);
  const input = new ByteReader(source);
  const copy = input.raw(1);
  const view = input.view(1);
  source.fill(9);
  assert.deepEqual([copy[0], view[0]], [1, 9]);
  assert.equal(Buffer.isBuffer(copy), false);
});
