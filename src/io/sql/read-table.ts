import {
  type Coder,
  coders,
  type PCollection,
  type Pipeline,
  type PTransform,
  type SplittableDoFn,
  splittableParDo,
} from '../../sdk/index.ts';
import { END, type KeyRange, KeyRangeTracker, keyRangeCoder } from './key-range.ts';

/** Rows of one range, as they came from the database. */
export interface RowBatch<T> {
  readonly rows: readonly T[];
  /** Key of each row, where the range is one of integers. */
  readonly keys: readonly bigint[] | undefined;
}

/** What a database does for {@link readTable}; one per worker. */
export interface TableReader<T> {
  /** All rows, with the estimate of their bytes. */
  whole(): Promise<KeyRange>;
  /** Cuts the rows into about `parts` ranges of equal size. */
  divide(whole: KeyRange, parts: number): Promise<readonly KeyRange[]>;
  /** The rows of a range, of integers in the order of the key. */
  scan(range: KeyRange): AsyncIterable<RowBatch<T>>;
  close(): Promise<void>;
}

/** What {@link readTable} needs besides the reader. */
export interface TableReadOptions<T> {
  readonly name: string;
  /** Most parts of the initial division. */
  readonly maxParts: number;
  /** Least parts of the initial division. */
  readonly minParts: number;
  readonly coder?: Coder<T>;
}

/** Reads a table or query by ranges of its key: the frame around the databases. */
export function readTable<T>(
  makeReader: () => TableReader<T>,
  options: TableReadOptions<T>,
): PTransform<Pipeline, PCollection<T>> {
  const { name } = options;
  return {
    name,
    expand: (pipeline) => pipeline.create([name]).apply(splittableParDo('Read', tableReader(makeReader, options))),
  };
}

/** The splittable DoFn behind {@link readTable}. */
export function tableReader<T>(
  makeReader: () => TableReader<T>,
  options: TableReadOptions<T>,
): SplittableDoFn<string, KeyRange, bigint | typeof END, T> {
  let reader: TableReader<T> | undefined;
  const current = () => {
    reader ??= makeReader();
    return reader;
  };
  return {
    coder: options.coder ?? (coders.default() as Coder<T>),
    restriction: {
      coder: keyRangeCoder,
      initial: () => current().whole(),
      split: (_, range, bundleSize) => {
        const wanted = Math.ceil(range.bytes / Math.max(1, bundleSize));
        return current().divide(range, Math.min(options.maxParts, Math.max(options.minParts, wanted)));
      },
      size: (_, range) => range.bytes,
      tracker: (range) => new KeyRangeTracker(range),
    },
    async *process(_, { tracker }) {
      for await (const { rows, keys } of current().scan(tracker.current())) {
        if (keys === undefined) {
          yield rows;
          continue;
        }
        if (keys.length === 0) continue;
        const claimed = claimable(keys, tracker.current());
        if (claimed > 0) {
          if (!tracker.tryClaim(keys[claimed - 1])) return;
          yield claimed === rows.length ? rows : rows.slice(0, claimed);
        }
        if (claimed < rows.length) {
          tracker.tryClaim(keys[claimed]);
          return;
        }
      }
      tracker.tryClaim(END);
    },
    async teardown() {
      const open = reader;
      reader = undefined;
      await open?.close();
    },
  };
}

/** How many of the keys still belong to a range that may have been shortened while the batch was on its way. */
function claimable(keys: readonly bigint[], { upper }: KeyRange): number {
  if (upper === undefined || keys[keys.length - 1] < BigInt(upper)) return keys.length;
  const bound = BigInt(upper);
  let count = 0;
  while (count < keys.length && keys[count] < bound) count++;
  return count;
}
