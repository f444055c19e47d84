import { atomic } from '../schema/schema.ts';
import { type FieldCoder, wrongType } from './coder.ts';

const VARINT = 'beam:coder:varint:v1';
const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/** `beam:coder:varint:v1` as bigint: every int64. */
export const int64Coder: FieldCoder<bigint> = {
  urn: VARINT,
  components: [],
  nonDeterministic: undefined,
  fieldType: atomic('int64'),
  encode(value, out) {
    if (typeof value !== 'bigint' || value < MIN_INT64 || value > MAX_INT64)
      throw wrongType('a bigint of 64 bits', value);
    out.varint64(value);
  },
  decode(input) {
    return input.varint64();
  },
};

/**
 * `beam:coder:varint:v1` as number: the same bytes as {@link int64Coder} at a fraction of the cost, for integers within
 * ±(2^53 − 1). What lies outside is an error both ways, never a rounded value.
 */
export const safeIntCoder: FieldCoder<number> = {
  urn: VARINT,
  components: [],
  nonDeterministic: undefined,
  fieldType: atomic('int64'),
  encode(value, out) {
    if (!Number.isSafeInteger(value))
      throw wrongType('an integer within ±(2^53 − 1); beyond it, use coders.int64', value);
    if (value >= 0) out.varint(value);
    else out.varint64(BigInt(value));
  },
  decode(input) {
    const bytes = input.bytes;
    let at = input.position;
    // Seven bytes hold 49 bits: no need for a bigint.
    const end = Math.min(at + 7, input.end);
    let small = 0;
    let scale = 1;
    while (at < end) {
      const byte = bytes[at++];
      small += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        input.position = at;
        return small;
      }
      scale *= 128;
    }
    const value = Number(input.varint64());
    if (Number.isSafeInteger(value)) return value;
    throw input.malformed('An integer beyond ±(2^53 − 1), which coders.int64 could hold,');
  },
};

/** The INT32 of rows: a varint of the 32-bit two's complement, so that −1 takes 5 bytes and not 10. */
export const int32Coder: FieldCoder<number> = {
  urn: 'millrace:coder:int32:v1',
  components: [],
  nonDeterministic: undefined,
  fieldType: atomic('int32'),
  encode(value, out) {
    if ((value | 0) !== value) throw wrongType('an integer of 32 bits', value);
    out.varint(value >>> 0);
  },
  decode(input) {
    const value = input.varint64();
    // Some SDKs sign-extend negative numbers to 64 bits.
    if (value < -0x80000000n || value > 0xffffffffn) throw input.malformed('An INT32 beyond 32 bits');
    return Number(value) | 0;
  },
};
