import assert from 'node:assert/strict';
import type { BadRecord } from '../../src/io/on-error.ts';
import type { MetricsScope, SplittableDoFn } from '../../src/sdk/index.ts';
import { restrictionContext } from './restriction-context.ts';

/** How the work of a source is divided. */
export interface Division {
  /** Size of the initial ranges; all in one by default. */
  readonly bundleSize?: number;
  /** Fractions at which the runner asks for a split, one after each batch, in turn; none by default. */
  readonly splits?: readonly number[];
}

/** What a source gave. */
export interface Driven<O, R> {
  /** Records of all ranges, in the order of the ranges. */
  readonly records: O[];
  readonly errors: BadRecord[];
  readonly badRecords: number;
  /** The ranges read, as they were in the end. */
  readonly ranges: R[];
}

/**
 * Does to the reader of a source what a runner does: split, read, split again while reading, check that nothing is left
 * out.
 *
 * @param elements the files it is to read
 * @param deadLetters whether it gives records and errors, each with its tag
 */
export async function driveReader<E, R extends { readonly start: number; readonly end: number }, O>(
  reader: SplittableDoFn<E, R, number, unknown>,
  elements: readonly E[],
  deadLetters: boolean,
  { bundleSize = Number.MAX_SAFE_INTEGER, splits = [] }: Division,
): Promise<Driven<O, R>> {
  const { restriction } = reader;
  let badRecords = 0;
  const metrics = { counter: () => ({ inc: () => badRecords++ }) } as unknown as MetricsScope;
  const done: { file: number; range: R; records: O[]; errors: BadRecord[] }[] = [];
  for (const [file, element] of elements.entries()) {
    const initial = await restriction.initial(element);
    const queue = [...((await restriction.split?.(element, initial, bundleSize)) ?? [])];
    let asked = 0;
    for (let range = queue.pop(); range !== undefined; range = queue.pop()) {
      const tracker = restriction.tracker(range);
      const entry = { file, range, records: [] as O[], errors: [] as BadRecord[] };
      const context = restrictionContext(tracker, metrics);
      for await (const batch of (await reader.process(element, context)) as AsyncIterable<readonly unknown[]>) {
        for (const item of batch) {
          if (!deadLetters) entry.records.push(item as O);
          else if ((item as [string, O])[0] === 'record') entry.records.push((item as [string, O])[1]);
          else entry.errors.push((item as [string, BadRecord])[1]);
        }
        if (splits.length === 0) continue;
        const parts = tracker.trySplit(splits[asked++ % splits.length]);
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
