import type { ByteWriter } from '../../sdk/coders/byte-writer.ts';
import { IoError } from '../../sdk/errors.ts';
import { resourceAt } from '../filesystem/io-errors.ts';
import { maskedCrc32c } from './crc32c.ts';

// A frame: length (uint64, little endian), masked CRC of the length, the record, masked CRC of the record.
const HEADER = 12;
const FOOTER = 4;

/** Appends one record in its frame. */
export function writeFrame(record: Uint8Array, out: ByteWriter): void {
  const size = record.length;
  const at = out.reserve(HEADER + size + FOOTER);
  const bytes = out.bytes;
  bytes.writeUInt32LE(size, at);
  bytes.writeUInt32LE(0, at + 4);
  bytes.writeUInt32LE(maskedCrc32c(bytes, at, at + 8), at + 8);
  bytes.set(record, at + HEADER);
  const end = at + HEADER + size;
  bytes.writeUInt32LE(maskedCrc32c(record), end);
  out.length = end + FOOTER;
}

/** Limits and policy of a {@link TfRecordScanner}. */
export interface TfRecordScannerOptions {
  /** File name for errors. */
  readonly resource: string;
  /** A longer record is an error and not an allocation. */
  readonly maxRecordBytes: number;
  /**
   * Told about each bad frame, with the bytes of the record where they are known. Throws to stop; when it returns, the
   * scanner goes on behind a record whose own checksum was wrong. Where the length itself is wrong nothing tells where
   * the next frame begins: the scanner then ignores the rest of the file.
   */
  readonly onBad: (error: IoError, offset: number, record: Uint8Array | undefined) => void;
}

/**
 * Takes a TFRecord file apart, block by block. Holds at most one incomplete frame, and of that never more than twice
 * the bytes that have arrived. Offsets count uncompressed bytes.
 */
export class TfRecordScanner {
  readonly #options: TfRecordScannerOptions;
  /** The start of a frame whose end has not arrived. */
  #held: Buffer = Buffer.alloc(0);
  #heldBytes = 0;
  /** Offset of the frame under way. */
  #offset = 0;
  #lost = false;

  constructor(options: TfRecordScannerOptions) {
    this.#options = options;
  }

  /** True when nothing more can come out: the length of a frame was wrong. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Appends the records that end in this block to `records`, as views of the block where they lie in it as a whole. */
  push(block: Buffer, records: Uint8Array[]): void {
    let at = 0;
    while (this.#heldBytes > 0 && !this.#lost) {
      const wanted = this.#heldBytes < HEADER ? HEADER : this.#frameSize(this.#held, 0);
      if (wanted < 0) return;
      const missing = wanted - this.#heldBytes;
      const part = Math.min(missing, block.length - at);
      this.#hold(block, at, at + part, wanted);
      at += part;
      if (part < missing) return;
      if (wanted === HEADER) continue;
      const frame = this.#held;
      // The record may be a view of this buffer, so it is not used again.
      this.#held = Buffer.alloc(0);
      this.#heldBytes = 0;
      this.#take(frame, 0, wanted, records);
    }
    while (!this.#lost) {
      const left = block.length - at;
      const size = left < HEADER ? HEADER : this.#frameSize(block, at);
      if (size < 0) return;
      if (left < size || left < HEADER) {
        if (left > 0) this.#hold(block, at, block.length, size);
        return;
      }
      this.#take(block, at, size, records);
      at += size;
    }
  }

  /** To be called behind the last block. */
  finish(): void {
    if (this.#heldBytes === 0 || this.#lost) return;
    this.#lost = true;
    const wanted = this.#heldBytes < HEADER ? 'at least 16' : HEADER + this.#held.readUInt32LE(0) + FOOTER;
    this.#bad('TFRECORD_TRUNCATED', `The file ends inside a frame of ${wanted} bytes: ${this.#heldBytes} are there`);
  }

  /** Checks the length at `at` and returns the size of the frame, or -1 when the rest of the file is lost. */
  #frameSize(bytes: Buffer, at: number): number {
    if (maskedCrc32c(bytes, at, at + 8) !== bytes.readUInt32LE(at + 8)) {
      this.#lost = true;
      this.#bad('TFRECORD_LENGTH_CRC', 'The checksum of a frame length is wrong; the rest of the file cannot be read');
      return -1;
    }
    const length = bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 0x100000000;
    if (length > this.#options.maxRecordBytes) {
      this.#lost = true;
      this.#bad(
        'TFRECORD_TOO_LARGE',
        `A frame claims a record of ${length} bytes; the limit is ${this.#options.maxRecordBytes}. The rest of the file is not read`,
      );
      return -1;
    }
    return HEADER + length + FOOTER;
  }

  #take(bytes: Buffer, at: number, size: number, records: Uint8Array[]): void {
    const end = at + size - FOOTER;
    if (maskedCrc32c(bytes, at + HEADER, end) === bytes.readUInt32LE(end))
      records.push(bytes.subarray(at + HEADER, end));
    else this.#bad('TFRECORD_DATA_CRC', 'The checksum of a record is wrong', bytes.subarray(at + HEADER, end));
    this.#offset += size;
  }

  #hold(block: Buffer, start: number, end: number, wanted: number): void {
    const needed = this.#heldBytes + end - start;
    if (needed > this.#held.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(wanted, Math.max(needed, this.#held.length * 2)));
      this.#held.copy(grown, 0, 0, this.#heldBytes);
      this.#held = grown;
    }
    block.copy(this.#held, this.#heldBytes, start, end);
    this.#heldBytes = needed;
  }

  #bad(code: string, summary: string, record?: Uint8Array): void {
    const resource = resourceAt(this.#options.resource, this.#offset);
    this.#options.onBad(new IoError(code, summary, { resource }), this.#offset, record);
  }
}
