/**
 * The shuffle: grouping and combining by key and window, within bounded memory.
 *
 * Map side, one writer per bundle and grouping:
 *
 *     const writer = new GroupWriter({ keyCoder, valueCoder, windowing, partitions, bufferBytes, inMemoryBytes, disk, name, sink });
 *     writer.write([key, value], timestamp, window, pane);      // any number of times
 *     writer.close();                                           // sink has been given all Runs
 *
 * `CombiningWriter` takes `fn` instead of `valueCoder`, and its runs hold accumulators. A Run is plain data: post it to any thread.
 * When a write or close throws, the runs handed out so far are the receiver's to remove, and the writer is not used again.
 *
 * Reduce side, once per partition over the runs of all writers:
 *
 *     const groups = mergeGroups(runs.map((run) => ({ run, partition })), { keyCoder, valueCoder, windowing, disk, name });
 *     try {
 *       while (groups.next()) use(groups.key, groups.window, groups.timestamp, groups.values);
 *     } finally {
 *       groups.close();
 *     }
 *
 * `mergeCombined` takes `fn` instead of `valueCoder` and has `value`, the extracted result, instead of `values`. Groups come in
 * no meaningful order. When all partitions are done: `removeRun(run, disk)`.
 */

export type { CombinedGroups } from './combined-merge.ts';
export { CombiningWriter } from './combining-writer.ts';
export type { ValueGroups } from './group-merge.ts';
export { GroupWriter } from './group-writer.ts';
export { mergeCombined, mergeGroups } from './merge.ts';
export { type Run, removeRun, residentBytes } from './run.ts';
export type { ShuffleWriter, ShuffleWriterOptions } from './writer-options.ts';
