import { CoderError } from '../../sdk/index.ts';
import type { Block, RecordParser } from '../file-format.ts';
import { type BadRecordSink, dataError } from '../on-error.ts';
import { AvroInput } from './avro-input.ts';
import type { AvroRead } from './compile-reader.ts';
import { type ContainerHeader, SYNC_BYTES } from './container-header.ts';

/** Rows without content (a record of no fields) that one block may hold: they cost no bytes, so nothing else bounds them. */
const MAX_EMPTY_ROWS = 1 << 20;

/** Rows that are handed on at a time: a byte may stand for a row, and a block for 256 MiB. */
const ROWS_PER_STEP = 65_536;

/** What an {@link AvroParser} needs to know. */
export interface AvroParserOptions {
  readonly path: string;
  readonly header: ContainerHeader;
  readonly read: AvroRead;
  /** Most bytes of a block, as stored and expanded. */
  readonly maxBlockBytes: number;
  readonly bad: BadRecordSink;
}

/** A block whose rows are being read. */
interface BlockRows {
  /** Bytes of the block with its head and marker. */
  readonly size: number;
  /** Where its content as stored lies, from its first byte on. */
  readonly stored: readonly [start: number, end: number];
  /** Absent when it cannot be expanded. */
  readonly content: Uint8Array | undefined;
  readonly count: number;
  row: number;
  position: number;
  emptyElements?: number;
}

/**
 * Cuts an Avro file into its blocks and these into rows. A block belongs to the range in which it starts, right behind
 * the marker before it.
 *
 * A broken row makes the rest of its block one bad record, since rows have no bounds of their own; behind a broken
 * block, reading goes on after the next marker.
 */
export class AvroParser<O> implements RecordParser<O> {
  readonly #options: AvroParserOptions;
  readonly #sync: Buffer;
  readonly #input = new AvroInput(new Uint8Array(0));
  /** Looking for a marker, behind a broken block. */
  #lost = false;
  /** The block at work. */
  #rows: BlockRows | undefined;
  /** Bytes of content in the blocks that this step has begun. */
  #expanded = 0;

  constructor(options: AvroParserOptions) {
    this.#options = options;
    this.#sync = Buffer.from(options.header.sync);
  }

  sync(bytes: Buffer, from: number, end: number): number {
    this.#lost = false;
    const found = bytes.subarray(0, end).indexOf(this.#sync, Math.max(0, from - SYNC_BYTES));
    return found < 0 ? -1 : found + SYNC_BYTES;
  }

  parse(block: Block<O>): number {
    const { header } = this.#options;
    let at = block.start;
    if (block.base + at < header.length) {
      at = header.length - block.base;
      if (at > block.end) return block.start;
    }
    this.#expanded = 0;
    // Rows may be small and many, or few and each as large as a block.
    const isEnough = () => block.records.length >= ROWS_PER_STEP || this.#expanded > this.#options.maxBlockBytes;
    while (at < block.end && at < block.limit && !isEnough()) {
      if (this.#rows !== undefined) {
        at = this.#readRows(block, this.#rows, at);
        continue;
      }
      if (this.#lost) {
        const next = this.sync(block.bytes, at + SYNC_BYTES, block.end);
        if (next < 0) {
          this.#lost = !block.last;
          return block.last ? block.end : Math.max(at, block.end - SYNC_BYTES + 1);
        }
        at = next;
        continue;
      }
      const size = this.#block(block, at);
      if (size === 0) break;
      if (size < 0) this.#lost = true;
    }
    return at;
  }

  get unfinished(): boolean {
    return this.#rows !== undefined;
  }

  /** Reads the block at `at` and returns its size; 0 when it is not there as a whole, -1 when it is broken. */
  #block(block: Block<O>, at: number): number {
    const { maxBlockBytes } = this.#options;
    const input = this.#input.reset(block.bytes, at, block.end);
    let count: number;
    let size: number;
    try {
      count = input.size();
      size = input.size();
    } catch (error) {
      if (!(error instanceof CoderError)) throw error;
      if (error.code === 'CODER_TRUNCATED') {
        return block.last ? this.#broken(block, at, 'AVRO_TRUNCATED', 'The file ends inside the head of a block') : 0;
      }
      return this.#broken(block, at, 'AVRO_BLOCK', `A block has a broken header: ${error.summary}`);
    }
    if (size > maxBlockBytes) {
      return this.#broken(
        block,
        at,
        'AVRO_BLOCK_TOO_LARGE',
        `A block claims ${size} bytes; the limit is ${maxBlockBytes}`,
      );
    }
    const start = input.position;
    const end = start + size;
    if (end + SYNC_BYTES > block.end) {
      if (!block.last) return 0;
      return this.#broken(
        block,
        at,
        'AVRO_TRUNCATED',
        `The file ends inside a block of ${end + SYNC_BYTES - at} bytes`,
      );
    }
    if (!block.bytes.subarray(end, end + SYNC_BYTES).equals(this.#sync)) {
      return this.#broken(block, at, 'AVRO_SYNC', 'A block does not end with the marker of its file');
    }
    const content = this.#expand(block, at, block.bytes.subarray(start, end), count);
    this.#rows = { size: end + SYNC_BYTES - at, stored: [start - at, end - at], content, count, row: 0, position: 0 };
    return end + SYNC_BYTES - at;
  }

  /** The content of a block; none where it is broken. */
  #expand(block: Block<O>, at: number, stored: Buffer, count: number): Uint8Array | undefined {
    const { header, maxBlockBytes } = this.#options;
    try {
      const content = header.codec.expand(stored, maxBlockBytes);
      this.#expanded += content.length;
      return content;
    } catch (error) {
      this.#badRows(error, block, at, 0, count, stored);
      return undefined;
    }
  }

  /** Reads some rows of the block at `at`; the index behind it when these were the last. */
  #readRows(block: Block<O>, rows: BlockRows, at: number): number {
    const { records } = block;
    const { content, count, size } = rows;
    if (content !== undefined) {
      const { read } = this.#options;
      const input = this.#input.reset(content, rows.position);
      input.emptyElements = rows.emptyElements ?? input.emptyElements;
      const stop = Math.min(count, rows.row + ROWS_PER_STEP);
      try {
        for (; rows.row < stop; rows.row++) {
          const start = input.position;
          const value = read(input);
          if (input.position === start && rows.row >= MAX_EMPTY_ROWS)
            throw input.malformed('Too many rows without content');
          records.push(value as O);
        }
        rows.position = input.position;
        rows.emptyElements = input.emptyElements;
        if (stop < count) return at;
        if (input.remaining > 0) throw input.malformed(`${input.remaining} bytes behind the last row`);
      } catch (error) {
        const [start, end] = rows.stored;
        this.#badRows(error, block, at, rows.row, count, block.bytes.subarray(at + start, at + end));
      }
    }
    this.#rows = undefined;
    return at + size;
  }

  #badRows(error: unknown, block: Block<O>, at: number, row: number, count: number, stored: Buffer): void {
    if (!(error instanceof CoderError)) throw error;
    const { bad, path } = this.#options;
    const lost = row < count ? `; its rows from ${row + 1} to ${count} are lost` : '';
    bad.report(dataError('AVRO_BLOCK', `A block is broken: ${error.summary}${lost}`, path, block.base + at), stored);
  }

  #broken(block: Block<O>, at: number, code: string, summary: string): -1 {
    this.#options.bad.report(dataError(code, summary, this.#options.path, block.base + at));
    return -1;
  }
}
