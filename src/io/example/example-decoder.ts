import { isUtf8 } from 'node:buffer';
import { ByteReader, CoderError } from '../../sdk/index.ts';
import { copyBytes } from '../copy-bytes.ts';
import type {
  BytesAs,
  BytesOf,
  Example,
  ExampleReadOptions,
  Feature,
  Int64As,
  Int64Of,
  SequenceExample,
} from './example.ts';
import { FeatureNames } from './feature-names.ts';
import { skipField } from './skip-field.ts';

// Tags: field number << 3 | wire type.
const VARINT_1 = 0x08;
const LENGTH_1 = 0x0a;
const LENGTH_2 = 0x12;
const LENGTH_3 = 0x1a;
const FIXED32_1 = 0x0d;

const EMPTY = Object.freeze({ type: 'empty', values: Object.freeze([] as const) } as const);

type AnyFeature = Feature<unknown, unknown>;
interface MutableFeature {
  type: AnyFeature['type'];
  values: unknown[];
}

/**
 * Decodes serialised tf.Example and tf.SequenceExample messages by the rules of protobuf: unknown fields are skipped,
 * number lists are read packed and unpacked, a list that comes in pieces is joined, the last entry of a name counts.
 * Keeps what it learnt of the feature names, so one decoder should read many records.
 *
 * Every method throws a CoderError on truncated or malformed input and uses memory in proportion to the bytes given.
 */
export class ExampleDecoder<I extends Int64As = 'bigint', B extends BytesAs = 'bytes'> {
  readonly #reader = new ByteReader(new Uint8Array(0));
  readonly #names = new FeatureNames();
  readonly #wanted: ReadonlySet<string> | undefined;
  readonly #numbers: boolean;
  readonly #bytes: BytesAs;

  constructor(options: ExampleReadOptions<I, B> = {}) {
    this.#numbers = options.int64 === 'number';
    this.#bytes = options.bytes ?? 'bytes';
    this.#wanted = options.features === undefined ? undefined : new Set(options.features);
  }

  /** Decodes one tf.Example. */
  decode(bytes: Uint8Array): Example<Int64Of<I>, BytesOf<B>> {
    const reader = this.#reader.reset(bytes);
    const features: Record<string, AnyFeature> = {};
    const end = reader.end;
    while (reader.position < end) {
      const tag = reader.varint();
      if (tag === LENGTH_1) this.#features(this.#enter(), features);
      else skipField(reader, tag, end);
    }
    return features as Example<Int64Of<I>, BytesOf<B>>;
  }

  /** Decodes one tf.SequenceExample. */
  decodeSequence(bytes: Uint8Array): SequenceExample<Int64Of<I>, BytesOf<B>> {
    const reader = this.#reader.reset(bytes);
    const context: Record<string, AnyFeature> = {};
    const featureLists: Record<string, AnyFeature[]> = {};
    const end = reader.end;
    while (reader.position < end) {
      const tag = reader.varint();
      if (tag === LENGTH_1) this.#features(this.#enter(), context);
      else if (tag === LENGTH_2) this.#featureLists(this.#enter(), featureLists);
      else skipField(reader, tag, end);
    }
    return { context, featureLists } as SequenceExample<Int64Of<I>, BytesOf<B>>;
  }

  /** Reads a length and returns where what it measures ends. */
  #enter(): number {
    const reader = this.#reader;
    const size = reader.varint();
    if (size > reader.end - reader.position) throw reader.truncated(size);
    return reader.position + size;
  }

  /** `map<string, Feature> feature = 1` */
  #features(end: number, into: Record<string, AnyFeature>): void {
    const reader = this.#reader;
    while (reader.position < end) {
      const tag = this.#tag(end);
      if (tag !== LENGTH_1) {
        skipField(reader, tag, end);
        continue;
      }
      const entryEnd = this.#within(end);
      let name = '';
      let feature: AnyFeature | undefined;
      while (reader.position < entryEnd) {
        const entryTag = this.#tag(entryEnd);
        if (entryTag === LENGTH_1) {
          name = this.#name(entryEnd);
          // The name is written first: what nobody asked for is not even looked into.
          if (this.#wanted !== undefined && !this.#wanted.has(name)) {
            reader.position = entryEnd;
            break;
          }
        } else if (entryTag === LENGTH_2) feature = this.#feature(this.#within(entryEnd), feature);
        else skipField(reader, entryTag, entryEnd);
      }
      if (this.#wanted === undefined || this.#wanted.has(name)) put(into, name, feature ?? EMPTY);
    }
  }

  /** `map<string, FeatureList> feature_list = 1` */
  #featureLists(end: number, into: Record<string, AnyFeature[]>): void {
    const reader = this.#reader;
    while (reader.position < end) {
      const tag = this.#tag(end);
      if (tag !== LENGTH_1) {
        skipField(reader, tag, end);
        continue;
      }
      const entryEnd = this.#within(end);
      let name = '';
      const steps: AnyFeature[] = [];
      while (reader.position < entryEnd) {
        const entryTag = this.#tag(entryEnd);
        if (entryTag === LENGTH_1) name = this.#name(entryEnd);
        else if (entryTag !== LENGTH_2) skipField(reader, entryTag, entryEnd);
        else {
          const listEnd = this.#within(entryEnd);
          while (reader.position < listEnd) {
            const listTag = this.#tag(listEnd);
            if (listTag === LENGTH_1) steps.push(this.#feature(this.#within(listEnd), undefined));
            else skipField(reader, listTag, listEnd);
          }
        }
      }
      if (this.#wanted === undefined || this.#wanted.has(name)) put(into, name, steps);
    }
  }

  /** `oneof kind { BytesList = 1, FloatList = 2, Int64List = 3 }` */
  #feature(end: number, before: AnyFeature | undefined): AnyFeature {
    const reader = this.#reader;
    let feature = before as MutableFeature | undefined;
    while (reader.position < end) {
      const tag = this.#tag(end);
      const type = tag === LENGTH_3 ? 'int64' : tag === LENGTH_2 ? 'float' : tag === LENGTH_1 ? 'bytes' : undefined;
      if (type === undefined) {
        skipField(reader, tag, end);
        continue;
      }
      if (feature?.type !== type) feature = { type, values: [] };
      const listEnd = this.#within(end);
      if (type === 'int64') this.#ints(listEnd, feature.values);
      else if (type === 'float') this.#floats(listEnd, feature.values);
      else this.#byteStrings(listEnd, feature.values);
    }
    return (feature ?? EMPTY) as AnyFeature;
  }

  #ints(end: number, values: unknown[]): void {
    const reader = this.#reader;
    while (reader.position < end) {
      const tag = this.#tag(end);
      if (tag === LENGTH_1) {
        const packedEnd = this.#within(end);
        while (reader.position < packedEnd) values.push(this.#int(packedEnd));
      } else if (tag === VARINT_1) values.push(this.#int(end));
      else skipField(reader, tag, end);
    }
  }

  #int(end: number): bigint | number {
    const reader = this.#reader;
    const first = reader.bytes[reader.position];
    if (first < 0x80) {
      reader.position++;
      return this.#numbers ? first : BigInt(first);
    }
    const value = reader.varint64();
    this.#check(end);
    if (!this.#numbers) return value;
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    throw new CoderError('EXAMPLE_UNSAFE_INTEGER', `The int64 ${value} has no exact JavaScript number`, {
      hint: "Read int64 values with { int64: 'bigint' }.",
    });
  }

  #floats(end: number, values: unknown[]): void {
    const reader = this.#reader;
    while (reader.position < end) {
      const tag = this.#tag(end);
      if (tag === LENGTH_1) {
        const packedEnd = this.#within(end);
        if ((packedEnd - reader.position) % 4 !== 0) throw reader.malformed('A packed float list with a broken value');
        for (; reader.position < packedEnd; reader.position += 4)
          values.push(reader.bytes.readFloatLE(reader.position));
      } else if (tag === FIXED32_1) {
        const at = reader.take(4);
        this.#check(end);
        values.push(reader.bytes.readFloatLE(at));
      } else skipField(reader, tag, end);
    }
  }

  #byteStrings(end: number, values: unknown[]): void {
    const reader = this.#reader;
    while (reader.position < end) {
      const tag = this.#tag(end);
      if (tag !== LENGTH_1) {
        skipField(reader, tag, end);
        continue;
      }
      const valueEnd = this.#within(end);
      const start = reader.position;
      reader.position = valueEnd;
      values.push(this.#byteString(start, valueEnd));
    }
  }

  #byteString(start: number, end: number): string | Uint8Array {
    const bytes = this.#reader.bytes;
    if (this.#bytes === 'bytes') return copyBytes(bytes, start, end);
    const text = bytes.utf8Slice(start, end);
    // Only a replacement character can stand for malformed bytes, and it is rare.
    if (!text.includes('\ufffd') || isUtf8(bytes.subarray(start, end))) return text;
    if (this.#bytes === 'auto') return copyBytes(bytes, start, end);
    throw new CoderError('EXAMPLE_BAD_UTF8', `The byte string at offset ${start} is not UTF-8`, {
      hint: "Read byte strings with { bytes: 'auto' } or { bytes: 'bytes' }.",
    });
  }

  #name(end: number): string {
    const nameEnd = this.#within(end);
    const start = this.#reader.position;
    this.#reader.position = nameEnd;
    return this.#names.read(this.#reader.bytes, start, nameEnd);
  }

  #tag(end: number): number {
    const reader = this.#reader;
    const first = reader.bytes[reader.position];
    if (first < 0x80) {
      reader.position++;
      return first;
    }
    const tag = reader.varint();
    this.#check(end);
    return tag;
  }

  #within(end: number): number {
    const inner = this.#enter();
    if (inner > end) throw this.#reader.malformed('A field longer than its message');
    return inner;
  }

  #check(end: number): void {
    if (this.#reader.position > end) throw this.#reader.malformed('A value longer than its message');
  }
}

function put<V>(into: Record<string, V>, name: string, value: V): void {
  if (name !== '__proto__') into[name] = value;
  else Object.defineProperty(into, name, { value, enumerable: true, configurable: true, writable: true });
}
