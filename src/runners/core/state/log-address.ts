import type { StateLocation } from './state-backend.ts';

/**
 * How a record of the log is named. An address is a segment's slot and an offset in units of 8 bytes: 512 segments, each of
 * which may begin a record below 64 MiB. A location is an address and, above its 32 bits, the record's size in units of
 * 8 bytes.
 *
 * What must stay true: addresses are in the records and in copies of the index, so a change of their bits is a change of
 * format. No record has address 0, as a segment begins with its header: 0 is no record.
 */
const OFFSET_BITS = 23;
const OFFSET_MASK = (1 << OFFSET_BITS) - 1;
const TWO_32 = 0x100000000;

/** Slots there are. */
export const MAX_SEGMENTS = 1 << (32 - OFFSET_BITS);
/** Sizes of records in locations; those of larger ones are looked up. */
export const MAX_UNITS = (1 << 21) - 1;

/** @param offset in bytes, a multiple of 8 */
export function addressOf(slot: number, offset: number): number {
  return ((slot << OFFSET_BITS) | (offset / 8)) >>> 0;
}

export function slotOf(address: number): number {
  return address >>> OFFSET_BITS;
}

/** In bytes, from the beginning of the segment. */
export function offsetOf(address: number): number {
  return (address & OFFSET_MASK) * 8;
}

export function locationOf(address: number, units: number): StateLocation {
  return Math.min(units, MAX_UNITS) * TWO_32 + address;
}

export function addressIn(location: StateLocation): number {
  return location % TWO_32;
}

/** Size in units of 8 bytes; `MAX_UNITS` stands for all that are as large or larger. */
export function unitsIn(location: StateLocation): number {
  return Math.floor(location / TWO_32);
}
