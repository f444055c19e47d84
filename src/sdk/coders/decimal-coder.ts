import { CoderError } from '../errors.ts';
import { Decimal } from '../schema/decimal.ts';
import { type FieldCoder, wrongType } from './coder.ts';
import { MAX_BIGINT_BYTES } from './value-tags.ts';
import { int32Coder } from './varint-coder.ts';

/** Beam's `decimal` logical type, as Java's BigDecimalCoder: the scale, then the unscaled integer as two's complement. */
export const decimalCoder: FieldCoder<Decimal> = {
  urn: 'millrace:coder:decimal:v1',
  components: [],
  nonDeterministic: undefined,
  fieldType: {
    kind: 'logical',
    urn: 'beam:logical_type:decimal:v1',
    representation: { kind: 'atomic', atomic: 'bytes' },
  },
  encode(value, out, nested) {
    if (!(value instanceof Decimal)) throw wrongType('a Decimal', value);
    const bytes = toTwosComplement(value.unscaled);
    int32Coder.encode(value.scale, out, true);
    if (nested) out.varint(bytes.length);
    out.raw(bytes);
  },
  decode(input, nested) {
    const scale = int32Coder.decode(input, true);
    const size = nested ? input.varint() : input.remaining;
    if (size === 0 || size > MAX_BIGINT_BYTES) throw input.malformed(`A decimal of ${size} bytes`);
    return new Decimal(fromTwosComplement(input.view(size)), scale);
  },
};

/** Shortest big-endian form with room for the sign. */
function toTwosComplement(value: bigint): Uint8Array {
  const magnitude = value < 0n ? -value - 1n : value;
  const size = (magnitude.toString(16).length + 1) >> 1;
  const bits = BigInt(size * 8);
  // A set top bit would read as the other sign: one more byte.
  const width = magnitude >> (bits - 1n) === 0n ? size : size + 1;
  if (width > MAX_BIGINT_BYTES) throw new CoderError('CODER_TOO_LARGE', `A decimal of ${width} bytes`);
  const hex = BigInt.asUintN(width * 8, value).toString(16);
  return Buffer.from(hex.padStart(width * 2, '0'), 'hex');
}

function fromTwosComplement(bytes: Buffer): bigint {
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));
}
