import {
  type OffsetRange,
  OffsetRangeTracker,
  offsetRangeCoder,
  type SplittableContext,
  type SplittableDoFn,
} from '../../src/sdk/index.ts';

export type OffsetContext = SplittableContext<OffsetRange, number>;

/** A range of offsets per element; `size` is how many. */
export function ranges<T>(size: (element: T) => number): SplittableDoFn<T, OffsetRange, number, never>['restriction'] {
  return {
    coder: offsetRangeCoder,
    initial: (element) => ({ start: 0, end: size(element) }),
    tracker: (restriction) => new OffsetRangeTracker(restriction),
  };
}
