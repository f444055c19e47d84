import { sizeOf, splitRestriction } from '../../../harness/split-restriction.ts';
import type { TransformSpec } from '../../../sdk/graph/graph.ts';
import type { SplittableDoFn } from '../../../sdk/transforms/splittable-do-fn.ts';
import { MIN_TIMESTAMP } from '../../../sdk/windows/timestamp.ts';
import { step } from './harness-steps.ts';

type AnySplittable = SplittableDoFn<unknown, unknown, unknown, unknown>;

/**
 * A restriction as runners carry it: with how far the watermark of its earlier calls has come. The element and it are
 * what `PairWithRestriction` emits.
 */
export type WatermarkedRestriction = readonly [restriction: unknown, watermark: number];
export type Paired = readonly [element: unknown, restriction: WatermarkedRestriction];
/** With the size of the restriction: what the runner gives to the processing of restrictions. */
export type Sized = readonly [paired: Paired, size: number];

/** Gives each element its initial restriction. */
export function pairWithRestriction({ restriction }: AnySplittable): TransformSpec {
  return step({
    kind: 'map',
    fn: async (element: unknown): Promise<Paired> => [element, [await restriction.initial(element), MIN_TIMESTAMP]],
  });
}

/** Divides restrictions for parallelism. */
export function splitAndSize({ restriction }: AnySplittable): TransformSpec {
  return step({
    kind: 'flatMap',
    fn: async ([element, [whole, watermark]]: Paired): Promise<Sized[]> => {
      const parts = await splitRestriction(restriction, element, whole);
      return parts.map(([, part, size]) => [[element, [part, watermark]], size]);
    },
  });
}

/** Leaves what is to be done of a restriction when the pipeline is drained. */
export function truncate({ restriction, unbounded }: AnySplittable): TransformSpec {
  return step({
    kind: 'flatMap',
    fn: ([[element, [whole, watermark]], size]: Sized): Sized[] => {
      if (restriction.truncate === undefined) return unbounded === true ? [] : [[[element, [whole, watermark]], size]];
      const rest = restriction.truncate(element, whole);
      return rest === undefined ? [] : [[[element, [rest, watermark]], sizeOf(restriction, element, rest)]];
    },
  });
}
