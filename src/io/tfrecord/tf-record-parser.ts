import { CoderError } from '../../sdk/index.ts';
import type { Block, RecordParser } from '../file-format.ts';
import { type BadRecordSink, type DataError, dataError } from '../on-error.ts';
import { FOOTER_BYTES, HEADER_BYTES, recordIntact, recordLength } from './frame.ts';

/** What a {@link TfRecordParser} needs to know. */
export interface TfRecordParserOptions<O> {
  readonly path: string;
  readonly maxRecordBytes: number;
  readonly bad: BadRecordSink;
  /** Makes the element from a record in `bytes[start, end)`; the memory is reused. A CoderError makes it a bad record. */
  readonly decode: (bytes: Buffer, start: number, end: number) => O;
}

/**
 * Cuts a TFRecord file into records and verifies both checksums of each frame.
 *
 * Behind a record whose own checksum is wrong the file is read on: its length was intact, so the next frame is known.
 * Where the length itself is wrong, nothing tells where the next frame begins, and the rest of the file is one bad
 * record: to look for something like a frame would find those inside of records too.
 */
export class TfRecordParser<O> implements RecordParser<O> {
  readonly #options: TfRecordParserOptions<O>;

  constructor(options: TfRecordParserOptions<O>) {
    this.#options = options;
  }

  parse(block: Block<O>): number {
    const { bytes, end, records } = block;
    const { maxRecordBytes, bad, decode } = this.#options;
    let at = block.start;
    while (at < end) {
      const size = end - at;
      if (size < HEADER_BYTES) {
        if (block.last) throw this.#truncated(block, at, HEADER_BYTES + FOOTER_BYTES);
        break;
      }
      const length = recordLength(bytes, at);
      if (length < 0) throw this.#error('TFRECORD_LENGTH_CRC', 'The checksum of a frame length is wrong', block, at);
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

  #truncated(block: Block<O>, at: number, size: number): DataError {
    const summary = `The file ends inside a frame of at least ${size} bytes: ${block.end - at} are there`;
    return this.#error('TFRECORD_TRUNCATED', summary, block, at);
  }

  #error(code: string, summary: string, block: Block<O>, at: number, hint?: string): DataError {
    return dataError(code, summary, this.#options.path, block.base + at, hint);
  }
}
