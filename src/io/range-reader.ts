import { IoError, type RestrictionTracker } from '../sdk/index.ts';
import type { ByteSource } from './byte-source.ts';
import type { Block, RecordParser } from './file-format.ts';
import type { FileRange } from './file-range.ts';
import { resourceAt } from './filesystem/io-errors.ts';
import { type BadRecordSink, DataError, dataError } from './on-error.ts';

/** Least read behind the end of a range, where only the rest of one record is wanted. */
const TAIL_BYTES = 64 * 1024;

/** What a {@link RangeReader} reads. */
export interface RangeReaderOptions<O> {
  readonly path: string;
  /** Bytes of the file. */
  readonly size: number;
  readonly source: ByteSource;
  /** Offset of the content at which the source stands: where the range starts, or `lead` bytes before. */
  readonly at: number;
  readonly parser: RecordParser<O>;
  readonly tracker: RestrictionTracker<FileRange, number>;
  readonly bad: BadRecordSink;
  readonly maxRecordBytes: number;
  /** Bytes before a record that `sync` needs. */
  readonly lead: number;
  /** Whether offsets of the content are offsets of the stored file, so that the range bounds it. */
  readonly raw: boolean;
  /** Bytes per block; that of the store when absent. */
  readonly blockSize?: number;
}

/**
 * Reads one file range block by block. The block's memory is reused; what a block leaves over is moved to the front of
 * the next. Each batch is claimed before it is given out, up to its last byte, so that a split can only take away
 * records that start behind it.
 */
export class RangeReader<O> {
  readonly #options: RangeReaderOptions<O>;
  readonly #block: Block<O>;
  readonly #blockSize: number;
  #claimed: number;
  /** Why there is nothing behind the bytes at hand, though it is not the end. */
  #failure: unknown;
  /** Whether the bytes at hand have been through the parser. */
  #parsed = true;

  constructor(options: RangeReaderOptions<O>) {
    this.#options = options;
    const size = Math.max(options.blockSize ?? options.source.blockSize, options.lead + 1);
    this.#claimed = options.tracker.current().start - 1;
    this.#blockSize = size;
    this.#block = {
      bytes: Buffer.allocUnsafeSlow(size),
      start: 0,
      end: 0,
      limit: 0,
      base: options.at,
      last: false,
      records: [],
    };
  }

  /** The records in batches, one per block. */
  async *batches(): AsyncGenerator<O[], void> {
    const { parser, tracker, raw, path, maxRecordBytes } = this.#options;
    const block = this.#block;
    // A content offset of compressed data says nothing about the range, which then is the whole file.
    const begin = raw ? tracker.current().start : 0;
    if (begin > 0 && parser.start === undefined) await this.#syncTo(begin);
    while (!this.#done()) {
      if (this.#parsed) await this.#fill(block.start);
      this.#parsed = true;
      // While it was read, the rest of the range may have been taken away.
      if (block.end === block.start || this.#done()) continue;
      block.limit = raw ? tracker.current().end - block.base : Number.MAX_SAFE_INTEGER;
      block.records = [];
      let next: number;
      try {
        next = parser.parse(block);
      } catch (error) {
        if (!(error instanceof DataError) || block.records.length === 0) throw error;
        // What comes before is good.
        this.#claim((error.offset ?? block.base + block.start) + 1);
        yield block.records;
        throw error;
      }
      const unfinished = parser.unfinished === true;
      if (next === block.start && block.last && !unfinished) {
        throw new Error(`The parser left ${block.end - next} bytes of ${path}`);
      }
      block.start = next;
      // What has been begun belongs to this range, and cannot be split off any more.
      this.#claim(block.base + next + (unfinished ? 1 : 0));
      if (block.records.length > 0) yield block.records;
      if (unfinished) {
        this.#parsed = false;
        continue;
      }
      // What is left of a block is the beginning of one record.
      if (block.end - block.start >= maxRecordBytes && !this.#done()) await this.#skipLongRecord();
    }
    await this.#finish();
  }

  #done(): boolean {
    const block = this.#block;
    if (block.last && block.start === block.end) return true;
    return this.#options.raw && block.base + block.start >= this.#options.tracker.current().end;
  }

  async #finish(): Promise<void> {
    const { tracker, raw, path, parser, size } = this.#options;
    const { end } = tracker.current();
    const at = this.#block.base + this.#block.start;
    // Where the end of the range is not known (a size that the store did not tell) no file is too short.
    if (raw && at < end && end !== Number.MAX_SAFE_INTEGER) {
      throw new IoError('FILE_CHANGED', `The file ends at byte ${at}, but had ${end} bytes when it was found`, {
        final: true,
        resource: resourceAt(path, at),
        hint: 'Write files under another name and rename them when they are complete.',
      });
    }
    this.#claimUpTo(end);
    if (raw && end < size) await parser.verify?.(end, at);
  }

  /** Claims what lies before a position of the content. */
  #claim(position: number): void {
    this.#claimUpTo(this.#options.raw ? position : this.#options.source.consumed);
  }

  #claimUpTo(position: number): void {
    const { tracker } = this.#options;
    const claim = Math.min(position, tracker.current().end) - 1;
    if (claim <= this.#claimed) return;
    if (!tracker.tryClaim(claim)) throw new Error(`Offset ${claim} of ${this.#options.path} was taken away`);
    this.#claimed = claim;
  }

  /** Reads on. The bytes from index `keep` stay at hand, and the indices move with them. */
  async #fill(keep: number): Promise<void> {
    const block = this.#block;
    const { source, raw, tracker, maxRecordBytes } = this.#options;
    if (this.#failure !== undefined) throw this.#failure;
    if (block.last) return;
    const kept = block.end - keep;
    if (kept > block.bytes.length / 2) {
      const most = Math.max(maxRecordBytes + 1, block.bytes.length + 1);
      const grown = Buffer.allocUnsafeSlow(Math.min(block.bytes.length * 2, Math.max(most, kept + 1)));
      block.bytes.copy(grown, 0, keep, block.end);
      block.bytes = grown;
    } else if (keep > 0) block.bytes.copyWithin(0, keep, block.end);
    block.base += keep;
    block.start -= keep;
    block.end = kept;
    // Once a long record has made the memory grow, it is not filled with short ones: as objects they take far more.
    let room = Math.min(block.bytes.length - kept, Math.max(this.#blockSize - kept, kept, TAIL_BYTES));
    // Twice as much each time, since a parser may look at all of an unfinished record again.
    if (raw) room = Math.min(room, Math.max(tracker.current().end - block.base - kept, TAIL_BYTES, kept));
    const read = source.read(block.bytes.subarray(kept, kept + room));
    const count = typeof read === 'number' ? read : await read;
    block.end += count;
    block.last = count < room;
    if (block.last && !raw) await this.#checkEnd();
  }

  /** Compressed data may have become unreadable, and not ended: then the record at hand is cut, and those before are good. */
  async #checkEnd(): Promise<void> {
    try {
      await this.#options.source.read(new Uint8Array(1));
    } catch (error) {
      this.#failure = error;
      this.#block.last = false;
    }
  }

  /** Moves to the first record that starts at a position of the content or later. */
  async #syncTo(position: number): Promise<void> {
    const block = this.#block;
    const { parser, lead, path } = this.#options;
    if (parser.sync === undefined) throw new Error(`${path} cannot be read from byte ${position}`);
    let from = position;
    do {
      await this.#fill(Math.max(0, Math.min(block.end, from - block.base) - lead));
      const index = from - block.base;
      const found = index <= block.end ? parser.sync(block.bytes, index, block.end) : -1;
      // Without a start at hand all of it is part of records that begin before the position.
      block.start = found >= 0 ? found : block.end;
      if (found >= 0) break;
      from = Math.max(from, block.base + block.end);
    } while (!block.last && !this.#done());
    this.#parsed = false;
  }

  async #skipLongRecord(): Promise<void> {
    const { parser, maxRecordBytes, path, bad } = this.#options;
    const block = this.#block;
    const error = dataError(
      'RECORD_TOO_LONG',
      `A record is longer than ${maxRecordBytes} bytes`,
      path,
      block.base + block.start,
      'Is the delimiter or the format right? maxRecordBytes (maxLineBytes for text) raises the limit.',
    );
    if (parser.sync === undefined) throw error;
    bad.report(error, block.bytes.subarray(block.start, block.end));
    await this.#syncTo(block.base + block.end);
    this.#claim(block.base + block.start);
  }
}
