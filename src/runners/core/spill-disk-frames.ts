import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { IoError } from '../../sdk/errors.ts';
import type { SpillDisk } from './spill-disk.ts';

/*
 * A frame is what is written and read at once: a 16-byte header (magic with the compression in its last byte, stored
 * length, length, CRC-32 of these three and of the stored bytes; little-endian) and the stored bytes.
 */
const MAGIC = 0x5a52_4600;
const STORED = 0;
const ZSTD = 1;
const HEADER = 16;
const LEVEL = { [constants.ZSTD_c_compressionLevel]: 1 };
/** A frame that shrinks by less than an eighth is stored as it is, and so are the next ones: random bytes come in runs. */
const WORTHWHILE = 7 / 8;
const PAUSE = 15;

/** Where a frame lies in its file. */
export interface Frame {
  readonly offset: number;
  /** Bytes in the file, header included. */
  readonly stored: number;
}

/** Writes frames to one new file. */
export class FrameWriter {
  readonly file: string;
  readonly #disk: SpillDisk;
  readonly #header = Buffer.alloc(HEADER);
  #offset = 0;
  #pause = 0;

  /** @throws IoError when the file cannot be made. */
  constructor(disk: SpillDisk, file: string) {
    this.#disk = disk;
    this.file = file;
    disk.create(file);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#offset;
  }

  write(bytes: Uint8Array): Frame {
    const packed = this.#pack(bytes);
    const stored = packed ?? bytes;
    const header = this.#header;
    header.writeUInt32LE(MAGIC | (packed === undefined ? STORED : ZSTD), 0);
    header.writeUInt32LE(stored.length, 4);
    header.writeUInt32LE(bytes.length, 8);
    header.writeUInt32LE(checksum(header, stored), 12);
    this.#disk.append(this.file, header);
    this.#disk.append(this.file, stored);
    const frame = { offset: this.#offset, stored: HEADER + stored.length };
    this.#offset += frame.stored;
    return frame;
  }

  #pack(bytes: Uint8Array): Uint8Array | undefined {
    if (this.#pause > 0) {
      this.#pause--;
      return undefined;
    }
    // One output chunk of the right size: the default would make and join many small ones.
    const packed = zstdCompressSync(bytes, { params: LEVEL, chunkSize: bytes.length + (bytes.length >> 7) + 512 });
    if (packed.length <= bytes.length * WORTHWHILE) return packed;
    this.#pause = PAUSE;
    return undefined;
  }

  close(): void {
    this.#disk.seal(this.file);
  }

  /** Gives the file up after a failure; a failure to remove it too is left to whoever cleans the directory. */
  abort(): void {
    try {
      this.#disk.remove(this.file);
    } catch (error) {
      if (!(error instanceof IoError)) throw error;
    }
  }
}

function checksum(header: Uint8Array, stored: Uint8Array): number {
  return crc32(stored, crc32(header.subarray(0, 12)));
}

/**
 * Reads and checks one frame, into `memory` where that is given. The result may be a part of it, and starts at a multiple
 * of 8 bytes in its memory.
 *
 * @throws IoError `SPILL_TRUNCATED` or `SPILL_CORRUPT`, naming file and offset.
 */
export function readFrame(
  disk: SpillDisk,
  file: string,
  frame: Frame,
  memory: Buffer = Buffer.allocUnsafeSlow(frame.stored),
): Uint8Array {
  const bytes = memory.subarray(0, frame.stored);
  disk.read(file, frame.offset, bytes);
  const corrupt = (what: string, cause?: unknown) =>
    new IoError('SPILL_CORRUPT', `The spill file is damaged: ${what}`, { resource: `${file}:${frame.offset}`, cause });
  if (bytes.length < HEADER) throw corrupt('a frame without a header');
  const magic = bytes.readUInt32LE(0);
  const length = bytes.readUInt32LE(8);
  const stored = bytes.subarray(HEADER);
  if (magic >>> 8 !== MAGIC >>> 8 || bytes.readUInt32LE(4) !== stored.length) throw corrupt('no frame starts here');
  if (bytes.readUInt32LE(12) !== checksum(bytes, stored)) throw corrupt('the checksum does not match');
  if ((magic & 0xff) === STORED) return stored;
  let unpacked: Buffer;
  try {
    unpacked = zstdDecompressSync(stored, { chunkSize: Math.max(length, 64), maxOutputLength: Math.max(length, 64) });
  } catch (cause) {
    throw corrupt('it does not decompress', cause);
  }
  if (unpacked.length !== length) throw corrupt(`${unpacked.length} bytes instead of ${length}`);
  return unpacked.byteOffset % 8 === 0 ? unpacked : new Uint8Array(unpacked);
}
