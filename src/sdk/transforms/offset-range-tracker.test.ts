import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteReader } from '../coders/byte-reader.ts';
import { ByteWriter } from '../coders/byte-writer.ts';
import { OffsetRangeTracker, offsetRangeCoder } from './offset-range-tracker.ts';

fc.configureGlobal({ seed: 7 });

test('positions are claimed in order, up to the end', () => {
  const tracker = new OffsetRangeTracker({ start: 10, end: 20 });
  assert.ok(tracker.tryClaim(10));
  assert.ok(tracker.tryClaim(15));
  assert.deepEqual(tracker.progress(), { completed: 6, remaining: 4 });
  assert.throws(() => tracker.tryClaim(15));
  assert.throws(() => tracker.checkDone());
  assert.equal(tracker.tryClaim(20), false);
  tracker.checkDone();
  assert.throws(() => new OffsetRangeTracker({ start: 10, end: 20 }).tryClaim(9));
});

test('a range is done when its last position was tried, and an empty one at once', () => {
  const tracker = new OffsetRangeTracker({ start: 0, end: 3 });
  tracker.tryClaim(2);
  tracker.checkDone();
  new OffsetRangeTracker({ start: 5, end: 5 }).checkDone();
  assert.throws(() => new OffsetRangeTracker({ start: 0, end: 1 }).checkDone());
  assert.throws(() => new OffsetRangeTracker({ start: 2, end: 1 }), { code: 'RANGE_INVALID' });
  assert.throws(() => new OffsetRangeTracker({ start: 0, end: Number.NaN }), { code: 'RANGE_INVALID' });
});

test('a split gives away what is not claimed', () => {
  const tracker = new OffsetRangeTracker({ start: 0, end: 100 });
  tracker.tryClaim(49);
  assert.deepEqual(tracker.trySplit(0.5), { primary: { start: 0, end: 75 }, residual: { start: 75, end: 100 } });
  assert.deepEqual(tracker.current(), { start: 0, end: 75 });
  assert.deepEqual(tracker.trySplit(0), { primary: { start: 0, end: 50 }, residual: { start: 50, end: 75 } });
  assert.equal(tracker.trySplit(0), undefined);
  tracker.checkDone();
  assert.equal(tracker.tryClaim(50), false);
});

test('before the first claim a checkpoint gives everything away', () => {
  const tracker = new OffsetRangeTracker({ start: 5, end: 9 });
  assert.deepEqual(tracker.trySplit(0), { primary: { start: 5, end: 5 }, residual: { start: 5, end: 9 } });
  tracker.checkDone();
});

test('what is no range is not written', () => {
  for (const range of [
    { start: 5, end: 1 },
    { start: -1, end: 1 },
    { start: 0, end: Number.NaN },
    { start: 0, end: Number.POSITIVE_INFINITY },
  ]) {
    assert.throws(() => offsetRangeCoder.encode(range, new ByteWriter(16), true), { code: 'RANGE_INVALID' });
  }
});

test('what cannot be divided never is', () => {
  const tracker = new OffsetRangeTracker({ start: 0, end: 10 }, { splittable: false });
  assert.equal(tracker.trySplit(0), undefined);
  assert.equal(tracker.trySplit(0.5), undefined);
});

test('whatever the claims and splits, each position belongs to exactly one range and claims stay', () => {
  const step = fc.oneof(
    fc.record({ claim: fc.integer({ min: 1, max: 20 }) }),
    fc.record({ split: fc.double({ min: 0, max: 1, noNaN: true }) }),
  );
  fc.assert(
    fc.property(fc.nat(50), fc.nat(200), fc.array(step), (start, length, steps) => {
      const tracker = new OffsetRangeTracker({ start, end: start + length });
      const given: { start: number; end: number }[] = [];
      let claimed = start - 1;
      let attempted = start - 1;
      for (const action of steps) {
        if ('claim' in action) {
          attempted += action.claim;
          if (tracker.tryClaim(attempted)) claimed = attempted;
          else if (attempted >= start + length) break;
        } else {
          const parts = tracker.trySplit(action.split);
          if (parts === undefined) continue;
          assert.deepEqual(parts.primary, tracker.current());
          assert.ok(parts.residual.start < parts.residual.end);
          given.unshift(parts.residual);
        }
        const { completed, remaining } = tracker.progress();
        assert.equal(completed + remaining, tracker.current().end - start);
      }
      assert.ok(tracker.current().end > claimed);
      let at = tracker.current().end;
      for (const range of given) {
        assert.equal(range.start, at);
        at = range.end;
      }
      assert.equal(at, start + length);
    }),
  );
});

test('ranges are encoded as two varints, and hostile bytes are refused', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
      const range = { start: Math.min(a, b), end: Math.max(a, b) };
      const out = new ByteWriter();
      offsetRangeCoder.encode(range, out, true);
      assert.deepEqual(offsetRangeCoder.decode(new ByteReader(out.copy()), true), range);
    }),
  );
  const huge = new ByteWriter();
  huge.varint(Number.MAX_SAFE_INTEGER);
  huge.varint(1);
  assert.throws(() => offsetRangeCoder.decode(new ByteReader(huge.copy()), true), { code: 'CODER_MALFORMED' });
  assert.throws(() => offsetRangeCoder.decode(new ByteReader(Buffer.from([1])), true), { code: 'CODER_TRUNCATED' });
});
