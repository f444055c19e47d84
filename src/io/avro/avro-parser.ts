import { CoderError } from '../../sdk/index.ts';
import type { Block, RecordParser } from '../file-format.ts';
import { type BadRecordSink, dataError } from '../on-error.ts';
import { AvroInput } from './avro-input.ts';
import type { AvroRead } from './compile-reader.ts';
import { type ContainerHeader, SYNC_BYTES } from './container-header.ts';

/** Rows without content (a record of no fields) that one block may hold: they cost no bytes, so nothing else bounds them. */
const MAX_EMPTY_ROWS = 1 << 20;

/** What an {@link AvroParser} needs to know. */
export interface AvroParserOptions {
  readonly path: string;
  readonly header: ContainerHeader;
  readonly read: AvroRead;
  /** Most bytes of a block, as stored and expanded. */
  readonly maxBlockBytes: number;
  readonly bad: BadRecordSink;
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
  /** Bytes of content in the block read last. */
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
    const { header, maxBlockBytes } = this.#options;
    let at = block.start;
    if (block.base + at < header.length) {
      at = header.length - block.base;
      if (at > block.end) return block.start;
    }
    // Blocks that expand a thousandfold are handed on in several goes.
    let expanded = 0;
    while (at < block.end && at < block.limit && expanded <= maxBlockBytes) {
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
      else {
        at += size;
        expanded += this.#expanded;
      }
    }
    return at;
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
    this.#rows(block, at, count, block.bytes.subarray(start, end));
    return end + SYNC_BYTES - at;
  }

  #rows(block: Block<O>, at: number, count: number, stored: Buffer): void {
    const { header, read, maxBlockBytes, bad, path } = this.#options;
    const { records } = block;
    const input = this.#input;
    let row = 0;
    this.#expanded = 0;
    try {
      const content = header.codec.expand(stored, maxBlockBytes);
      this.#expanded = content.length;
      input.reset(content);
      for (; row < count; row++) {
        const start = input.position;
        const value = read(input);
        if (input.position === start && row >= MAX_EMPTY_ROWS) throw input.malformed('Too many rows without content');
        records.push(value as O);
      }
      if (input.remaining > 0) throw input.malformed(`${input.remaining} bytes behind the last row`);
    } catch (error) {
      if (!(error instanceof CoderError)) throw error;
      const lost = row < count ? `; its rows from ${row + 1} to ${count} are lost` : '';
      bad.report(dataError('AVRO_BLOCK', `A block is broken: ${error.summary}${lost}`, path, block.base + at), stored);
    }
  }

  #broken(block: Block<O>, at: number, code: string, summary: string): -1 {
    this.#options.bad.report(dataError(code, summary, this.#options.path, block.base + at));
    return -1;
  }
}
