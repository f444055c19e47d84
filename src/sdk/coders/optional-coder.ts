import type { FieldType } from '../schema/schema.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { FieldCoder } from './coder.ts';
import { NullableCoder } from './nullable-coder.ts';

/** Marks a field of a row that may be left out. To other languages it is a nullable field. */
export class OptionalCoder<T> implements FieldCoder<T | undefined> {
  readonly optional = true;
  readonly urn = 'beam:coder:nullable:v1';
  readonly components: readonly [FieldCoder<T>];
  readonly nonDeterministic: string | undefined;
  readonly fieldType: FieldType;
  readonly #nullable: NullableCoder<T>;

  constructor(value: FieldCoder<T>) {
    this.components = [value];
    this.nonDeterministic = value.nonDeterministic;
    this.fieldType = { ...value.fieldType, nullable: true };
    this.#nullable = new NullableCoder(value);
  }

  encode(value: T | undefined, out: ByteWriter, nested: boolean): void {
    this.#nullable.encode(value ?? null, out, nested);
  }

  decode(input: ByteReader, nested: boolean): T | undefined {
    return this.#nullable.decode(input, nested) ?? undefined;
  }
}

export function optionalCoder<T>(value: FieldCoder<T>): OptionalCoder<T> {
  return new OptionalCoder(value);
}
