import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeFromBytes, encodeToBytes } from '../coders/coder.ts';
import { CoderError } from '../errors.ts';
import { comparedItems, NUMBER_ITEMS } from './kll-items.ts';
import { KllSketch, kllCoder, kllError, kllSize } from './kll-sketch.ts';
import { mix } from './murmur-hash.ts';

fc.configureGlobal({ seed: 4 });

const FRACTIONS = [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99];

function sketchOf(numbers: Iterable<number>, k = 200, seed = 0): KllSketch<number> {
  const sketch = new KllSketch(NUMBER_ITEMS, k, seed);
  for (const number of numbers) sketch.add(number);
  return sketch;
}

/** The numbers 0 to n - 1, whose ranks are themselves, in an order of their own. */
function shuffled(n: number, seed: number): number[] {
  const numbers = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = (mix(Math.imul(i, 0x9e3779b1) ^ seed) >>> 0) % (i + 1);
    [numbers[i], numbers[j]] = [numbers[j], numbers[i]];
  }
  return numbers;
}

/** How many of the quantiles lie further off than the stated error. */
function misses(sketch: KllSketch<number>, n: number, error: number): number {
  const found = sketch.quantiles(FRACTIONS);
  return FRACTIONS.filter((fraction, i) => Math.abs(found[i] / n - fraction) > error + 1 / n).length;
}

describe('KLL', () => {
  test('is exact for a few items', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double(), { minLength: 1, maxLength: 150 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (all, f) => {
          const sorted = Float64Array.from(all).sort();
          const [least, found, greatest] = sketchOf(all).quantiles([0, f, 1]);
          const expected = sorted[Math.min(all.length - 1, Math.max(0, Math.ceil(f * all.length) - 1))];
          assert.deepEqual(
            [least, found, greatest].map((x) => x + 0),
            [sorted[0], expected, sorted.at(-1)].map((x) => x! + 0),
          );
        },
      ),
    );
  });

  test('keeps the stated error, whatever the order', () => {
    for (const k of [50, 200]) {
      let all = 0;
      let missed = 0;
      const n = 20_000;
      for (let trial = 0; trial < 30; trial++) {
        const orders = [shuffled(n, trial), shuffled(n, 0).sort((a, b) => a - b), shuffled(n, 0).sort((a, b) => b - a)];
        for (const order of orders) {
          missed += misses(sketchOf(order, k, trial), n, kllError(k));
          all += FRACTIONS.length;
        }
      }
      assert.ok(missed <= all * 0.01, `${missed} of ${all} for k ${k}`);
    }
  });

  test('keeps the stated error when many small sketches are merged', () => {
    const n = 40_000;
    let missed = 0;
    for (let trial = 0; trial < 15; trial++) {
      const parts: KllSketch<number>[] = [];
      const numbers = shuffled(n, trial + 1000);
      for (let at = 0; at < n; at += 701) parts.push(sketchOf(numbers.slice(at, at + 701), 200, trial));
      while (parts.length > 1) {
        const [a, b] = [parts.shift()!, parts.shift()!];
        a.merge(b);
        parts.push(a);
      }
      assert.equal(parts[0].count, n);
      missed += misses(parts[0], n, kllError(200));
    }
    assert.ok(missed <= 1, `${missed} of ${15 * FRACTIONS.length}`);
  });

  test('stays small', () => {
    const sketch = sketchOf(shuffled(200_000, 5));
    const bytes = encodeToBytes(kllCoder(NUMBER_ITEMS), sketch);
    assert.ok(bytes.length < 8 * 850, `${bytes.length} bytes`);
  });

  test('counts and ends are exact under any merging, and NaN is greatest', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.double(), { maxLength: 300 }), { minLength: 1, maxLength: 6 }), (parts) => {
        const merged = new KllSketch(NUMBER_ITEMS, 8);
        for (const part of parts) merged.merge(sketchOf(part, 8));
        const sorted = Float64Array.from(parts.flat()).sort();
        assert.equal(merged.count, sorted.length);
        const ends = merged.quantiles([0, 1]).map((x) => x + 0);
        assert.deepEqual(ends, sorted.length === 0 ? [] : [sorted[0] + 0, sorted.at(-1)! + 0]);
      }),
    );
  });

  test('gives the same for the same input', () => {
    const coder = kllCoder(NUMBER_ITEMS);
    const [a, b, c] = [7, 7, 8].map((seed) => encodeToBytes(coder, sketchOf(shuffled(9000, 3), 100, seed)));
    assert.deepEqual(a, b);
    assert.notDeepEqual(a, c);
  });

  test('orders by any comparison', () => {
    const items = comparedItems<string>((a, b) => a.length - b.length);
    const sketch = new KllSketch(items, 50);
    for (let i = 0; i < 2000; i++) sketch.add('x'.repeat(1 + (i % 100)));
    const [least, median, greatest] = sketch.quantiles([0, 0.5, 1]).map((text) => text.length);
    assert.deepEqual([least, greatest], [1, 100]);
    assert.ok(Math.abs(median - 50) < 100 * kllError(50) + 1);
    const copy = decodeFromBytes(kllCoder(items), encodeToBytes(kllCoder(items), sketch));
    assert.deepEqual(copy.quantiles(FRACTIONS), sketch.quantiles(FRACTIONS));
  });

  test('goes on after a journey as if it had stayed', () => {
    const coder = kllCoder(NUMBER_ITEMS);
    const [first, second] = [shuffled(5000, 1), shuffled(5000, 2)];
    const stayed = sketchOf(first, 60);
    const travelled = decodeFromBytes(coder, encodeToBytes(coder, sketchOf(first, 60)));
    for (const number of second) {
      stayed.add(number);
      travelled.add(number);
    }
    assert.deepEqual(encodeToBytes(coder, travelled), encodeToBytes(coder, stayed));
  });

  test('refuses what is no sketch', () => {
    const coder = kllCoder(NUMBER_ITEMS);
    const good = encodeToBytes(coder, sketchOf(shuffled(3000, 1), 8));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(good.length), (noise, cut) => {
        for (const bytes of [noise, good.slice(0, cut), Uint8Array.from([...good.slice(0, cut), ...noise])]) {
          try {
            decodeFromBytes(coder, bytes).quantiles([0, 0.5, 1]);
          } catch (error) {
            assert.ok(error instanceof CoderError);
          }
        }
      }),
      { numRuns: 2000 },
    );
    assert.throws(() => new KllSketch(NUMBER_ITEMS, 7), { code: 'SKETCH_SIZE' });
    assert.throws(() => sketchOf([1], 50).merge(sketchOf([1], 51)), { code: 'SKETCH_SIZE' });
  });

  test('knows the size for an error', () => {
    for (const error of [0.1, 0.0133, 0.001]) {
      assert.ok(kllError(kllSize(error)) <= error && kllError(kllSize(error) - 1) > error);
    }
    assert.equal(kllSize(0.0133), 200);
  });
});
