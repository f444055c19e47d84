/**
 * The values of one feature of a tf.Example. `empty` is a feature with no list at all, which TensorFlow writes for a
 * missing value; it is not the same as a list of no values.
 *
 * @typeParam I what an int64 is read as, @typeParam B what a byte string is read as
 */
export type Feature<I = bigint, B = Uint8Array> =
  | { readonly type: 'int64'; readonly values: readonly I[] }
  | { readonly type: 'float'; readonly values: readonly number[] }
  | { readonly type: 'bytes'; readonly values: readonly B[] }
  | { readonly type: 'empty'; readonly values: readonly [] };

/** A tf.Example: features by name. Float values are float32 numbers written as the exact double. */
export type Example<I = bigint, B = Uint8Array> = Readonly<Record<string, Feature<I, B>>>;

/** A tf.SequenceExample: features of the whole, and for each name one feature per step. */
export interface SequenceExample<I = bigint, B = Uint8Array> {
  readonly context: Example<I, B>;
  readonly featureLists: Readonly<Record<string, readonly Feature<I, B>[]>>;
}

/**
 * What a writer accepts as an Example: int64 values as bigint or as safe integers, byte strings as bytes or as text,
 * which is written as UTF-8.
 */
export type ExampleInput = Example<bigint | number, Uint8Array | string>;
/** What a writer accepts as a SequenceExample; see {@link ExampleInput}. */
export type SequenceExampleInput = SequenceExample<bigint | number, Uint8Array | string>;

/** How int64 values are read: `bigint` is exact; `number` is cheaper, and a value past ±(2^53 - 1) is an error. */
export type Int64As = 'bigint' | 'number';
/**
 * How byte strings are read: as `bytes` (a Uint8Array); as `string`, and what is not UTF-8 is an error; or as `auto`, a
 * string where the bytes are UTF-8 and a Uint8Array where they are not, which loses nothing.
 */
export type BytesAs = 'bytes' | 'string' | 'auto';

/** The JavaScript type of an int64 value under an {@link Int64As}. */
export type Int64Of<I extends Int64As> = I extends 'number' ? number : bigint;
/** The JavaScript type of a byte string under a {@link BytesAs}. */
export type BytesOf<B extends BytesAs> = B extends 'bytes'
  ? Uint8Array
  : B extends 'string'
    ? string
    : string | Uint8Array;

/** How the values of an Example are read. The defaults lose nothing: `bigint` and `bytes`. */
export interface ExampleReadOptions<I extends Int64As = 'bigint', B extends BytesAs = 'bytes'> {
  readonly int64?: I;
  readonly bytes?: B;
  /** Read only the features of these names. */
  readonly features?: readonly string[];
}
