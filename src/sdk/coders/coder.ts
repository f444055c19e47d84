import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

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

  /** @throws CoderError when the value is not of the coder's type. */
  encode(value: T, out: ByteWriter, nested: boolean): void;
  /** @throws CoderError when the bytes are truncated or malformed. Memory use is bounded by the bytes present. */
  decode(input: ByteReader, nested: boolean): T;
}

/** The value type of a coder. */
export type Infer<C> = C extends Coder<infer T> ? T : never;
