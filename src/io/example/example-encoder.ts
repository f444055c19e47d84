import { ByteWriter, CoderError } from '../../sdk/index.ts';
import type { ExampleInput, Feature, SequenceExampleInput } from './example.ts';
import { compareUtf8 } from './utf8-order.ts';

const LENGTH_1 = 0x0a;
const LENGTH_2 = 0x12;
const KIND_TAG = { bytes: 0x0a, float: 0x12, int64: 0x1a } as const;
const MAX_CACHED_NAMES = 4096;

type FeatureInput = Feature<bigint | number, Uint8Array | string>;

/**
 * Serialises tf.Example and tf.SequenceExample messages in one canonical form, the one TensorFlow writes in its
 * deterministic mode: names in the order of their UTF-8 bytes, number lists packed. Equal Examples have equal bytes.
 *
 * Methods throw a CoderError when a value does not fit its feature's type; nothing is converted silently, except that
 * floats are rounded to float32.
 */
export class ExampleEncoder {
  readonly #names = new Map<string, Uint8Array>();
  readonly #values = new ByteWriter(256);
  readonly #steps = new ByteWriter(256);
  readonly #body = new ByteWriter(1024);

  /** Appends one serialised tf.Example. */
  encode(example: ExampleInput, out: ByteWriter): void {
    this.#body.clear();
    this.#features(example);
    writeField(LENGTH_1, this.#body, out);
  }

  /** Appends one serialised tf.SequenceExample. An empty context or an empty set of lists is left out. */
  encodeSequence(example: SequenceExampleInput, out: ByteWriter): void {
    const body = this.#body;
    body.clear();
    this.#features(example.context);
    if (body.length > 0) writeField(LENGTH_1, body, out);
    body.clear();
    for (const name of sortedNames(example.featureLists)) {
      this.#steps.clear();
      for (const feature of example.featureLists[name]) {
        this.#values.clear();
        this.#steps.byte(LENGTH_1);
        this.#feature(name, feature, this.#steps);
      }
      const nameBytes = this.#nameBytes(name);
      const size = this.#steps.length;
      body.byte(LENGTH_1);
      body.varint(2 + sizeOf(nameBytes.length) + nameBytes.length + sizeOf(size) + size);
      writeBytes(LENGTH_1, nameBytes, body);
      writeField(LENGTH_2, this.#steps, body);
    }
    if (body.length > 0) writeField(LENGTH_2, body, out);
  }

  #features(features: ExampleInput): void {
    const body = this.#body;
    for (const name of sortedNames(features)) {
      const nameBytes = this.#nameBytes(name);
      this.#values.clear();
      const featureSize = this.#measure(name, features[name]);
      body.byte(LENGTH_1);
      body.varint(2 + sizeOf(nameBytes.length) + nameBytes.length + sizeOf(featureSize) + featureSize);
      writeBytes(LENGTH_1, nameBytes, body);
      body.byte(LENGTH_2);
      this.#writeFeature(features[name].type, featureSize, body);
    }
  }

  /** The length of a feature and the feature. */
  #feature(name: string, feature: FeatureInput, out: ByteWriter): void {
    this.#values.clear();
    this.#writeFeature(feature.type, this.#measure(name, feature), out);
  }

  #writeFeature(type: FeatureInput['type'], size: number, out: ByteWriter): void {
    out.varint(size);
    if (type === 'empty') return;
    out.byte(KIND_TAG[type]);
    const values = this.#values.length;
    if (type === 'bytes') {
      out.varint(values);
      append(this.#values, out);
    } else if (values === 0) out.byte(0);
    else {
      out.varint(1 + sizeOf(values) + values);
      writeField(LENGTH_1, this.#values, out);
    }
  }

  /** Writes the values and returns the size of the feature without its own length. */
  #measure(name: string, feature: FeatureInput): number {
    const values = this.#values;
    switch (feature?.type) {
      case 'empty':
        return 0;
      case 'int64':
        for (const value of feature.values) writeInt64(name, value, values);
        break;
      case 'float':
        for (const value of feature.values) writeFloat(name, value, values);
        break;
      case 'bytes':
        for (const value of feature.values) writeByteString(name, value, values);
        return 1 + sizeOf(values.length) + values.length;
      default:
        throw mismatch(name, feature, "a feature { type: 'int64' | 'float' | 'bytes' | 'empty', values: […] }");
    }
    const size = values.length;
    const list = size === 0 ? 0 : 1 + sizeOf(size) + size;
    return 1 + sizeOf(list) + list;
  }

  #nameBytes(name: string): Uint8Array {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const writer = new ByteWriter(name.length * 3);
    writer.utf8(name);
    const bytes = writer.copy();
    if (this.#names.size < MAX_CACHED_NAMES) this.#names.set(name, bytes);
    return bytes;
  }
}

function writeInt64(name: string, value: bigint | number, out: ByteWriter): void {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw mismatch(name, value, 'an int64: a bigint or a safe integer');
    if (value >= 0) out.varint(value);
    else out.varint64(BigInt(value));
  } else if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) out.varint64(value);
  else throw mismatch(name, value, 'an int64: a bigint of 64 bits or a safe integer');
}

function writeFloat(name: string, value: number, out: ByteWriter): void {
  if (typeof value !== 'number') throw mismatch(name, value, 'a number');
  const at = out.reserve(4);
  out.bytes.writeFloatLE(value, at);
  out.length = at + 4;
}

function writeByteString(name: string, value: Uint8Array | string, out: ByteWriter): void {
  if (typeof value === 'string') {
    out.byte(LENGTH_1);
    out.string(value);
  } else if (value instanceof Uint8Array) writeBytes(LENGTH_1, value, out);
  else throw mismatch(name, value, 'a Uint8Array or a string');
}

function writeBytes(tag: number, bytes: Uint8Array, out: ByteWriter): void {
  out.byte(tag);
  out.varint(bytes.length);
  out.raw(bytes);
}

function writeField(tag: number, content: ByteWriter, out: ByteWriter): void {
  out.byte(tag);
  out.varint(content.length);
  append(content, out);
}

/** A loop beats a native copy for the few bytes that most features have. */
function append(content: ByteWriter, out: ByteWriter): void {
  const { bytes, length } = content;
  const at = out.reserve(length);
  const target = out.bytes;
  if (length < 64) for (let i = 0; i < length; i++) target[at + i] = bytes[i];
  else bytes.copy(target, at, 0, length);
  out.length = at + length;
}

function sizeOf(length: number): number {
  let size = 1;
  for (let rest = length; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

function sortedNames(features: object): string[] {
  const names = Object.keys(features);
  for (let i = 1; i < names.length; i++) {
    if (compareUtf8(names[i - 1], names[i]) > 0) return names.sort(compareUtf8);
  }
  return names;
}

function mismatch(name: string, value: unknown, wanted: string): CoderError {
  const shown = typeof value === 'bigint' ? `${value}n` : typeof value === 'object' ? 'an object' : String(value);
  return new CoderError('EXAMPLE_VALUE', `Feature '${name}' holds ${shown.slice(0, 80)} where ${wanted} belongs`);
}
