import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { keyCoder } from '../../../sdk/coders/default-coder.ts';
import { stringCoder } from '../../../sdk/coders/string-coder.ts';
import { int32Coder, safeIntCoder } from '../../../sdk/coders/varint-coder.ts';
import { ASCII, ENCODED, INT32, recordHeader } from './group-record.ts';

/** Keys that are looked up together. Cache misses overlap within a batch; a processor has room for a dozen or so. */
export const BATCH = 64;
/** Longest string that is looked up without being encoded by the coder. */
const MAX_ASCII = 256;
/** Characters up to which a loop is faster than a call. */
const MAX_LOOP = 32;
/** Size up to which a table stays in the nearest cache: there is no use in touching it. */
const NEAR_TABLE = 1 << 12;
/** Longest encoded key: a key is held in memory several times over. */
const MAX_KEY_BYTES = 1 << 26;
/** Words of staged keys beyond which a batch is full. */
const STAGE_WORDS = BATCH * 16;
/** Words that may be staged: a full batch has room for one more string, and for the rest of a character past its end. */
const FREE_WORDS = STAGE_WORDS + MAX_ASCII / 4 + 2;
const INT32_HEADER = recordHeader(INT32, 4);

/** An entry of the table: half the record's position in the low bits, the hash's highest bits above them. */
const POSITION = 0x00ffffff;
const TAG = ~POSITION;
/** Words of records that entries can point into. */
const MAX_WORDS = 2 * (POSITION + 1);

const STRING_CODERS = new Set<unknown>([keyCoder, stringCoder]);
const INT_CODERS = new Set<unknown>([keyCoder, int32Coder, safeIntCoder]);

/**
 * Gives each distinct key a dense id: 0, 1, 2, … in the order of first sight. Open addressing over the bytes of the keys;
 * a short ASCII string or a small integer that is already known costs no encoding and no allocation.
 *
 * Keys are staged one by one and resolved together: with many keys nearly every look-up misses the caches twice, and
 * one after another the misses would cost several times the rest.
 */
export class KeyDictionary {
  /** Number of distinct keys. */
  size = 0;
  /** Key records, each behind a word with its id; position 0 is unused. */
  arena: Int32Array;
  /** Words of the arena in use. */
  used = 2;
  /** Position of a key's record in the arena, by id. */
  positions: Int32Array;
  /** Hash of a key, by id. */
  hashes: Int32Array;
  /** Entries; 0 means free. */
  #table: Int32Array;
  #mask: number;
  readonly #coder: Coder<unknown>;
  readonly #hasStrings: boolean;
  readonly #hasInts: boolean;
  readonly #scratch = new ByteWriter(256, MAX_KEY_BYTES);

  /** Keys staged. */
  staged = 0;
  readonly #stagedHashes = new Int32Array(BATCH);
  readonly #stagedHeaders = new Int32Array(BATCH);
  /** Where the words of each staged key start; those of the next one start where they end. */
  readonly #starts = new Int32Array(BATCH + 1);
  #words: Int32Array = new Int32Array(FREE_WORDS);
  /** The same memory. */
  #bytes: Buffer = Buffer.from(this.#words.buffer);
  readonly #ids = new Int32Array(BATCH);

  /** @param capacity of the table at first: a power of two */
  constructor(coder: Coder<unknown>, capacity = 1024) {
    this.#coder = coder;
    this.#hasStrings = STRING_CODERS.has(coder);
    this.#hasInts = INT_CODERS.has(coder);
    this.#mask = capacity - 1;
    this.#table = new Int32Array(capacity);
    this.arena = new Int32Array(capacity * 4);
    this.positions = new Int32Array(capacity / 2);
    this.hashes = new Int32Array(capacity / 2);
  }

  /** Bytes of memory in use. */
  get bytes(): number {
    return (this.#table.length + this.used + this.size * 2) * 4;
  }

  /** Whether the records no longer leave room for a batch, however large its keys are. */
  get isFull(): boolean {
    return this.used > MAX_WORDS / 2;
  }

  clear(): void {
    if (this.#words.length > STAGE_WORDS * 4) this.#setWords(new Int32Array(FREE_WORDS));
    this.size = 0;
    this.used = 2;
    this.staged = 0;
    this.#table.fill(0);
  }

  /** Id of one key, when none is staged. */
  idOf(key: unknown): number {
    this.stage(key);
    return this.resolve()[0];
  }

  /**
   * Puts a key into the batch, and says whether the batch is full and must be resolved.
   *
   * @throws CoderError when the key coder cannot encode the key, which is then not in the batch.
   */
  stage(key: unknown): boolean {
    if (typeof key === 'string') {
      if (this.#hasStrings) return this.#stageString(key);
    } else if (typeof key === 'number') {
      const int = key | 0;
      if (int === key && this.#hasInts) {
        const start = this.#starts[this.staged];
        this.#words[start] = int;
        return this.#enter(finish(step(INT32_HEADER ^ SEED, int)), INT32_HEADER, start + 1);
      }
    }
    return this.#stageEncoded(key);
  }

  #stageString(key: string): boolean {
    const length = key.length;
    if (length > MAX_LOOP) return length > MAX_ASCII ? this.#stageEncoded(key) : this.#stageLongString(key);
    const words = this.#words;
    const header = recordHeader(ASCII, length);
    let end = this.#starts[this.staged];
    let hash = header ^ SEED;
    let seen = 0;
    let at = 0;
    for (; at + 4 <= length; at += 4) {
      const a = key.charCodeAt(at);
      const b = key.charCodeAt(at + 1);
      const c = key.charCodeAt(at + 2);
      const d = key.charCodeAt(at + 3);
      seen |= a | b | c | d;
      const word = a | (b << 8) | (c << 16) | (d << 24);
      words[end++] = word;
      hash = step(hash, word);
    }
    if (at < length) {
      const a = key.charCodeAt(at);
      const b = at + 1 < length ? key.charCodeAt(at + 1) : 0;
      const c = at + 2 < length ? key.charCodeAt(at + 2) : 0;
      seen |= a | b | c;
      const word = a | (b << 8) | (c << 16);
      words[end++] = word;
      hash = step(hash, word);
    }
    if (seen > 0x7f) return this.#stageEncoded(key);
    return this.#enter(finish(hash), header, end);
  }

  #stageLongString(key: string): boolean {
    const length = key.length;
    const words = this.#words;
    const start = this.#starts[this.staged];
    const end = start + ((length + 3) >>> 2);
    words[end - 1] = 0;
    // UTF-8 of anything but ASCII takes more bytes; room for four more tells.
    if (this.#bytes.utf8Write(key, start * 4, length + 4) !== length) return this.#stageEncoded(key);
    const header = recordHeader(ASCII, length);
    let hash = header ^ SEED;
    for (let at = start; at < end; at++) hash = step(hash, words[at]);
    return this.#enter(finish(hash), header, end);
  }

  #stageEncoded(key: unknown): boolean {
    const scratch = this.#scratch;
    scratch.clear();
    this.#coder.encode(key, scratch, false);
    const { bytes, length } = scratch;
    const start = this.#starts[this.staged];
    const end = start + ((length + 3) >>> 2);
    if (end > this.#words.length) this.#setWords(grown(this.#words, end));
    const words = this.#words;
    const header = recordHeader(ENCODED, length);
    let hash = header ^ SEED;
    for (let at = start, from = 0; at < end; at++, from += 4) {
      // Bytes past the end are what a longer key left there.
      let word = bytes[from];
      if (from + 1 < length) word |= bytes[from + 1] << 8;
      if (from + 2 < length) word |= bytes[from + 2] << 16;
      if (from + 3 < length) word |= bytes[from + 3] << 24;
      words[at] = word;
      hash = step(hash, word);
    }
    return this.#enter(finish(hash), header, end);
  }

  #setWords(words: Int32Array): void {
    this.#words = words;
    this.#bytes = Buffer.from(words.buffer);
  }

  #enter(hash: number, header: number, end: number): boolean {
    const index = this.staged;
    this.#stagedHashes[index] = hash;
    this.#stagedHeaders[index] = header;
    this.#starts[index + 1] = end;
    this.staged = index + 1;
    return index + 1 === BATCH || end > STAGE_WORDS;
  }

  /** Ids of the staged keys, in their order; the array is reused. */
  resolve(): Int32Array {
    const count = this.staged;
    const ids = this.#ids;
    if (count > 1 && this.#mask >= NEAR_TABLE) this.#touch(count);
    for (let i = 0; i < count; i++) ids[i] = this.#find(i);
    this.staged = 0;
    return ids;
  }

  /** Loads what the look-ups will need, so that they wait for memory all at once. */
  #touch(count: number): void {
    const table = this.#table;
    const mask = this.#mask;
    const arena = this.arena;
    const hashes = this.#stagedHashes;
    const ids = this.#ids;
    for (let i = 0; i < count; i++) ids[i] = table[hashes[i] & mask];
    // Written back, for a load without a use would be dropped.
    for (let i = 0; i < count; i++) ids[i] = arena[(ids[i] & POSITION) * 2];
  }

  #find(index: number): number {
    const table = this.#table;
    const mask = this.#mask;
    const arena = this.arena;
    const words = this.#words;
    const hash = this.#stagedHashes[index];
    const header = this.#stagedHeaders[index];
    const start = this.#starts[index];
    const end = this.#starts[index + 1];
    const tag = hash & TAG;
    let at = hash & mask;
    for (let entry = table[at]; entry !== 0; entry = table[at]) {
      if ((entry & TAG) === tag) {
        const position = (entry & POSITION) * 2;
        if (arena[position + 1] === header) {
          let i = start;
          let word = position + 2;
          while (i < end && arena[word] === words[i]) {
            i++;
            word++;
          }
          if (i === end) return arena[position];
        }
      }
      at = (at + 1) & mask;
    }
    return this.#insert(at, hash, header, start, end);
  }

  #insert(free: number, hash: number, header: number, start: number, end: number): number {
    const id = this.size++;
    const position = this.used;
    // Records start at even words.
    this.used = (position + 3 + end - start) & ~1;
    if (this.used > MAX_WORDS) throw new Error(`A key dictionary of ${this.used} words`);
    if (this.used > this.arena.length) this.arena = grown(this.arena, this.used);
    if (id === this.positions.length) {
      this.positions = grown(this.positions, id + 1);
      this.hashes = grown(this.hashes, id + 1);
    }
    const arena = this.arena;
    arena[position] = id;
    arena[position + 1] = header;
    for (let i = start, word = position + 2; i < end; i++, word++) arena[word] = this.#words[i];
    this.positions[id] = position + 1;
    this.hashes[id] = hash;
    this.#table[free] = (hash & TAG) | (position / 2);
    if (this.size * 2 > this.#mask) this.#rehash();
    return id;
  }

  #rehash(): void {
    const table = new Int32Array(largerTable(this.#mask + 1));
    const mask = table.length - 1;
    for (let id = 0; id < this.size; id++) {
      const hash = this.hashes[id];
      let at = hash & mask;
      while (table[at] !== 0) at = (at + 1) & mask;
      table[at] = (hash & TAG) | ((this.positions[id] - 1) / 2);
    }
    this.#table = table;
    this.#mask = mask;
  }
}

const SEED = 0x2545f491;

/** Takes a word into the hash of a record. */
function step(hash: number, word: number): number {
  hash = Math.imul(hash ^ word, 0x9e3779b1);
  return hash ^ (hash >>> 15);
}

/** Partitions are ranges of the hash and tables use its low bits, so all bits must be good. */
function finish(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** The next capacity of a hash table: small ones grow faster, for each step enters all keys again. */
export function largerTable(capacity: number): number {
  return capacity * (capacity < 1 << 16 ? 4 : 2);
}

/** The array with room for `needed` elements: at least doubled. */
export function grown<A extends Int32Array | Float64Array>(array: A, needed: number): A {
  const larger = new (array.constructor as new (length: number) => A)(Math.max(needed, array.length * 2));
  larger.set(array);
  return larger;
}
