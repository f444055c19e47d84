import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TimeBuckets } from './time-buckets.ts';

test('numbers come out by their time, also after a copy', () => {
  const step = fc.record({ op: fc.constantFrom('add', 'add', 'take', 'copy'), time: fc.integer({ min: -5, max: 20 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
      let buckets = new TimeBuckets();
      let model: { time: number; number: number }[] = [];
      for (const [number, { op, time }] of steps.entries()) {
        if (op === 'add') {
          buckets.add(time, number);
          model.push({ time, number });
        } else if (op === 'copy') buckets = TimeBuckets.decode(buckets.encode());
        else {
          const taken = buckets.take();
          const least = Math.min(...model.map((each) => each.time));
          const found = model.find((each) => each.number === taken?.number);
          if (model.length > 0) assert.equal(found?.time, least);
          assert.equal(taken?.last, found?.time);
          model = model.filter((each) => each !== found);
        }
        assert.equal(buckets.size, model.length);
        assert.equal(buckets.next, Math.min(Number.POSITIVE_INFINITY, ...model.map((each) => each.time)));
      }
    }),
    { numRuns: 200 },
  );
});

test('with very many times memory is bounded, and nothing comes too late', () => {
  const buckets = new TimeBuckets();
  const count = 80_000;
  // Any number is the time of one.
  const timeOf = (number: number) => ((number * 7919) % count) * 1000 - 9_000_000_000_000_000;
  for (let i = 0; i < count; i++) buckets.add(timeOf(i), i);
  assert.ok(buckets.memory < 24_000_000, `${buckets.memory} bytes`);
  let previous = Number.NEGATIVE_INFINITY;
  let copy = TimeBuckets.decode(buckets.encode());
  for (let i = 0; i < count; i++) {
    const next = copy.next;
    const taken = copy.take();
    assert.ok(taken !== undefined && timeOf(taken.number) >= next && timeOf(taken.number) <= taken.last);
    assert.ok(next >= previous);
    previous = next;
    if (i === count / 2) copy = TimeBuckets.decode(copy.encode());
  }
  assert.equal(copy.take(), undefined);
});

test('what comes too early and is put back does so once', () => {
  const buckets = new TimeBuckets();
  for (let i = 0; i < 10; i++) buckets.add(5, i);
  for (let i = 0; i < 10; i++) {
    const taken = buckets.take();
    assert.equal(taken?.number, i);
    buckets.add(5, 100 + i);
  }
  assert.equal(buckets.take()?.number, 100);
});

test('skipping drops whole buckets that are due, and nothing that is due later', () => {
  const times = fc.array(fc.nat(200_000), { maxLength: 40 });
  fc.assert(
    fc.property(times, fc.nat(200_000), fc.boolean(), (due, now, wide) => {
      const buckets = new TimeBuckets();
      // So many distinct times make buckets wider.
      if (wide) for (let time = 0; time < 70_000; time++) buckets.add(300_000 + time, 0);
      for (const [i, time] of due.entries()) buckets.add(time, i + 1);
      buckets.skip(now);
      const left = new Set<number>();
      while (buckets.size > 0) left.add(buckets.take()?.number ?? 0);
      for (const [i, time] of due.entries()) {
        if (time > now) assert.ok(left.has(i + 1));
        else if (!wide) assert.ok(!left.has(i + 1));
      }
      assert.equal(left.has(0), wide);
    }),
    { numRuns: 30 },
  );
});
