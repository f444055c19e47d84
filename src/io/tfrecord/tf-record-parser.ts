import { CoderError, IoError } from '../../sdk/index.ts';
import type { Block, RecordParser } from '../file-format.ts';
import { resourceAt } from '../filesystem/io-errors.ts';
import { type BadRecordSink, type DataError, dataError } from '../on-error.ts';
import { FOOTER_BYTES, HEADER_BYTES, recordIntact, recordLength } from './frame.ts';

/** What a {@link TfRecordParser} needs to know. */
export interface TfRecordParserOptions<O> {
  readonly path: string;
  readonly maxRecordBytes: number;
  readonly bad: BadRecordSink;
  /** Makes the element from a record in `bytes[start, end)`; the memory is reused. A CoderError makes it a bad record. */
  readonly decode: (bytes: Buffer, start: number, end: number) => O;
  /** Offset of the range's first frame; 0 when absent. */
  readonly start?: number;
  /** The first frame that starts at an offset or later, as the reader of the next range finds it. */
  readonly find?: (position: number) => Promise<number>;
}

const NESTED_HINT = 'If records hold TFRecord files themselves, pass split: false to read each file from its start.';

/**
 * Cuts a TFRecord file into records and verifies both checksums of each frame.
 *
 * Behind a record whose own checksum is wrong the file is read on: its length was intact, so the next frame is known.
 * Where the length itself is wrong, nothing tells where the next frame begins, and the rest of the range is one bad
 * record: to look for something like a frame would find those inside of records too, and nothing could check it.
 */
export class TfRecordParser<O> implements RecordParser<O> {
  readonly start: number;
  readonly #options: TfRecordParserOptions<O>;

  constructor(options: TfRecordParserOptions<O>) {
    this.#options = options;
    this.start = options.start ?? 0;
  }

  parse(block: Block<O>): number {
    const { bytes, end, records } = block;
    const { maxRecordBytes, bad, decode } = this.#options;
    let at = block.start;
    while (at < end && at < block.limit) {
      const size = end - at;
      if (size < HEADER_BYTES) {
        if (block.last) throw this.#truncated(block, at, HEADER_BYTES + FOOTER_BYTES);
        break;
      }
      const length = recordLength(bytes, at);
      if (length < 0) {
        const summary = 'The checksum of a frame length is wrong';
        throw this.#error('TFRECORD_LENGTH_CRC', summary, block, at, this.#nestedHint);
      }
      if (length > maxRecordBytes) {
        const limit = `the limit is ${maxRecordBytes}`;
        throw this.#error('TFRECORD_TOO_LARGE', `A frame claims a record of ${length} bytes; ${limit}`, block, at);
      }
      const start = at + HEADER_BYTES;
      const next = start + length + FOOTER_BYTES;
      if (next > end) {
        if (block.last) throw this.#truncated(block, at, next - at);
        break;
      }
      const recordEnd = start + length;
      if (recordIntact(bytes, start, recordEnd)) {
        try {
          records.push(decode(bytes, start, recordEnd));
        } catch (error) {
          if (!(error instanceof CoderError)) throw error;
          bad.report(
            this.#error(error.code, error.summary, block, at, error.context.hint),
            bytes.subarray(start, recordEnd),
          );
        }
      } else {
        bad.report(
          this.#error('TFRECORD_DATA_CRC', 'The checksum of a record is wrong', block, at),
          bytes.subarray(start, recordEnd),
        );
      }
      at = next;
    }
    return at;
  }

  async verify(end: number, next: number): Promise<void> {
    const { find, path } = this.#options;
    const found = (await find?.(end)) ?? next;
    if (found === next) return;
    if (found > next) {
      const summary = `Between here and byte ${found} no frame can be read`;
      throw dataError('TFRECORD_LENGTH_CRC', summary, path, next, this.#nestedHint);
    }
    throw new IoError('TFRECORD_SPLIT_AMBIGUOUS', 'A record holds what could be records of the file', {
      resource: resourceAt(path, found),
      hint: NESTED_HINT,
    });
  }

  /** A range that begins in the middle may have begun in a record. */
  get #nestedHint(): string | undefined {
    return this.start > 0 ? NESTED_HINT : undefined;
  }

  #truncated(block: Block<O>, at: number, size: number): DataError {
    const summary = `The file ends inside a frame of at least ${size} bytes: ${block.end - at} are there`;
    return this.#error('TFRECORD_TRUNCATED', summary, block, at);
  }

  #error(code: string, summary: string, block: Block<O>, at: number, hint?: string): DataError {
    return dataError(code, summary, this.#options.path, block.base + at, hint);
  }
}
