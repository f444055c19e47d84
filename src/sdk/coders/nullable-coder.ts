import type { FieldType } from '../schema/schema.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { Coder, FieldCoder } from './coder.ts';

/** `beam:coder:nullable:v1`: a byte that says whether a value follows. */
export class NullableCoder<T> implements Coder<T | null> {
  readonly urn = 'beam:coder:nullable:v1';
  readonly components: readonly [Coder<T>];
  readonly nonDeterministic: string | undefined;
  readonly fieldType?: FieldType;

  constructor(value: Coder<T>) {
    this.components = [value];
    this.nonDeterministic = value.nonDeterministic;
    if (value.fieldType !== undefined) this.fieldType = { ...value.fieldType, nullable: true };
  }

  /** Takes `undefined` for null too. */
  encode(value: T | null, out: ByteWriter, nested: boolean): void {
    if (value === null || value === undefined) return out.byte(0);
    out.byte(1);
    this.components[0].encode(value, out, nested);
  }

  decode(input: ByteReader, nested: boolean): T | null {
    const present = input.byte();
    if (present > 1) throw input.malformed(`A null indicator of ${present}`);
    return present === 0 ? null : this.components[0].decode(input, nested);
  }
}

export function nullableCoder<T>(value: FieldCoder<T>): FieldCoder<T | null>;
export function nullableCoder<T>(value: Coder<T>): Coder<T | null>;
export function nullableCoder<T>(value: Coder<T>): Coder<T | null> {
  return new NullableCoder(value);
}
