import assert from 'node:assert/strict';
import type { FileSourceOptions } from '../../src/io/file-based-source.ts';
import { fileReader } from '../../src/io/file-based-source.ts';
import type { SourceFormat } from '../../src/io/file-format.ts';
import type { FileRange } from '../../src/io/file-range.ts';
import { fileSystemOf } from '../../src/io/filesystem/registry.ts';
import { listFiles } from '../../src/io/match-files.ts';
import type { BadRecord, OnError } from '../../src/io/on-error.ts';
import { contentOptions, readHead } from '../../src/io/open-source.ts';
import type { MetricsScope } from '../../src/sdk/index.ts';
import { restrictionContext } from './restriction-context.ts';

/** Writes a file with any file system. */
export async function putFile(path: string, bytes: Uint8Array | string): Promise<void> {
  const writer = await fileSystemOf(path).create(path);
  await writer.write(Buffer.from(bytes));
  await writer.close();
}

/** How {@link driveSource} divides the work. */
export interface Division {
  /** Size of the initial ranges. */
  readonly bundleSize?: number;
  /** Fractions at which the runner asks for a split, one after each batch, in turn; none by default. */
  readonly splits?: readonly number[];
}

/** What a source gave. */
export interface Driven<O> {
  /** Records of all ranges, in the order of the ranges. */
  readonly records: O[];
  readonly errors: BadRecord[];
  readonly badRecords: number;
  /** The ranges read, as they were in the end. */
  readonly ranges: FileRange[];
}

/** Does to a source what a runner does: match, split, read, split again while reading, check that nothing is left out. */
export async function driveSource<O, P>(
  format: SourceFormat<O, P>,
  glob: string,
  options: FileSourceOptions<OnError> = {},
  division: Division = {},
): Promise<Driven<O>> {
  const content = contentOptions(options, 'Test');
  const reader = fileReader<O, P>(format, content, options);
  let badRecords = 0;
  const metrics = { counter: () => ({ inc: () => badRecords++ }) } as unknown as MetricsScope;
  const { prepare } = format;
  const matched = await listFiles<P>([glob], {
    ...(prepare === undefined ? {} : { prepare: (files) => prepare(files, (file, n) => readHead(file, content, n)) }),
  });
  const done: { file: number; range: FileRange; records: O[]; errors: BadRecord[] }[] = [];
  for (const [file, element] of matched.entries()) {
    const initial = await reader.restriction.initial(element);
    const { split } = reader.restriction;
    const queue: FileRange[] = [...((await split?.(element, initial, division.bundleSize ?? initial.end + 1)) ?? [])];
    let asked = 0;
    for (let range = queue.pop(); range !== undefined; range = queue.pop()) {
      const tracker = reader.restriction.tracker(range);
      const entry = { file, range, records: [] as O[], errors: [] as BadRecord[] };
      const context = restrictionContext(tracker, metrics);
      for await (const batch of (await reader.process(element, context)) as AsyncIterable<readonly unknown[]>) {
        for (const item of batch) {
          if (options.onError !== 'deadLetter') entry.records.push(item as O);
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
