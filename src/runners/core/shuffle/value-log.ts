import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { defaultCoder } from '../../../sdk/coders/default-coder.ts';
import { doubleCoder } from '../../../sdk/coders/double-coder.ts';

/** Values of a chunk. */
export const CHUNK = 1 << 12;
/** Encoded bytes at which a chunk takes no more values. */
const CHUNK_BYTES = 1 << 18;
const MAX_CHUNK_MEMORY = 1 << 20;
/** Bytes of chunks that a thread keeps for its next log: fresh memory costs a page fault every 4 KiB. */
const MAX_FREE_BYTES = 1 << 23;
/** Largest encoded value. Together with the largest buffer it keeps the positions in a run within 31 bits. */
const MAX_VALUE_BYTES = 1 << 29;
const NUMBER_CODERS = new Set<unknown>([defaultCoder, doubleCoder]);

/** Whether numbers of this coder may travel as doubles instead: they come back the same. */
export function carriesNumbers(coder: Coder<unknown>): boolean {
  return NUMBER_CODERS.has(coder);
}

/** Values in the order of arrival, each with the slot of its group. */
export class LogChunk {
  size = 0;
  readonly slots = new Int32Array(CHUNK);
  /** The values, if all of the log are numbers. */
  readonly numbers = new Float64Array(CHUNK);
  /** Otherwise, where each value ends in `encoded`. */
  readonly ends = new Int32Array(this.numbers.buffer);
  readonly encoded = new ByteWriter(64, CHUNK_BYTES + MAX_VALUE_BYTES);

  /** Bytes it occupies, used or not. */
  get memory(): number {
    return CHUNK * 12 + this.encoded.bytes.length;
  }
}

const free: LogChunk[] = [];
let freeBytes = 0;

function release(chunk: LogChunk): void {
  if (freeBytes + chunk.memory > MAX_FREE_BYTES) return;
  freeBytes += chunk.memory;
  free.push(chunk);
}

function acquire(): LogChunk {
  const chunk = free.pop();
  if (chunk === undefined) return new LogChunk();
  freeBytes -= chunk.memory;
  return chunk;
}

/**
 * The values of a GroupWriter. As long as all are numbers they are columns of doubles; the first other value turns the
 * log into one of encoded values for good.
 */
export class ValueLog {
  /** Number of values. */
  size = 0;
  isNumeric: boolean;
  readonly chunks: LogChunk[] = [];
  readonly #spare: LogChunk[] = [];
  readonly #coder: Coder<unknown>;
  #chunk: LogChunk | undefined;
  /** Bytes of the chunks before the one at hand. */
  #fullBytes = 0;
  /** How far values have got their slots. */
  #settledChunks = 0;
  #settled = 0;

  constructor(coder: Coder<unknown>) {
    this.#coder = coder;
    this.isNumeric = carriesNumbers(coder);
  }

  /** Bytes of memory in use. */
  get bytes(): number {
    return this.#fullBytes + chunkBytes(this.#chunk, this.isNumeric);
  }

  /** Whether values are so large that memory should be looked at now. */
  get isLarge(): boolean {
    return this.#chunk !== undefined && this.#chunk.encoded.length >= CHUNK_BYTES;
  }

  /** Empties the log, and keeps its memory. */
  clear(): void {
    for (const chunk of this.chunks) {
      chunk.size = 0;
      chunk.encoded.clear();
      // A buffer that one large value has grown is not worth keeping.
      if (chunk.memory <= MAX_CHUNK_MEMORY) this.#spare.push(chunk);
    }
    this.chunks.length = 0;
    this.#chunk = undefined;
    this.size = 0;
    this.#fullBytes = 0;
    this.#settledChunks = 0;
    this.#settled = 0;
  }

  /** Empties the log and gives its memory back. */
  close(): void {
    this.clear();
    for (const chunk of this.#spare.splice(0)) release(chunk);
  }

  /** @throws CoderError when the value cannot be encoded; it is not in the log then. */
  add(value: unknown): void {
    let chunk = this.#chunk;
    if (chunk === undefined || chunk.size === CHUNK || chunk.encoded.length >= CHUNK_BYTES) chunk = this.#nextChunk();
    const index = chunk.size;
    if (this.isNumeric) {
      if (typeof value === 'number') {
        chunk.numbers[index] = value;
        chunk.size = index + 1;
        this.size++;
        return;
      }
      this.#encodeNumbers();
    }
    this.#coder.encode(value, chunk.encoded, true);
    chunk.ends[index] = chunk.encoded.length;
    chunk.size = index + 1;
    this.size++;
  }

  #nextChunk(): LogChunk {
    this.#fullBytes = this.bytes;
    const chunk = this.#spare.pop() ?? acquire();
    this.chunks.push(chunk);
    this.#chunk = chunk;
    return chunk;
  }

  /** Gives the oldest values without slots theirs. */
  settle(slots: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      let chunk = this.chunks[this.#settledChunks];
      if (this.#settled === chunk.size) {
        chunk = this.chunks[++this.#settledChunks];
        this.#settled = 0;
      }
      chunk.slots[this.#settled++] = slots[i];
    }
  }

  #encodeNumbers(): void {
    this.isNumeric = false;
    this.#fullBytes = 0;
    for (const chunk of this.chunks) {
      const numbers = chunk.numbers.slice(0, chunk.size);
      for (let i = 0; i < numbers.length; i++) {
        this.#coder.encode(numbers[i], chunk.encoded, true);
        chunk.ends[i] = chunk.encoded.length;
      }
      if (chunk !== this.#chunk) this.#fullBytes += chunkBytes(chunk, false);
    }
  }
}

function chunkBytes(chunk: LogChunk | undefined, numeric: boolean): number {
  if (chunk === undefined) return 0;
  return numeric ? chunk.size * 12 : chunk.size * 8 + chunk.encoded.length;
}
