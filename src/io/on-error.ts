import { IoError, type MetricsScope } from '../sdk/index.ts';
import { resourceAt } from './filesystem/io-errors.ts';

/**
 * What a source does with a record that cannot be read: `fail` the pipeline (default), `skip` it and count it in the
 * metric `badRecords`, or send it to a `deadLetter` output, counted too. Where the rest of a file is unreadable
 * (truncated compression, a broken block) that rest is one bad record. Failures of the store itself always fail.
 */
export type OnError = 'fail' | 'skip' | 'deadLetter';

/** A record that could not be read. */
export interface BadRecord {
  readonly file: string;
  /** Byte where the record starts, in the decompressed content. */
  readonly offset: number;
  readonly error: { readonly code: string; readonly message: string };
  /** The record as it stands in the file, where its bounds are known; at most its first MiB. */
  readonly bytes?: Uint8Array;
}

/** Longest part of a bad record that a dead letter keeps. */
const MAX_KEPT_BYTES = 1024 * 1024;

/** The content of a file is not what its format says. What `onError` is about; other errors of a source always fail. */
export class DataError extends IoError {
  /** Byte of the decompressed content where the trouble starts. */
  readonly offset: number | undefined;

  constructor(
    code: string,
    summary: string,
    context: ConstructorParameters<typeof IoError>[2] & { offset?: number } = {},
  ) {
    // The content stays what it is.
    super(code, summary, { final: true, ...context });
    this.offset = context.offset;
  }
}

/** What helps with every bad record. */
const ON_ERROR_HINT = "onError: 'skip' leaves such records out, 'deadLetter' collects them.";

/** A DataError that names file and offset, and what else tells the place. */
export function dataError(
  code: string,
  summary: string,
  file: string,
  offset: number,
  hint: string = ON_ERROR_HINT,
  place?: string,
): DataError {
  return new DataError(code, summary, {
    resource: resourceAt(file, offset, place),
    offset,
    hint,
  });
}

/** Takes the bad records of one range and deals with them as `onError` says. */
export class BadRecordSink {
  readonly #onError: OnError;
  readonly #file: string;
  readonly #metrics: MetricsScope;
  #kept: BadRecord[] = [];

  constructor(onError: OnError, file: string, metrics: MetricsScope) {
    this.#onError = onError;
    this.#file = file;
    this.#metrics = metrics;
  }

  /**
   * Reports a record that cannot be read; the parser goes on behind it when this returns.
   *
   * @param bytes the record; copied
   * @throws DataError when the source fails on bad records
   */
  report(error: DataError, bytes?: Uint8Array): void {
    if (this.#onError === 'fail') throw error;
    this.#metrics.counter('badRecords').inc();
    if (this.#onError === 'skip') return;
    this.#kept.push({
      file: this.#file,
      offset: error.offset ?? 0,
      error: { code: error.code, message: error.summary },
      ...(bytes === undefined ? {} : { bytes: Uint8Array.prototype.slice.call(bytes, 0, MAX_KEPT_BYTES) }),
    });
  }

  /** The dead letters since the last call. */
  take(): readonly BadRecord[] {
    if (this.#kept.length === 0) return this.#kept;
    const kept = this.#kept;
    this.#kept = [];
    return kept;
  }
}
