import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pipeline } from '../../sdk/pipeline/pipeline.ts';
import { OffsetRangeTracker, offsetRangeCoder } from '../../sdk/transforms/offset-range-tracker.ts';
import type { OffsetRange } from '../../sdk/transforms/restriction.ts';
import { splittableParDo } from '../../sdk/transforms/splittable-par-do.ts';
import { NO_FIRING } from '../../sdk/windows/pane-info.ts';
import { MIN_TIMESTAMP } from '../../sdk/windows/timestamp.ts';
import { GLOBAL_WINDOW } from '../../sdk/windows/window.ts';
import type { RestrictionSplit } from '../core/coordination/messages.ts';
import { BundleControl } from './bundle-control.ts';
import { RestrictionList } from './restriction-list.ts';
import { RestrictionCodec, type StoredRestriction } from './restriction-parts.ts';

function codec(): RestrictionCodec {
  const p = new Pipeline();
  p.create(['file']).apply(
    splittableParDo('Read', {
      restriction: {
        coder: offsetRangeCoder,
        initial: () => ({ start: 0, end: 1 }),
        size: (_element: string, { start, end }) => end - start,
        tracker: (range) => new OffsetRangeTracker(range),
      },
      *process() {
        yield [0];
      },
    }),
  );
  return new RestrictionCodec(p.graph, [...p.graph.transforms.values()].at(-1) as never);
}

const ranges = codec();
const open = (start: number, end: number) => ({
  element: 'file',
  restriction: { start, end },
  timestamp: MIN_TIMESTAMP,
  window: GLOBAL_WINDOW,
  pane: NO_FIRING,
});
const rangeOf = (part: unknown) => ranges.decode(part as StoredRestriction).restriction as OffsetRange;

function listOf(...bounds: readonly [start: number, end: number][]) {
  const control = new BundleControl();
  control.begin(7, 1);
  const splits: RestrictionSplit[] = [];
  const parts = bounds.map(([start, end]) => ranges.encode(open(start, end)));
  const sizes = bounds.map(([start, end]) => end - start);
  const list = new RestrictionList(ranges, { parts, sizes }, control, (split) => splits.push(split));
  return { control, list, splits, ask: (fraction: number) => control.requestSplit(7, 1, fraction) };
}

test('gives restrictions one after another, and away what it has not begun', () => {
  const { list, splits, ask } = listOf([0, 10], [10, 20], [20, 30], [30, 40]);
  assert.deepEqual(list.next()?.restriction, { start: 0, end: 10 });
  assert.equal(list.splitWanted(), undefined, 'nobody has asked');
  ask(0.5);
  assert.equal(list.splitWanted(), undefined);
  assert.equal(splits.length, 1);
  const [{ index, kept, shortened, residual }] = splits;
  assert.deepEqual([index, kept, shortened, residual.sizes], [0, 2, undefined, [10, 10]]);
  assert.deepEqual(residual.parts.map(rangeOf), [
    { start: 20, end: 30 },
    { start: 30, end: 40 },
  ]);
  assert.equal(list.splitWanted(), undefined, 'each request is taken once');
  assert.deepEqual(list.next()?.restriction, { start: 10, end: 20 });
  assert.equal(list.next(), undefined);
});

test('divides the restriction at hand when it is most of the work', () => {
  const { list, splits, ask } = listOf([0, 10], [10, 1010], [1010, 1015]);
  list.next();
  list.next();
  list.onProgress(100, 900);
  ask(0.5);
  assert.equal(list.splitWanted(), 0.5);
  list.onSplit({ start: 10, end: 560 }, { start: 560, end: 1010 });
  const [{ kept, shortened, residual }] = splits;
  assert.equal(kept, 3);
  assert.deepEqual([shortened?.at, shortened?.size, residual.sizes], [1, 550, [450]]);
  assert.deepEqual(rangeOf(shortened?.part), { start: 10, end: 560 });
  assert.deepEqual(residual.parts.map(rangeOf), [{ start: 560, end: 1010 }]);
  // Nearly through: what waits is now more than what is at hand.
  list.onProgress(549, 1);
  ask(0.5);
  assert.equal(list.splitWanted(), undefined);
  assert.deepEqual([splits[1].index, splits[1].kept], [1, 2]);
  assert.equal(list.next(), undefined);
});

test('tells how much of all of them is done', () => {
  const { control, list } = listOf([0, 10], [10, 40]);
  assert.deepEqual(control.share(7), { fraction: 0, elements: 0 });
  list.next();
  list.onProgress(5, 5);
  assert.equal(control.share(7).fraction, 5 / 40);
  list.next();
  list.onProgress(15, 15);
  assert.equal(control.share(7).fraction, 25 / 40);
  assert.equal(control.share(6).fraction, 0, 'of another bundle nothing is known');
});
