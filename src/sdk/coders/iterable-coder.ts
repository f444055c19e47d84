import { CoderError } from '../errors.ts';
import type { FieldType } from '../schema/schema.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { type Coder, type FieldCoder, wrongType } from './coder.ts';
import { decodeElements } from './elements.ts';

/** Marks an iterable of unknown length in place of its count. */
const UNKNOWN_LENGTH = 0xffffffff;
const MAX_COUNT = 0x7fffffff;

/**
 * `beam:coder:iterable:v1`. Writes the form of known length for every iterable, since the count can be filled in
 * afterwards; reads both forms. A decoded value is an array.
 */
export class IterableCoder<T> implements Coder<Iterable<T>> {
  readonly urn: string = 'beam:coder:iterable:v1';
  readonly components: readonly [Coder<T>];
  readonly nonDeterministic: string | undefined;
  readonly fieldType?: FieldType;

  constructor(element: Coder<T>) {
    this.components = [element];
    this.nonDeterministic = element.nonDeterministic;
    if (element.fieldType !== undefined) this.fieldType = { kind: 'iterable', element: element.fieldType };
  }

  encode(value: Iterable<T>, out: ByteWriter, _nested: boolean): void {
    encodeList(this.components[0], value, out);
  }

  decode(input: ByteReader, _nested: boolean): Iterable<T> {
    return decodeList(this.components[0], input);
  }
}

/** Same encoding as {@link IterableCoder}; the ARRAY of rows. */
class ArrayCoder<T> extends IterableCoder<T> implements Coder<readonly T[]> {
  override readonly fieldType?: FieldType;

  constructor(element: Coder<T>) {
    super(element);
    this.fieldType = element.fieldType && { kind: 'array', element: element.fieldType };
  }

  override decode(input: ByteReader, _nested: boolean): readonly T[] {
    return decodeList(this.components[0], input);
  }
}

export function iterableCoder<T>(element: FieldCoder<T>): FieldCoder<Iterable<T>>;
export function iterableCoder<T>(element: Coder<T>): Coder<Iterable<T>>;
export function iterableCoder<T>(element: Coder<T>): Coder<Iterable<T>> {
  return new IterableCoder(element);
}

export function arrayCoder<T>(element: FieldCoder<T>): FieldCoder<readonly T[]>;
export function arrayCoder<T>(element: Coder<T>): Coder<readonly T[]>;
export function arrayCoder<T>(element: Coder<T>): Coder<readonly T[]> {
  return new ArrayCoder(element);
}

/** Writes a count and the elements, each nested. */
export function encodeList<T>(element: Coder<T>, value: Iterable<T>, out: ByteWriter): void {
  if (Array.isArray(value)) {
    out.uint32(value.length);
    for (let i = 0; i < value.length; i++) element.encode(value[i], out, true);
    return;
  }
  if (typeof value !== 'object' || typeof value?.[Symbol.iterator] !== 'function')
    throw wrongType('an iterable', value);
  const at = out.length;
  out.uint32(0);
  let count = 0;
  for (const item of value) {
    element.encode(item, out, true);
    count++;
  }
  if (count > MAX_COUNT) throw new CoderError('CODER_TOO_LARGE', `An iterable of ${count} elements`);
  out.bytes.writeUInt32BE(count, at);
}

/** Reads a list of known length, or the chunks of one of unknown length up to the chunk of no elements. */
export function decodeList<T>(element: Coder<T>, input: ByteReader): T[] {
  const elements: T[] = [];
  const count = input.uint32();
  if (count !== UNKNOWN_LENGTH) {
    if (count > MAX_COUNT) throw input.malformed(`An element count of ${count}`);
    decodeElements(element, count, input, elements);
    return elements;
  }
  if (decodeChunks(element, input, elements) !== 0)
    throw input.malformed('A continuation in an iterable without state');
  return elements;
}

/** Appends the elements of all chunks and returns what ended them: 0, or −1 where a state token follows. */
export function decodeChunks<T>(element: Coder<T>, input: ByteReader, into: T[]): number {
  for (;;) {
    const count = Number(input.varint64());
    if (count < -1 || !Number.isSafeInteger(count)) throw input.malformed(`A chunk of ${count} elements`);
    if (count <= 0) return count;
    decodeElements(element, count, input, into);
  }
}
