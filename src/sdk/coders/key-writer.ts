import { CoderError } from '../errors.ts';
import type { ByteWriter } from './byte-writer.ts';
import { writeArrayHeader, writeBigInt, writeBytes, writeNumber, writeString } from './value-scalars.ts';
import * as tag from './value-tags.ts';

/** Writes a key in its one encoding. `whole` is what the caller encodes, for the error that names the place in it. */
export function writeKey(key: unknown, out: ByteWriter, depth: number, whole: unknown): void {
  switch (typeof key) {
    case 'string':
      return writeString(key, out, true);
    case 'number':
      // Adding 0 turns −0 into 0.
      return writeNumber(key + 0, out);
    case 'bigint':
      return writeBigInt(key, out);
    case 'boolean':
      return out.byte(key ? tag.TRUE : tag.FALSE);
    case 'object':
      if (key === null) return out.byte(tag.NULL);
      if (Array.isArray(key) && depth < tag.MAX_DEPTH) {
        const count = key.length;
        writeArrayHeader(count, out);
        for (let i = 0; i < count; i++) writeKey(key[i], out, depth + 1, whole);
        return;
      }
      if (key instanceof Uint8Array) return writeBytes(key, out);
  }
  throw notAKey(whole);
}

function notAKey(whole: unknown): CoderError {
  const [path, what] = locate(whole, 'key', 0);
  return new CoderError('CODER_NOT_A_KEY', `${path} is ${what}, which cannot be a key`, {
    hint: 'Keys are strings, numbers, bigints, booleans, null, Uint8Arrays and arrays of those. Use a field that identifies the object, or an array of such fields.',
  });
}

function locate(key: unknown, path: string, depth: number): [string, string] {
  if (!Array.isArray(key)) return [path, describe(key)];
  const at = key.findIndex((item) => !encodable(item));
  if (at < 0 || depth > tag.MAX_DEPTH) return [path, `nested deeper than ${tag.MAX_DEPTH} levels`];
  return locate(key[at], `${path}[${at}]`, depth + 1);
}

function encodable(key: unknown, depth = 0): boolean {
  if (Array.isArray(key)) return depth < tag.MAX_DEPTH && key.every((item) => encodable(item, depth + 1));
  if (typeof key === 'object') return key === null || key instanceof Uint8Array;
  return key !== undefined && typeof key !== 'function' && typeof key !== 'symbol';
}

function describe(key: unknown): string {
  if (key === undefined) return 'undefined';
  if (typeof key !== 'object') return `a ${typeof key}`;
  const name = key?.constructor?.name;
  return name === 'Object' || name === undefined ? 'an object' : `an instance of ${name}`;
}
