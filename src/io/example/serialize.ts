import { ByteWriter } from '../../sdk/index.ts';
import type {
  BytesAs,
  BytesOf,
  Example,
  ExampleInput,
  ExampleReadOptions,
  Int64As,
  Int64Of,
  SequenceExample,
  SequenceExampleInput,
} from './example.ts';
import { ExampleDecoder } from './example-decoder.ts';
import { ExampleEncoder } from './example-encoder.ts';

const encoder = new ExampleEncoder();

/** The bytes of a tf.Example, in canonical form. @throws CoderError when a value does not fit its feature */
export function encodeExample(example: ExampleInput): Uint8Array {
  const out = new ByteWriter(256);
  encoder.encode(example, out);
  return out.copy();
}

/** The tf.Example in `bytes`. For many, {@link ExampleDecoder} is faster. @throws CoderError when the bytes are none */
export function decodeExample<I extends Int64As = 'bigint', B extends BytesAs = 'bytes'>(
  bytes: Uint8Array,
  options: ExampleReadOptions<I, B> = {},
): Example<Int64Of<I>, BytesOf<B>> {
  return new ExampleDecoder(options).decode(bytes);
}

/** The bytes of a tf.SequenceExample, in canonical form. @throws CoderError when a value does not fit its feature */
export function encodeSequenceExample(example: SequenceExampleInput): Uint8Array {
  const out = new ByteWriter(256);
  encoder.encodeSequence(example, out);
  return out.copy();
}

/** The tf.SequenceExample in `bytes`. @throws CoderError when the bytes are none */
export function decodeSequenceExample<I extends Int64As = 'bigint', B extends BytesAs = 'bytes'>(
  bytes: Uint8Array,
  options: ExampleReadOptions<I, B> = {},
): SequenceExample<Int64Of<I>, BytesOf<B>> {
  return new ExampleDecoder(options).decodeSequence(bytes);
}
