import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeFromBytes, encodeToBytes } from '../coders/coder.ts';
import { CoderError } from '../errors.ts';
import { HyperLogLog, hyperLogLogCoder } from './hyper-log-log.ts';
import { mix } from './murmur-hash.ts';

fc.configureGlobal({ seed: 4 });

function sketchOf(keys: Iterable<number | string>, precision = 14): HyperLogLog {
  const sketch = new HyperLogLog(precision);
  for (const key of keys) sketch.add(key);
  return sketch;
}

/** A stand-in for hashed keys: a counter through two different mixers. */
function addHashes(sketch: HyperLogLog, from: number, to: number, salt: number): void {
  for (let i = from; i < to; i++) sketch.addHash(mix(i ^ salt) >>> 0, mix(Math.imul(i + 1, 0x9e3779b1) ^ ~salt) >>> 0);
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('HyperLogLog', () => {
  test('is nearly exact while it is sparse', () => {
    for (const n of [0, 1, 2, 10, 100, 1000, 2000]) {
      assert.equal(Math.round(sketchOf(range(0, n)).estimate()), n);
    }
  });

  test('keeps the stated error from small to large', () => {
    for (const [precision, trials] of [
      [10, 60],
      [12, 30],
    ]) {
      const stated = 1.04 / Math.sqrt(2 ** precision);
      for (const n of [300, 1000, 3000, 10_000, 100_000]) {
        let squares = 0;
        let bias = 0;
        for (let trial = 0; trial < trials; trial++) {
          const sketch = new HyperLogLog(precision);
          addHashes(sketch, 0, n, mix(trial + 17));
          const error = sketch.estimate() / n - 1;
          squares += error * error;
          bias += error;
        }
        // The root mean square of 30 or 60 trials itself varies by up to a third.
        assert.ok(Math.sqrt(squares / trials) < stated * 1.33, `precision ${precision}, ${n} keys`);
        assert.ok(
          Math.abs(bias / trials) < (stated * 3.5) / Math.sqrt(trials),
          `bias at precision ${precision}, ${n} keys`,
        );
      }
    }
  });

  test('does not depend on order, repetition or the way of merging', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: 8 }),
        fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 200 }),
        fc.nat(200),
        (precision, keys, cut) => {
          const whole = sketchOf(keys, precision).toBytes();
          const left = sketchOf(keys.slice(0, cut).reverse(), precision);
          left.merge(sketchOf(keys.slice(cut), precision));
          left.merge(sketchOf(keys.slice(0, cut), precision));
          assert.deepEqual(left.toBytes(), whole);
          const right = sketchOf(keys.slice(cut), precision);
          right.merge(HyperLogLog.fromBytes(sketchOf(keys.slice(0, cut), precision).toBytes()));
          assert.deepEqual(right.toBytes(), whole);
        },
      ),
    );
  });

  test('is dense exactly as if it had never been sparse', () => {
    const sparseFirst = new HyperLogLog(8);
    addHashes(sparseFirst, 0, 5000, 99);
    const dense = new HyperLogLog(8);
    addHashes(dense, 4000, 5000, 99);
    addHashes(dense, 0, 4000, 99);
    assert.deepEqual(sparseFirst.toBytes(), dense.toBytes());
  });

  test('tells keys of different types apart', () => {
    assert.equal(Math.round(sketchOf([1, '1', 1]).estimate()), 2);
  });

  test('has a format that stays', () => {
    assert.equal(Buffer.from(sketchOf(['a', 'b', 'c'], 12).toBytes()).toString('hex'), FORMAT_SPARSE);
    const dense = Buffer.from(sketchOf(range(0, 40), 4).toBytes()).toString('hex');
    assert.equal(dense, FORMAT_DENSE);
  });

  test('refuses what is no sketch', () => {
    const good = sketchOf(['a', 'b', 'c'], 12).toBytes();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(good.length), (noise, cut) => {
        for (const bytes of [noise, good.slice(0, cut), Uint8Array.from([...good.slice(0, cut), ...noise])]) {
          try {
            const sketch = HyperLogLog.fromBytes(bytes);
            assert.deepEqual(HyperLogLog.fromBytes(sketch.toBytes()).estimate(), sketch.estimate());
          } catch (error) {
            assert.ok(error instanceof CoderError);
          }
        }
      }),
      { numRuns: 2000 },
    );
    assert.throws(() => new HyperLogLog(3), { code: 'SKETCH_PRECISION' });
    assert.throws(() => new HyperLogLog(12).merge(new HyperLogLog(13)), { code: 'SKETCH_PRECISION' });
  });

  test('travels by its coder', () => {
    for (const n of [0, 5, 5000]) {
      const sketch = sketchOf(range(0, n), 10);
      const copy = decodeFromBytes(hyperLogLogCoder, encodeToBytes(hyperLogLogCoder, sketch));
      assert.deepEqual(copy.toBytes(), sketch.toBytes());
      copy.add('one more');
      assert.ok(copy.estimate() >= sketch.estimate());
    }
  });
});

const FORMAT_SPARSE = '010c0003eab3a605019990c90101a5efa40504';
const FORMAT_DENSE = '010401881004c5300c40411cc12004';
