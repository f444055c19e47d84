import { CoderError, PipelineError } from '../errors.ts';
import type { FieldType } from '../schema/schema.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

/**
 * Encodes values of one type to bytes and back, as a Beam coder does.
 *
 * A coder is used in one of two contexts. *Nested*: the encoding is followed by other bytes, so it must say where it
 * ends. *Outer* (`nested = false`): the value owns all bytes up to the reader's end, so a string needs no length.
 */
export interface Coder<T> {
  /** Beam URN, e.g. `beam:coder:varint:v1`. */
  readonly urn: string;
  /** Component coders in the order Beam lists them; empty for a simple coder. */
  readonly components: readonly Coder<unknown>[];
  /** Beam coder payload, for coders that have one (row, fixed parameters). */
  readonly payload?: Uint8Array;
  /**
   * Why two equal values may have different encodings; `undefined` when the coder is deterministic and so may encode keys.
   */
  readonly nonDeterministic: string | undefined;
  /** The schema type of the values, where they may be a field of a row. */
  readonly fieldType?: FieldType;

  /** @throws CoderError when the value is not of the coder's type. */
  encode(value: T, out: ByteWriter, nested: boolean): void;
  /** @throws CoderError when the bytes are truncated or malformed. Memory use is bounded by the bytes present. */
  decode(input: ByteReader, nested: boolean): T;
}

/** A coder whose values may be a field of a row. */
export interface FieldCoder<T> extends Coder<T> {
  readonly fieldType: FieldType;
}

/**
 * A coder that takes every `T`: with a plain {@link Coder} the compiler would let one of strings pass for one of strings
 * and nulls, since `encode` is a method there.
 */
export interface CoderFor<T> extends Omit<Coder<T>, 'encode'> {
  readonly encode: (value: T, out: ByteWriter, nested: boolean) => void;
}

/** The value type of a coder. */
export type Infer<C> = C extends Coder<infer T> ? T : never;

/** The encoding of one value, in the outer context unless told otherwise. */
export function encodeToBytes<T>(coder: Coder<T>, value: T, nested = false): Uint8Array {
  const out = new ByteWriter(64);
  coder.encode(value, out, nested);
  return out.copy();
}

/**
 * The value that all of `bytes` encode.
 *
 * @throws CoderError also when bytes are left over.
 */
export function decodeFromBytes<T>(coder: Coder<T>, bytes: Uint8Array, nested = false): T {
  const input = new ByteReader(bytes);
  const value = coder.decode(input, nested);
  if (input.remaining > 0) {
    throw new CoderError('CODER_MALFORMED', `${input.remaining} bytes are left after the value of ${coder.urn}`);
  }
  return value;
}

/** @throws PipelineError `CODER_INVALID` when the value is no coder; `what` says what it was given for */
export function checkCoder(what: string, coder: Coder<unknown>): void {
  if (typeof coder?.encode === 'function' && typeof coder.decode === 'function') return;
  throw new PipelineError('CODER_INVALID', `The coder of ${what} is none, but ${shorten(coder)}`, {
    hint: 'give one of coders: coders.string, coders.row({ … }), …',
  });
}

/** What makes any of the components non-deterministic. */
export function firstNonDeterministic(components: readonly Coder<unknown>[]): string | undefined {
  return components.find((component) => component.nonDeterministic !== undefined)?.nonDeterministic;
}

/** The error for a value that is not of a coder's type. */
export function wrongType(expected: string, value: unknown): CoderError {
  return new CoderError('CODER_WRONG_TYPE', `Expected ${expected}, got ${shorten(value)}`);
}

function shorten(value: unknown): string {
  if (typeof value === 'string')
    return `the string ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`;
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'bigint') return `the bigint ${value}n`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return value.constructor === Object ? 'an object' : `a ${value.constructor?.name ?? 'null-prototype object'}`;
}
