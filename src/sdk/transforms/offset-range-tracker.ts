import type { ByteReader } from '../coders/byte-reader.ts';
import type { ByteWriter } from '../coders/byte-writer.ts';
import type { Coder } from '../coders/coder.ts';
import { PipelineError } from '../errors.ts';
import type { OffsetRange, RestrictionProgress, RestrictionTracker } from './restriction.ts';

/**
 * Tracks claims within `[start, end)` (Beam's OffsetRangeTracker). Claims come in increasing order and mean that
 * everything up to and including the position is the claimant's; what has been claimed is never given away.
 */
export class OffsetRangeTracker<R extends OffsetRange = OffsetRange> implements RestrictionTracker<R, number> {
  #range: R;
  readonly #splittable: boolean;
  /** Last position for which a claim was tried, successful or not; before the start when none was. */
  #attempted: number;
  #claimed: number;

  /** @param options `splittable: false` makes trySplit always decline: for what can only be read from its start. */
  constructor(range: R, options: { readonly splittable?: boolean } = {}) {
    checkRange(range);
    this.#range = range;
    this.#splittable = options.splittable ?? true;
    this.#attempted = range.start - 1;
    this.#claimed = range.start - 1;
  }

  current(): R {
    return this.#range;
  }

  /** @throws when positions do not increase or lie before the range: both are bugs of the DoFn. */
  tryClaim(position: number): boolean {
    if (!(position > this.#attempted)) {
      throw new Error(`Position ${position} claimed after ${this.#attempted} of the range from ${this.#range.start}`);
    }
    this.#attempted = position;
    if (position >= this.#range.end) return false;
    this.#claimed = position;
    return true;
  }

  trySplit(fraction: number): { readonly primary: R; readonly residual: R } | undefined {
    const range = this.#range;
    const next = this.#attempted + 1;
    if (!this.#splittable || next >= range.end) return undefined;
    const share = Math.min(Math.max(fraction, 0), 1);
    // Never before what is claimed; with nothing claimed yet the primary may become empty.
    const at = Math.max(next, Math.floor(next + (range.end - next) * share));
    if (at >= range.end) return undefined;
    const primary = { ...range, end: at };
    this.#range = primary;
    return { primary, residual: { ...range, start: at } };
  }

  progress(): RestrictionProgress {
    const { start, end } = this.#range;
    const completed = Math.min(this.#claimed + 1, end) - start;
    return { completed, remaining: end - start - completed };
  }

  checkDone(): void {
    const { start, end } = this.#range;
    if (start === end || this.#attempted >= end - 1) return;
    throw new Error(`The DoFn returned after offset ${this.#claimed} of [${start}, ${end}): the rest would be lost`);
  }
}

/** @throws PipelineError `RANGE_INVALID` */
function checkRange({ start, end }: OffsetRange): void {
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start <= end) return;
  throw new PipelineError('RANGE_INVALID', `[${start}, ${end}) is no range of offsets`);
}

/** Two varints: start and length. What is no range, or begins before 0, is refused as `RANGE_INVALID`. */
export const offsetRangeCoder: Coder<OffsetRange> = {
  urn: 'millrace:coder:offset_range:v1',
  components: [],
  nonDeterministic: undefined,
  encode(range: OffsetRange, out: ByteWriter): void {
    checkRange(range);
    if (range.start < 0) throw new PipelineError('RANGE_INVALID', `[${range.start}, ${range.end}) begins before 0`);
    out.varint(range.start);
    out.varint(range.end - range.start);
  },
  decode(input: ByteReader): OffsetRange {
    const start = input.varint();
    const length = input.varint();
    if (length > Number.MAX_SAFE_INTEGER - start) throw input.malformed('An offset range beyond 2^53');
    return { start, end: start + length };
  },
};
