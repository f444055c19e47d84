import { CoderError } from '../errors.ts';
import { oneForAllCopies } from '../one-for-all-copies.ts';
import type { Key } from '../values.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { Coder } from './coder.ts';
import { writeKey } from './key-writer.ts';
import { explainUnencodable } from './unencodable.ts';
import { readValue } from './value-reader.ts';
import { Unencodable, writeValue } from './value-writer.ts';

/** Whether what the default coder writes now must stand alone. One for all copies, as the coder is. */
const standing = oneForAllCopies('defaultCoder.standing', () => ({ alone: false }));

/**
 * Encodes with a coder that may have the default coder somewhere in it, so that any process can decode the bytes: the
 * fields of objects are written with their names. The bytes decode with the same coder.
 */
export function encodeStandingAlone<T>(coder: Coder<T>, value: T, out: ByteWriter, nested: boolean): void {
  const before = standing.alone;
  standing.alone = true;
  try {
    coder.encode(value, out, nested);
  } finally {
    standing.alone = before;
  }
}

function valueCoder(urn: string, inlineShapes: boolean): Coder<unknown> {
  return {
    urn,
    components: [],
    nonDeterministic: 'objects, maps and sets are encoded in the order in which they were filled',
    encode(value: unknown, out: ByteWriter): void {
      const at = out.length;
      try {
        writeValue(value, out, 0, inlineShapes || standing.alone);
      } catch (error) {
        out.length = at;
        throw error instanceof Unencodable ? explainUnencodable(value, error) : error;
      }
    },
    decode(input: ByteReader): unknown {
      return readValue(input, 0);
    },
  };
}

/**
 * The coder of collections without an explicit one: numbers, strings, booleans, null, undefined, bigints, bytes, dates,
 * arrays, plain objects, maps, sets, typed arrays, windows and instances of registered classes, nested up to 200 levels.
 * Self-describing, and the same in both contexts. What it cannot encode is a CoderError that names the place in the value.
 *
 * Objects name their shape by an id of the thread's {@link shapeTable}; a decoder elsewhere needs the definitions first.
 * Of arrays the elements are kept, of objects the enumerable string-keyed properties; getters are read.
 * Fields named by symbols are left out; strict mode reports them.
 */
export const defaultCoder: Coder<unknown> = oneForAllCopies('defaultCoder', () =>
  valueCoder('millrace:coder:value:v1', false),
);

/** As {@link defaultCoder}, with field names in place: for bytes that leave the process and must stand alone. */
export const selfContainedCoder: Coder<unknown> = oneForAllCopies('selfContainedCoder', () =>
  valueCoder('millrace:coder:self_contained_value:v1', true),
);

/**
 * Encodes keys: equal keys have equal bytes, different keys different ones. Equality is Map's (`1` is `1.0`, NaN is NaN,
 * −0 is 0, the number 1 is not the bigint 1n), carried through arrays and bytes by content.
 *
 * @throws CoderError `CODER_NOT_A_KEY` for objects, undefined, functions and other values without such an encoding.
 */
export const keyCoder: Coder<Key> = oneForAllCopies('keyCoder', () => ({
  urn: 'millrace:coder:key:v1',
  components: [],
  nonDeterministic: undefined,
  encode(value: Key, out: ByteWriter): void {
    const at = out.length;
    try {
      writeKey(value, out, 0, value);
    } catch (error) {
      out.length = at;
      throw error;
    }
  },
  decode(input: ByteReader): Key {
    const at = input.position;
    const value = readValue(input, 0);
    if (value === undefined || (typeof value === 'object' && !isKey(value))) {
      input.position = at;
      throw new CoderError('CODER_MALFORMED', `The encoding at offset ${at} is no key`);
    }
    return value as Key;
  },
}));

function isKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value !== undefined;
  return value instanceof Uint8Array || (Array.isArray(value) && value.every(isKey));
}
