import { FOOTER_BYTES, HEADER_BYTES, recordIntact, recordLength } from './frame.ts';

/** Reads bytes of a file at a position; fewer than asked for only at its end. */
export type PositionReader = (position: number, length: number) => Promise<Buffer>;

const WINDOW_BYTES = 64 * 1024;

/**
 * Where the first frame starts at a position of the file or later, found without reading what lies before.
 *
 * TFRecord has no marks between records, but the length at the start of a frame has a checksum of 32 bits. Where such a
 * length is followed, at the distance it tells, by another one or by the end of the file, or the record by its own
 * checksum, there is a frame: by chance that happens once in 2^64 bytes. Not by chance it happens in records that are
 * TFRecord files themselves; so whoever reads the range before compares where it came out with the same search.
 *
 * @returns the offset; `size` when no frame starts before it
 */
export async function findFrame(
  read: PositionReader,
  position: number,
  size: number,
  maxRecordBytes: number,
): Promise<number> {
  // Whatever record the position lies in has ended by then.
  const stop = Math.min(size, position + HEADER_BYTES + maxRecordBytes + FOOTER_BYTES + 1);
  for (let from = position; from < stop; from += WINDOW_BYTES) {
    const bytes = await read(from, WINDOW_BYTES + HEADER_BYTES - 1);
    for (let at = 0; at + HEADER_BYTES <= bytes.length; at++) {
      // A record of 4 GiB is none that could be read, and most bytes are told from a length by this alone.
      if (bytes[at + 7] !== 0 || bytes[at + 6] !== 0 || bytes[at + 5] !== 0 || bytes[at + 4] !== 0) continue;
      const length = recordLength(bytes, at);
      if (length < 0 || length > maxRecordBytes) continue;
      if (await isFrame(read, from + at, length, size)) return from + at;
    }
  }
  return size;
}

async function isFrame(read: PositionReader, at: number, length: number, size: number): Promise<boolean> {
  const start = at + HEADER_BYTES;
  const next = start + length + FOOTER_BYTES;
  // A file that was cut off is an error of the record in which it ends, so that one needs an owner too.
  if (next === size || next > size) return true;
  if (next + HEADER_BYTES <= size && recordLength(await read(next, HEADER_BYTES), 0) >= 0) return true;
  const record = await read(start, length + FOOTER_BYTES);
  return record.length === length + FOOTER_BYTES && recordIntact(record, 0, length);
}
