import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { keyCoder } from '../../../sdk/coders/default-coder.ts';
import { stringCoder } from '../../../sdk/coders/string-coder.ts';
import { int32Coder, safeIntCoder } from '../../../sdk/coders/varint-coder.ts';
import { CoderError } from '../../../sdk/errors.ts';
import { ASCII, ENCODED, INT32, recordHeader } from './group-record.ts';

/** Longest string that is looked up without being encoded. */
const MAX_ASCII = 256;
/** Longest encoded key: a key is held in memory several times over. */
const MAX_KEY_BYTES = 1 << 26;
const INT32_HEADER = recordHeader(INT32, 4);

/**
 * Gives each distinct key a dense id: 0, 1, 2, … in the order of first sight. Open addressing over the bytes of the keys;
 * a short ASCII string or a small integer that is already known costs no encoding and no allocation.
 */
export class KeyDictionary {
  /** Number of distinct keys. */
  size = 0;
  /** Key records, each behind a word with its id; position 0 is unused. */
  arena: Int32Array;
  /** Position of a key's record in the arena, by id. */
  positions: Int32Array;
  /** Hash of a key, by id. */
  hashes: Int32Array;
  /** Words of the arena in use. */
  used = 1;
  /** Pairs of hash and arena position; position 0 means free. */
  #table: Int32Array;
  #mask: number;
  readonly #coder: Coder<unknown>;
  readonly #hasStrings: boolean;
  readonly #hasInts: boolean;
  /** The key at hand as words, without the header. */
  #words = new Int32Array(MAX_ASCII / 4);
  readonly #scratch = new ByteWriter(256, MAX_KEY_BYTES);

  /** @param capacity of the table at first: a power of two */
  constructor(coder: Coder<unknown>, capacity = 1024) {
    this.#coder = coder;
    this.#hasStrings = STRING_CODERS.has(coder);
    this.#hasInts = INT_CODERS.has(coder);
    this.#mask = capacity - 1;
    this.#table = new Int32Array(capacity * 2);
    this.arena = new Int32Array(capacity * 4);
    this.positions = new Int32Array(capacity / 2);
    this.hashes = new Int32Array(capacity / 2);
  }

  /** Bytes of memory in use. */
  get bytes(): number {
    return (this.#table.length + this.used + this.size * 2) * 4;
  }

  clear(): void {
    this.size = 0;
    this.used = 1;
    this.#table.fill(0);
  }

  /** @throws CoderError when the key coder cannot encode the key. */
  idOf(key: unknown): number {
    if (typeof key === 'string') {
      if (this.#hasStrings) return this.#idOfString(key);
    } else if (typeof key === 'number') {
      const int = key | 0;
      if (int === key && this.#hasInts) {
        this.#words[0] = int;
        return this.#find(hashWords(this.#words, 1, INT32_HEADER), INT32_HEADER, 1);
      }
    }
    return this.#idOfEncoded(key);
  }

  #idOfString(key: string): number {
    const length = key.length;
    if (length > MAX_ASCII) return this.#idOfEncoded(key);
    const words = this.#words;
    const header = recordHeader(ASCII, length);
    let hash = header ^ SEED;
    let seen = 0;
    let at = 0;
    let count = 0;
    for (; at + 4 <= length; at += 4) {
      const a = key.charCodeAt(at);
      const b = key.charCodeAt(at + 1);
      const c = key.charCodeAt(at + 2);
      const d = key.charCodeAt(at + 3);
      seen |= a | b | c | d;
      const word = a | (b << 8) | (c << 16) | (d << 24);
      words[count++] = word;
      hash = Math.imul(hash ^ word, STEP);
      hash ^= hash >>> 15;
    }
    if (at < length) {
      let word = key.charCodeAt(at);
      if (at + 1 < length) word |= key.charCodeAt(at + 1) << 8;
      if (at + 2 < length) word |= key.charCodeAt(at + 2) << 16;
      // A character past 255 runs over into the next one's bits, or out of the word: look at each again.
      for (let i = at; i < length; i++) seen |= key.charCodeAt(i);
      words[count++] = word;
      hash = Math.imul(hash ^ word, STEP);
      hash ^= hash >>> 15;
    }
    if (seen > 0x7f) return this.#idOfEncoded(key);
    return this.#find(finish(hash), header, count);
  }

  #idOfEncoded(key: unknown): number {
    const scratch = this.#scratch;
    scratch.clear();
    this.#coder.encode(key, scratch, false);
    const length = scratch.length;
    if (length > MAX_KEY_BYTES) {
      throw new CoderError('KEY_TOO_LARGE', `A key of ${length} bytes exceeds the limit of ${MAX_KEY_BYTES}`);
    }
    const count = (length + 3) >>> 2;
    if (this.#words.length < count) this.#words = new Int32Array(count * 2);
    const words = this.#words;
    packWords(scratch.bytes, length, words);
    const header = recordHeader(ENCODED, length);
    return this.#find(hashWords(words, count, header), header, count);
  }

  #find(hash: number, header: number, count: number): number {
    const table = this.#table;
    const mask = this.#mask;
    const arena = this.arena;
    const words = this.#words;
    let at = hash & mask;
    for (;;) {
      const position = table[at * 2 + 1];
      if (position === 0) break;
      if (table[at * 2] === hash && arena[position] === header) {
        let i = 0;
        while (i < count && arena[position + 1 + i] === words[i]) i++;
        if (i === count) return arena[position - 1];
      }
      at = (at + 1) & mask;
    }
    return this.#insert(at, hash, header, count);
  }

  #insert(free: number, hash: number, header: number, count: number): number {
    if (this.used + count + 2 > this.arena.length) this.arena = grown(this.arena, this.used + count + 2);
    const id = this.size++;
    if (id === this.positions.length) {
      this.positions = grown(this.positions, id + 1);
      this.hashes = grown(this.hashes, id + 1);
    }
    const arena = this.arena;
    const position = this.used + 1;
    arena[position - 1] = id;
    arena[position] = header;
    for (let i = 0; i < count; i++) arena[position + 1 + i] = this.#words[i];
    this.used = position + 1 + count;
    this.positions[id] = position;
    this.hashes[id] = hash;
    this.#table[free * 2] = hash;
    this.#table[free * 2 + 1] = position;
    if (this.size * 2 > this.#mask) this.#rehash();
    return id;
  }

  #rehash(): void {
    const old = this.#table;
    const table = new Int32Array(old.length * 2);
    const mask = this.#mask * 2 + 1;
    for (let i = 0; i < old.length; i += 2) {
      if (old[i + 1] === 0) continue;
      let at = old[i] & mask;
      while (table[at * 2 + 1] !== 0) at = (at + 1) & mask;
      table[at * 2] = old[i];
      table[at * 2 + 1] = old[i + 1];
    }
    this.#table = table;
    this.#mask = mask;
  }
}

const STRING_CODERS = new Set<unknown>([keyCoder, stringCoder]);
const INT_CODERS = new Set<unknown>([keyCoder, int32Coder, safeIntCoder]);

const SEED = 0x2545f491;
const STEP = 0x9e3779b1 | 0;

/** Hash of a record. Partitions are ranges of it and tables use its low bits, so all bits must be good. */
function hashWords(words: Int32Array, count: number, header: number): number {
  let hash = header ^ SEED;
  for (let i = 0; i < count; i++) {
    hash = Math.imul(hash ^ words[i], STEP);
    hash ^= hash >>> 15;
  }
  return finish(hash);
}

function finish(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** Hash of a key in a window. */
export function mixHashes(key: number, window: number): number {
  return finish(Math.imul(key, STEP) ^ ((window << 13) | (window >>> 19)));
}

function packWords(bytes: Uint8Array, length: number, words: Int32Array): void {
  let at = 0;
  let count = 0;
  for (; at + 4 <= length; at += 4) {
    words[count++] = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
  }
  if (at === length) return;
  let word = 0;
  for (let shift = 0; at < length; shift += 8) word |= bytes[at++] << shift;
  words[count] = word;
}

/** The array with room for `needed` elements: at least doubled. */
export function grown<A extends Int32Array | Float64Array>(array: A, needed: number): A {
  const larger = new (array.constructor as new (length: number) => A)(Math.max(needed, array.length * 2));
  larger.set(array);
  return larger;
}
