import assert from 'node:assert/strict';
import { listFiles } from '../../src/io/match-files.ts';
import type { BadRecord, OnError } from '../../src/io/on-error.ts';
import { type PartedFormat, type PartRange, partReader } from '../../src/io/parted-source.ts';
import type { MetricsScope } from '../../src/sdk/index.ts';
import { restrictionContext } from './restriction-context.ts';
import type { Division } from './source-driver.ts';

/** What a source of files made of parts gave. */
export interface DrivenParts<O> {
  /** Elements of all ranges, in the order of the parts. */
  readonly records: O[];
  readonly errors: BadRecord[];
  readonly badRecords: number;
  readonly ranges: PartRange[];
}

/** Does to a parted source what a runner does: match, split, read, split again while reading. */
export async function driveParts<O>(
  format: PartedFormat<O>,
  glob: string,
  onError: OnError = 'fail',
  division: Division = {},
): Promise<DrivenParts<O>> {
  const reader = partReader(format, onError);
  let badRecords = 0;
  const metrics = { counter: () => ({ inc: () => badRecords++ }) } as unknown as MetricsScope;
  const done: { file: number; range: PartRange; records: O[]; errors: BadRecord[] }[] = [];
  for (const [file, element] of (await listFiles<undefined>([glob], {})).entries()) {
    const initial = await reader.restriction.initial(element);
    const { split } = reader.restriction;
    const queue = [...((await split?.(element, initial, division.bundleSize ?? Number.MAX_SAFE_INTEGER)) ?? [])];
    let asked = 0;
    for (let range = queue.pop(); range !== undefined; range = queue.pop()) {
      const tracker = reader.restriction.tracker(range);
      const entry = { file, range, records: [] as O[], errors: [] as BadRecord[] };
      const context = restrictionContext(tracker, metrics);
      for await (const batch of (await reader.process(element, context)) as AsyncIterable<readonly unknown[]>) {
        for (const item of batch) {
          if (onError !== 'deadLetter') entry.records.push(item as O);
          else if ((item as [string, O])[0] === 'record') entry.records.push((item as [string, O])[1]);
          else entry.errors.push((item as [string, BadRecord])[1]);
        }
        if (division.splits === undefined || division.splits.length === 0) continue;
        const parts = tracker.trySplit(division.splits[asked++ % division.splits.length]);
        if (parts !== undefined) queue.push(parts.residual);
      }
      tracker.checkDone();
      entry.range = tracker.current();
      assert.equal(tracker.progress().remaining, 0);
      done.push(entry);
    }
  }
  done.sort((a, b) => a.file - b.file || a.range.start - b.range.start || a.range.end - b.range.end);
  return {
    records: done.flatMap((entry) => entry.records),
    errors: done.flatMap((entry) => entry.errors),
    badRecords,
    ranges: done.map((entry) => entry.range),
  };
}
