import type { Coder } from '../../../sdk/coders/coder.ts';
import { type CombinedGroups, CombinedMerge } from './combined-merge.ts';
import type { AnyCombineFn } from './combining-writer.ts';
import { GroupMerge, type ValueGroups } from './group-merge.ts';
import { MergeInput, type MergeOptions } from './merge-input.ts';
import { MergingCombinedMerge } from './merging-combined-merge.ts';
import { MergingGroupMerge } from './merging-group-merge.ts';
import type { RunSlice } from './run.ts';
import { isMerging } from './windowing.ts';

export interface GroupOptions extends MergeOptions {
  readonly valueCoder: Coder<unknown>;
}

export interface CombineOptions extends MergeOptions {
  readonly fn: AnyCombineFn;
}

/**
 * The reduce side of GroupByKey: the groups of one partition, from slices that a GroupWriter wrote.
 *
 * @throws IoError when a run cannot be read, here or from `next`.
 */
export function mergeGroups(slices: readonly RunSlice[], options: GroupOptions): ValueGroups {
  const input = new MergeInput(slices, options);
  return isMerging(options.windowing)
    ? new MergingGroupMerge(input, options.valueCoder)
    : new GroupMerge(input, options.valueCoder);
}

/**
 * The reduce side of a combine: the results of one partition, from slices that a CombiningWriter wrote.
 *
 * @throws IoError when a run cannot be read, here or from `next`.
 */
export function mergeCombined(slices: readonly RunSlice[], options: CombineOptions): CombinedGroups {
  const input = new MergeInput(slices, options);
  return isMerging(options.windowing)
    ? new MergingCombinedMerge(input, options.fn)
    : new CombinedMerge(input, options.fn);
}
