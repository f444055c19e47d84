import type { LogicalFieldType } from '../schema/schema.ts';
import {
  END_OF_GLOBAL_WINDOW,
  END_OF_GLOBAL_WINDOW_EXACT,
  MAX_TIMESTAMP,
  MAX_TIMESTAMP_EXACT,
  MIN_TIMESTAMP,
  MIN_TIMESTAMP_EXACT,
  type Timestamp,
} from '../windows/timestamp.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { type FieldCoder, wrongType } from './coder.ts';

const TWO_32 = 0x100000000;

/**
 * Appends Beam's encoding of a time: milliseconds as a big-endian int64 with the sign bit flipped, so that bytes order
 * as times do.
 */
export function encodeTimestamp(time: Timestamp, out: ByteWriter): void {
  if (Number.isSafeInteger(time)) {
    const high = Math.floor(time / TWO_32);
    out.words((high ^ 0x80000000) >>> 0, time - high * TWO_32);
    return;
  }
  encodeExactMillis(exactMillis(time), out);
}

/** As {@link encodeTimestamp}, for times that no double holds. */
export function encodeExactMillis(millis: bigint, out: ByteWriter): void {
  const bits = BigInt.asUintN(64, millis);
  out.words((Number(bits >> 32n) ^ 0x80000000) >>> 0, Number(bits & 0xffffffffn));
}

/** Times past Beam's extremes are read as the extremes: other SDKs write such values for "no such time". */
export function decodeTimestamp(input: ByteReader): Timestamp {
  const at = input.take(8);
  const high = (input.bytes.readUInt32BE(at) ^ 0x80000000) | 0;
  const low = input.bytes.readUInt32BE(at + 4);
  if (high >= -0x200000 && high < 0x200000) return (high * TWO_32 + low) as Timestamp;
  return fromExactMillis((BigInt(high) << 32n) | BigInt(low));
}

/** The integer that Beam knows a time by. Differs from the double at Beam's extremes only. */
export function exactMillis(time: Timestamp): bigint {
  if (time === MAX_TIMESTAMP) return MAX_TIMESTAMP_EXACT;
  if (time === MIN_TIMESTAMP) return MIN_TIMESTAMP_EXACT;
  if (time === END_OF_GLOBAL_WINDOW) return END_OF_GLOBAL_WINDOW_EXACT;
  if (!Number.isInteger(time) || time > MAX_TIMESTAMP || time < MIN_TIMESTAMP) throw wrongType('a timestamp', time);
  return BigInt(time);
}

/** Inverse of {@link exactMillis}. */
export function fromExactMillis(millis: bigint): Timestamp {
  if (millis > MAX_TIMESTAMP_EXACT) return MAX_TIMESTAMP;
  if (millis < MIN_TIMESTAMP_EXACT) return MIN_TIMESTAMP;
  return Number(millis) as Timestamp;
}

/** The schema type of {@link timestampCoder}. */
const MILLIS_INSTANT: LogicalFieldType = {
  kind: 'logical',
  urn: 'beam:logical_type:millis_instant:v1',
  representation: { kind: 'atomic', atomic: 'int64' },
};

/** Event times. In a row, Beam's `millis_instant`; alone it has no standard URN, and runners see length-prefixed bytes. */
export const timestampCoder: FieldCoder<Timestamp> = {
  urn: 'millrace:coder:timestamp:v1',
  components: [],
  nonDeterministic: undefined,
  fieldType: MILLIS_INSTANT,
  encode(value, out) {
    if (typeof value !== 'number') throw wrongType('a timestamp', value);
    encodeTimestamp(value, out);
  },
  decode(input) {
    return decodeTimestamp(input);
  },
};
