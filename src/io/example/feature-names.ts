import { isUtf8 } from 'node:buffer';
import { CoderError } from '../../sdk/index.ts';
import { copyBytes } from '../copy-bytes.ts';

const SLOTS = 1024;
const MAX_CACHED = 64;

/**
 * Decodes feature names. The same few names come in every record, in any order, so the names seen last are kept by a
 * hash of their bytes: a hit costs a comparison and gives a string that V8 already knows as a property name.
 */
export class FeatureNames {
  readonly #bytes: (Uint8Array | undefined)[] = new Array<Uint8Array | undefined>(SLOTS).fill(undefined);
  readonly #names: string[] = new Array<string>(SLOTS).fill('');

  /** The name in `bytes[start, end)`. @throws CoderError when it is not UTF-8. */
  read(bytes: Buffer, start: number, end: number): string {
    if (end - start > MAX_CACHED) return decode(bytes, start, end);
    let hash = 0x811c9dc5;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const known = this.#bytes[slot];
    if (known !== undefined && equal(known, bytes, start, end)) return this.#names[slot];
    const name = decode(bytes, start, end);
    this.#bytes[slot] = copyBytes(bytes, start, end);
    this.#names[slot] = name;
    return name;
  }
}

function decode(bytes: Buffer, start: number, end: number): string {
  if (!isUtf8(bytes.subarray(start, end))) {
    throw new CoderError('EXAMPLE_BAD_UTF8', `The feature name at offset ${start} is not UTF-8`);
  }
  return bytes.utf8Slice(start, end);
}

function equal(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false;
  return true;
}
