/**
 * First byte of every value of the default coder. The encoding is self-describing and says where it ends. Numbers,
 * strings, bytes, booleans, null, bigints and arrays have exactly one encoding each, so that bytes can stand for keys:
 *
 * - an integer takes the first form that holds it: 0…127 and −16…−1 in the tag, then 16, 32 and 48 bits, else a double;
 * - NaN has one bit pattern; −0 is a double (and 0 in keys);
 * - a string takes the short form up to 63 bytes of UTF-8;
 * - a bigint of 48 bits is its tag and the number, of 64 bits a word, else its sign and magnitude;
 * - an array takes the short form up to 15 elements.
 */
export const SHORT_STRING = 0x80;
export const SHORT_STRING_MAX = 0x3f;
export const NULL = 0xc0;
export const UNDEFINED = 0xc1;
export const FALSE = 0xc2;
export const TRUE = 0xc3;
export const INT16 = 0xc4;
export const INT32 = 0xc5;
export const INT48 = 0xc6;
export const FLOAT64 = 0xc7;
/** UTF-8 behind a varint length. */
export const STRING = 0xc8;
/** UTF-16 code units, little-endian, behind their count: strings with half a surrogate pair, never in keys. */
export const STRING16 = 0xc9;
/** Uint8Array: a varint length, the bytes. */
export const BYTES = 0xca;
/** Array: a varint count, the elements. */
export const ARRAY = 0xcb;
/** A bigint as the number that follows. */
export const BIGINT48 = 0xcc;
export const BIGINT64 = 0xcd;
/** Sign byte, varint length, big-endian magnitude without leading zeros. */
export const BIGINT = 0xce;
/** Milliseconds as a double. */
export const DATE = 0xcf;
export const SHORT_ARRAY = 0xd0;
export const SHORT_ARRAY_MAX = 0x0f;
/** −1 is 0xe0, −16 is 0xef. */
export const NEGATIVE = 0xe0;
/** A shape id and the values of the shape's fields. */
export const OBJECT = 0xf0;
/** A varint count, then name and value of each field. */
export const INLINE_OBJECT = 0xf1;
/** A varint count, then key and value of each entry. */
export const MAP = 0xf2;
export const SET = 0xf3;
/** A type index, a varint length in bytes, the elements in little-endian order. */
export const TYPED_ARRAY = 0xf4;
/** The id of a registered type, then what its `encode` returned. */
export const REGISTERED = 0xf5;
export const GLOBAL = 0xf6;
/** An interval window: start and end as Beam timestamps. */
export const INTERVAL = 0xf7;

/** Deepest nesting of a value. */
export const MAX_DEPTH = 200;
/** Largest bigint, in bytes. */
export const MAX_BIGINT_BYTES = 1 << 20;
