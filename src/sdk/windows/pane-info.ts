import type { ByteReader } from '../coders/byte-reader.ts';
import type { ByteWriter } from '../coders/byte-writer.ts';

/** When a pane fired relative to the watermark: before the window's end, at it, after it, or no trigger was involved. */
export type PaneTiming = 'EARLY' | 'ON_TIME' | 'LATE' | 'UNKNOWN';

const TIMINGS: readonly PaneTiming[] = ['EARLY', 'ON_TIME', 'LATE', 'UNKNOWN'];

/** Which firing of a window's trigger produced an element (Beam's PaneInfo). */
export interface PaneInfo {
  readonly timing: PaneTiming;
  /** Whether this is the first pane of its window and key. */
  readonly first: boolean;
  /** Whether no further pane follows. */
  readonly last: boolean;
  /** Firings of the window before this one. */
  readonly index: number;
  /** Firings before this one that were not early; −1 in an early pane. */
  readonly nonSpeculativeIndex: number;
}

/** Panes that one byte describes, by that byte, so that the common ones are shared and never allocated. */
const BY_BYTE: readonly PaneInfo[] = Array.from({ length: 16 }, (_, bits) => {
  const timing = TIMINGS[bits >> 2];
  return Object.freeze({
    timing,
    first: (bits & 1) !== 0,
    last: (bits & 2) !== 0,
    index: 0,
    nonSpeculativeIndex: timing === 'EARLY' ? -1 : 0,
  });
});

/** Pane of an element that has not been through a trigger. */
export const NO_FIRING: PaneInfo = BY_BYTE[0b1111];
/** Pane of a window that fires exactly once, at its end: batch grouping. */
export const ON_TIME_AND_ONLY_FIRING: PaneInfo = BY_BYTE[0b0111];

const FIRST = 0;
const ONE_INDEX = 1;
const TWO_INDICES = 2;

/** Appends Beam's encoding of a pane: one byte, and the indices where that byte does not imply them. */
export function encodePane(pane: PaneInfo, out: ByteWriter): void {
  if (pane === NO_FIRING) return out.byte(0b1111);
  const { timing, index, nonSpeculativeIndex } = pane;
  const bits = (pane.first ? 1 : 0) | (pane.last ? 2 : 0) | (TIMINGS.indexOf(timing) << 2);
  if (timing === 'UNKNOWN' || (index === 0 && nonSpeculativeIndex === 0)) return out.byte(bits | (FIRST << 4));
  if (timing === 'EARLY' || index === nonSpeculativeIndex) {
    out.byte(bits | (ONE_INDEX << 4));
    return out.varint(index);
  }
  out.byte(bits | (TWO_INDICES << 4));
  out.varint(index);
  out.varint64(BigInt(nonSpeculativeIndex));
}

/** @throws CoderError when truncated, or encoded in a way Beam's panes have not. */
export function decodePane(input: ByteReader): PaneInfo {
  const byte = input.byte();
  const base = BY_BYTE[byte & 15];
  const encoding = byte >> 4;
  if (encoding === FIRST) return base;
  if (encoding > TWO_INDICES) throw input.malformed(`Unknown pane encoding ${encoding}`);
  const { timing, first, last } = base;
  const index = input.varint();
  const implied = timing === 'EARLY' ? -1 : index;
  const nonSpeculativeIndex = encoding === TWO_INDICES ? Number(input.varint64()) : implied;
  return { timing, first, last, index, nonSpeculativeIndex };
}
