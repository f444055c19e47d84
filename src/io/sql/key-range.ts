import {
  type Coder,
  coders,
  PipelineError,
  type RestrictionProgress,
  type RestrictionTracker,
} from '../../sdk/index.ts';

/**
 * Part of a table by the values of its key: `lower <= key < upper` in the order of the database, or the rows whose key
 * is null. Bounds are written as the database prints them; an absent one leaves that end open, so that rows which
 * somebody adds outside of what was there at first still belong to a range.
 */
export interface KeyRange {
  readonly lower?: string;
  readonly upper?: string;
  /** The rows without a key; the bounds do not matter. */
  readonly nulls?: boolean;
  /** Whether the keys are integers, so that the range can be divided by arithmetic while it is read. */
  readonly integer: boolean;
  /** Name of the snapshot that all ranges are read from, where they share one. */
  readonly snapshot?: string;
  /** Estimated bytes of its rows. */
  readonly bytes: number;
}

/** The key of the last row of a batch, or `END` behind the last batch. */
export type KeyPosition = bigint | typeof END;

/** The position behind all rows of a range. */
export const END = 'end';

/** A byte of flags, up to three strings and a count. */
export const keyRangeCoder: Coder<KeyRange> = {
  urn: 'millrace:coder:sql_key_range:v1',
  components: [],
  nonDeterministic: undefined,
  encode(range, out) {
    const { lower, upper, snapshot, nulls = false, integer } = range;
    const texts = (lower === undefined ? 0 : 1) | (upper === undefined ? 0 : 2) | (snapshot === undefined ? 0 : 16);
    out.byte(texts | (nulls ? 4 : 0) | (integer ? 8 : 0));
    if (lower !== undefined) coders.string.encode(lower, out, true);
    if (upper !== undefined) coders.string.encode(upper, out, true);
    if (snapshot !== undefined) coders.string.encode(snapshot, out, true);
    out.varint(range.bytes);
  },
  decode(input) {
    const flags = input.byte();
    if (flags > 31) throw input.malformed('Flags of a key range');
    return {
      ...(flags & 1 ? { lower: coders.string.decode(input, true) } : {}),
      ...(flags & 2 ? { upper: coders.string.decode(input, true) } : {}),
      ...(flags & 16 ? { snapshot: coders.string.decode(input, true) } : {}),
      ...(flags & 4 ? { nulls: true } : {}),
      integer: (flags & 8) !== 0,
      bytes: input.varint(),
    };
  },
};

/** Cuts the open range of all keys at the given bounds, which increase; the rows without a key are a part of their own. */
export function rangesBetween(cuts: readonly string[], whole: KeyRange, nullable: boolean): KeyRange[] {
  const bytes = Math.ceil(whole.bytes / (cuts.length + 1));
  const { integer, snapshot } = whole;
  const shared = { integer, ...(snapshot === undefined ? {} : { snapshot }) };
  const parts: KeyRange[] = [];
  for (let i = 0; i <= cuts.length; i++) {
    const lower = i === 0 ? whole.lower : cuts[i - 1];
    const upper = i === cuts.length ? whole.upper : cuts[i];
    parts.push({
      ...(lower === undefined ? {} : { lower }),
      ...(upper === undefined ? {} : { upper }),
      ...shared,
      bytes,
    });
  }
  if (nullable) parts.push({ nulls: true, ...shared, bytes: 0 });
  return parts;
}

/**
 * Tracks the reading of a key range. Ranges of integers are read in the order of the key, each batch claimed by the key
 * of its last row, and can be divided while they are read; others are read in any order and only as a whole.
 */
export class KeyRangeTracker implements RestrictionTracker<KeyRange, KeyPosition> {
  #range: KeyRange;
  #claimed: bigint | undefined;
  #done = false;

  constructor(range: KeyRange) {
    this.#range = range;
  }

  current(): KeyRange {
    return this.#range;
  }

  /** True when the rows up to and including the position, or for `END` all rows, are the claimant's. */
  tryClaim(position: KeyPosition): boolean {
    if (position === END) {
      this.#done = true;
      return true;
    }
    if (this.#claimed !== undefined && position < this.#claimed) {
      throw new PipelineError('RANGE_INVALID', `The key ${position} was claimed after ${this.#claimed}`);
    }
    const { upper } = this.#range;
    if (upper !== undefined && position >= BigInt(upper)) {
      this.#done = true;
      return false;
    }
    this.#claimed = position;
    return true;
  }

  trySplit(fraction: number): { readonly primary: KeyRange; readonly residual: KeyRange } | undefined {
    const { lower, upper, nulls, integer, bytes } = this.#range;
    if (this.#done || !integer || nulls === true || upper === undefined) return undefined;
    const from = this.#claimed === undefined ? (lower === undefined ? undefined : BigInt(lower)) : this.#claimed + 1n;
    if (from === undefined) return undefined;
    const share = Math.min(Math.max(fraction, 0), 1);
    const left = BigInt(upper) - from;
    const at = from + (left * BigInt(Math.round(share * 1024))) / 1024n;
    if (at >= BigInt(upper)) return undefined;
    const rest = Math.ceil(bytes * (1 - this.#share(at)));
    const primary: KeyRange = { ...this.#range, upper: String(at), bytes: Math.max(0, bytes - rest) };
    const residual: KeyRange = { ...this.#range, lower: String(at), bytes: rest };
    this.#range = primary;
    return { primary, residual };
  }

  progress(): RestrictionProgress {
    const { bytes } = this.#range;
    if (this.#done) return { completed: bytes, remaining: 0 };
    const completed = this.#claimed === undefined ? 0 : Math.floor(bytes * this.#share(this.#claimed));
    return { completed, remaining: bytes - completed };
  }

  checkDone(): void {
    if (this.#done) return;
    throw new Error('The DoFn returned before it came to the end of a key range: the rest would be lost');
  }

  /** Share of the keys that lie before one; 0 where the ends are not known. */
  #share(key: bigint): number {
    const { lower, upper, integer } = this.#range;
    if (!integer || lower === undefined || upper === undefined) return 0;
    const width = Number(BigInt(upper) - BigInt(lower));
    return width <= 0 ? 1 : Math.min(1, Math.max(0, Number(key - BigInt(lower)) / width));
  }
}
