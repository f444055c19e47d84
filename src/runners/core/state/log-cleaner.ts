import { SEGMENT_HEADER } from './log-format.ts';
import type { LogSegments, RecordVisitor, SegmentLimits } from './log-segments.ts';

export interface CleaningLimits extends SegmentLimits {
  /** Bytes that may lie about dead before the log is compacted; then as much again as is alive. */
  readonly slack: number;
}

/**
 * Compacts a log: what is alive in the oldest segments is written again at its end, and then the segments are left out.
 *
 * What must stay true: segments go in the order in which they came. A delete and a table's name are not written again: no
 * older record is left that the delete would have to hide, and each newer segment has all names itself. What one commit
 * cleans is bounded by what was written since the one before, so that no commit waits for the whole log.
 */
export class LogCleaner {
  readonly #log: LogSegments;
  readonly #limits: CleaningLimits;
  readonly #rescue: RecordVisitor;
  /** How far the oldest segment has been cleaned. */
  #cleaned = SEGMENT_HEADER;

  /** @param rescue writes a record again if it counts */
  constructor(log: LogSegments, limits: CleaningLimits, rescue: RecordVisitor) {
    this.#log = log;
    this.#limits = limits;
    this.#rescue = rescue;
  }

  /** For another oldest segment, of which nothing is cleaned. */
  reset(): void {
    this.#cleaned = SEGMENT_HEADER;
  }

  /** Writes what is alive in the oldest segments again, at most about as much as has been written since the last commit. */
  clean(): void {
    const log = this.#log;
    const { slack, segment: segmentBytes } = this.#limits;
    let work = Math.max(segmentBytes / 4, log.fresh * 2);
    while (work > 0 && log.segments.length > 1 && log.total > 2 * log.live + slack) {
      const [segment] = log.segments;
      const until = Math.min(segment.length, this.#cleaned + work);
      const end = log.walk(segment, segment.length, this.#rescue, this.#cleaned, until);
      work -= end - this.#cleaned;
      this.#cleaned = end;
      if (end < segment.length) return;
      log.leaveOldest();
      this.#cleaned = SEGMENT_HEADER;
    }
  }
}
