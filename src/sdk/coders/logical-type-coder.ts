import { CoderError } from '../errors.ts';
import type { FieldType, LogicalFieldType } from '../schema/schema.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { type FieldCoder, wrongType } from './coder.ts';
import { decimalCoder } from './decimal-coder.ts';
import { selfContainedCoder } from './default-coder.ts';
import { LengthPrefixCoder } from './length-prefix-coder.ts';
import { timestampCoder } from './timestamp-coder.ts';

type Encode = (value: unknown) => unknown;
type Decode = (representation: unknown, input: ByteReader) => unknown;

/** A logical type whose values are made from those of its representation. */
class LogicalTypeCoder implements FieldCoder<unknown> {
  readonly urn: string;
  readonly components = [];
  readonly nonDeterministic: string | undefined;
  readonly fieldType: LogicalFieldType;
  readonly #representation: FieldCoder<unknown>;
  readonly #toRepresentation: Encode;
  readonly #fromRepresentation: Decode;

  constructor(type: LogicalFieldType, representation: FieldCoder<unknown>, to: Encode, from: Decode) {
    this.urn = type.urn;
    this.fieldType = type;
    this.nonDeterministic = representation.nonDeterministic;
    this.#representation = representation;
    this.#toRepresentation = to;
    this.#fromRepresentation = from;
  }

  encode(value: unknown, out: ByteWriter, nested: boolean): void {
    this.#representation.encode(this.#toRepresentation(value), out, nested);
  }

  decode(input: ByteReader, nested: boolean): unknown {
    return this.#fromRepresentation(this.#representation.decode(input, nested), input);
  }
}

/**
 * The coder of a logical type.
 *
 * | type | values |
 * |---|---|
 * | `millis_instant` | Timestamp |
 * | `micros_instant` | microseconds since the epoch, bigint |
 * | `timestamp` | 10^-precision seconds since the epoch, bigint |
 * | `decimal`, `fixed_decimal` | Decimal |
 * | `fixed_bytes`, `fixed_char` | bytes, string; shorter ones are padded with zeros, spaces; longer ones refused |
 * | `var_bytes`, `var_char` | bytes, string; longer ones than the argument are refused. Lengths of strings count UTF-16 units |
 * | `millrace:logical_type:value:v1` | anything the default coder encodes |
 * | `python_callable` and every other | what the representation has |
 *
 * @throws CoderError `SCHEMA_INVALID` when an argument or a part of the representation is missing.
 */
export function logicalTypeCoder(
  type: LogicalFieldType,
  coderOf: (type: FieldType) => FieldCoder<unknown>,
): FieldCoder<unknown> {
  const present = { ...type, nullable: false };
  switch (type.urn) {
    case 'beam:logical_type:millis_instant:v1':
      return timestampCoder;
    case 'beam:logical_type:decimal:v1':
      return decimalCoder;
    case 'millrace:logical_type:value:v1':
      return anyValueCoder;
    case 'beam:logical_type:micros_instant:v1':
      return instantCoder(present, coderOf(type.representation), 'micros', 1_000_000n);
    case 'beam:logical_type:timestamp:v1':
      return instantCoder(present, coderOf(type.representation), 'subseconds', 10n ** precisionOf(type));
    case 'beam:logical_type:fixed_bytes:v1':
    case 'beam:logical_type:var_bytes:v1':
    case 'beam:logical_type:fixed_char:v1':
    case 'beam:logical_type:var_char:v1': {
      const fit = limitLength(type);
      return new LogicalTypeCoder(present, coderOf(type.representation), fit, fit);
    }
    default:
      return new LogicalTypeCoder(present, coderOf(type.representation), asIs, asIs);
  }
}

/**
 * Any value of the default coder as a field of a row; bytes to other languages. As in every field, null must be declared
 * with `nullable`.
 */
export const anyValueCoder: FieldCoder<unknown> = Object.assign(new LengthPrefixCoder(selfContainedCoder), {
  fieldType: {
    kind: 'logical',
    urn: 'millrace:logical_type:value:v1',
    representation: { kind: 'atomic', atomic: 'bytes' },
  } as const,
});

const asIs = (value: unknown): unknown => value;

/** Instants as seconds and units of a fraction of a second: `count` of these units make a second. */
function instantCoder(
  type: LogicalFieldType,
  representation: FieldCoder<unknown>,
  unit: string,
  count: bigint,
): FieldCoder<unknown> {
  const parts = type.representation.kind === 'row' ? type.representation.schema.fields : [];
  const unitType = parts.find((field) => field.name === unit)?.type;
  if (parts.length !== 2 || parts[0].name !== 'seconds' || unitType?.kind !== 'atomic') {
    throw new CoderError('SCHEMA_INVALID', `The representation of ${type.urn} is not a row of seconds and ${unit}`);
  }
  const asBigInt = unitType.atomic === 'int64';
  const to: Encode = (value) => {
    if (typeof value !== 'bigint') throw wrongType(`the ${unit} since the epoch as a bigint`, value);
    const rest = ((value % count) + count) % count;
    return { seconds: (value - rest) / count, [unit]: asBigInt ? rest : Number(rest) };
  };
  const from: Decode = (value, input) => {
    const { seconds, [unit]: rest } = value as Record<string, bigint | number>;
    if (typeof seconds !== 'bigint' || rest < 0 || rest >= count)
      throw input.malformed(`An instant of ${rest} ${unit}`);
    return seconds * count + BigInt(rest);
  };
  return new LogicalTypeCoder(type, representation, to, from);
}

/** Decimal digits of the fraction of a second. */
function precisionOf(type: LogicalFieldType): bigint {
  const precision = type.argument?.value;
  if (typeof precision === 'number' && precision >= 0 && precision <= 9) return BigInt(precision);
  throw new CoderError('SCHEMA_INVALID', `The logical type ${type.urn} needs a precision from 0 to 9 as its argument`);
}

/** Applies the length that a type's argument gives, to values in both directions. */
function limitLength(type: LogicalFieldType): Encode & Decode {
  const limit = Number(type.argument?.value);
  const fixed = type.urn.includes(':fixed_');
  if (!Number.isInteger(limit) || limit < 0) {
    throw new CoderError('SCHEMA_INVALID', `The logical type ${type.urn} needs a length as its argument`);
  }
  const text = type.urn.endsWith('_char:v1');
  return (value) => {
    if (text ? typeof value !== 'string' : !(value instanceof Uint8Array))
      throw wrongType(text ? 'a string' : 'bytes', value);
    const sized = value as string | Uint8Array;
    if (sized.length === limit || (!fixed && sized.length < limit)) return sized;
    if (sized.length > limit) {
      throw new CoderError('CODER_TOO_LARGE', `A length of ${sized.length} exceeds the ${limit} of ${type.urn}`);
    }
    return typeof sized === 'string' ? sized.padEnd(limit) : pad(sized, limit);
  };
}

function pad(bytes: Uint8Array, length: number): Uint8Array {
  const padded = new Uint8Array(length);
  padded.set(bytes);
  return padded;
}
