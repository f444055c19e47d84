import type { ByteWriter } from '../../sdk/index.ts';
import { maskedCrc32c } from './crc32c.ts';

/** Bytes before a record: its length (uint64, little endian) and the masked CRC of these 8 bytes. */
export const HEADER_BYTES = 12;
/** Bytes behind a record: its masked CRC. */
export const FOOTER_BYTES = 4;

/** Appends one record in its frame. */
export function writeFrame(record: Uint8Array, out: ByteWriter): void {
  const size = record.length;
  const at = out.reserve(HEADER_BYTES + size + FOOTER_BYTES);
  const bytes = out.bytes;
  bytes.writeUInt32LE(size, at);
  bytes.writeUInt32LE(0, at + 4);
  bytes.writeUInt32LE(maskedCrc32c(bytes, at, at + 8), at + 8);
  bytes.set(record, at + HEADER_BYTES);
  const end = at + HEADER_BYTES + size;
  bytes.writeUInt32LE(maskedCrc32c(bytes, at + HEADER_BYTES, end), end);
  out.length = end + FOOTER_BYTES;
}

/** Length of the record whose frame starts at `at`; -1 when the checksum of the length is wrong. */
export function recordLength(bytes: Buffer, at: number): number {
  if (maskedCrc32c(bytes, at, at + 8) !== bytes.readUInt32LE(at + 8)) return -1;
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 0x100000000;
}

/** Whether the record in `bytes[start, end)` fits the checksum behind it. */
export function recordIntact(bytes: Buffer, start: number, end: number): boolean {
  return maskedCrc32c(bytes, start, end) === bytes.readUInt32LE(end);
}
