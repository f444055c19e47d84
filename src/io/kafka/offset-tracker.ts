import { type OffsetRange, OffsetRangeTracker } from '../../sdk/index.ts';

/** End of a range that has none. */
export const NO_END = Number.MAX_SAFE_INTEGER;

/**
 * Offsets of a partition. A range without an end gives away only its whole rest, as checkpoints do: what does not exist
 * yet cannot be shared out.
 */
export class PartitionTracker extends OffsetRangeTracker {
  readonly #start: number;
  #claimedTo: number;
  /** The end of the log when the reader last looked. */
  #logEnd: number;

  constructor(range: OffsetRange) {
    super(range);
    this.#start = range.start;
    this.#claimedTo = range.start;
    this.#logEnd = range.start;
  }

  /** Tells how far the log goes, by which progress is measured. */
  seeLogEnd(offset: number): void {
    this.#logEnd = offset;
  }

  override tryClaim(position: number): boolean {
    const claimed = super.tryClaim(position);
    if (claimed) this.#claimedTo = position + 1;
    return claimed;
  }

  override trySplit(fraction: number) {
    return this.current().end === NO_END ? super.trySplit(0) : super.trySplit(fraction);
  }

  override progress() {
    const { end } = this.current();
    if (end !== NO_END) return super.progress();
    return { completed: this.#claimedTo - this.#start, remaining: Math.max(0, this.#logEnd - this.#claimedTo) };
  }
}
