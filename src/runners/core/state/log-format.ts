import { crc32 } from 'node:zlib';
import { IoError } from '../../../sdk/errors.ts';

/**
 * Files of the log-structured backend. All numbers are little-endian.
 *
 * A segment is a header of 16 bytes, then frames: length and CRC-32 of what follows, then records. Frames and records
 * start at multiples of 8. A record is 16 bytes of header, key, value: its size, what it is with table and length of the
 * key, and which record it replaces and how large that is.
 *
 * The manifest names the segments and how much of each is committed.
 */

export const MANIFEST = 'MANIFEST';
/** Grows when older programs could not read what is written. */
const FORMAT = 1;

export const SEGMENT_HEADER = 16;
export const FRAME_HEADER = 8;
export const RECORD_HEADER = 16;
const MAGIC = 0x4c53524d;

export const PUT = 1;
export const DELETE = 2;
/** Gives a table its number: the name is the key. */
export const TABLE = 3;
export const PUT_BLOB = 4;
export const DELETE_BLOB = 5;

export const MAX_TABLES = 4095;
/** A key this long or longer has its length in front of it. */
const LONG_KEY = 0xffff;

/** Name of a segment's file. */
export function segmentName(id: number): string {
  return `state-${String(id).padStart(8, '0')}.log`;
}

export function isSegmentName(name: string): boolean {
  return /^state-\d{8,}\.log$/.test(name);
}

export function segmentHeader(id: number): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt32LE(FORMAT, 4);
  header.writeUInt32LE(id, 8);
  return header;
}

export function isSegmentHeader(header: Buffer, id: number): boolean {
  return header.readUInt32LE(0) === MAGIC && header.readUInt32LE(4) === FORMAT && header.readUInt32LE(8) === id;
}

/** The next multiple of 8. */
export function aligned(size: number): number {
  return Math.ceil(size / 8) * 8;
}

/** Bytes of a record without what fills it up to a multiple of 8. */
export function recordSize(keyLength: number, valueLength: number): number {
  return RECORD_HEADER + (keyLength >= LONG_KEY ? 4 : 0) + keyLength + valueLength;
}

/** Writes a record at `at`, where there is room for it. */
export function writeRecord(
  bytes: Buffer,
  at: number,
  op: number,
  table: number,
  key: Uint8Array,
  value: Uint8Array,
  replaced: number,
  replacedUnits: number,
): void {
  const isLong = key.length >= LONG_KEY;
  const size = recordSize(key.length, value.length);
  bytes.writeUInt32LE(size, at);
  bytes.writeUInt32LE(((op << 28) | (table << 16) | (isLong ? LONG_KEY : key.length)) >>> 0, at + 4);
  bytes.writeUInt32LE(replaced, at + 8);
  bytes.writeUInt32LE(replacedUnits, at + 12);
  let next = at + RECORD_HEADER;
  if (isLong) {
    bytes.writeUInt32LE(key.length, next);
    next += 4;
  }
  bytes.set(key, next);
  bytes.set(value, next + key.length);
  bytes.fill(0, at + size, at + aligned(size));
}

/** A view of one record in a buffer; reused. */
export class RecordView {
  op = 0;
  table = 0;
  /** Bytes without padding. */
  size = 0;
  /** Address of the record that this one replaces; 0 for none. */
  replaced = 0;
  replacedUnits = 0;
  keyStart = 0;
  keyEnd = 0;
  /** Where the record ends in the buffer, without padding. */
  end = 0;

  /** Reads the header at `at`, of which the buffer must hold `RECORD_HEADER + 4` bytes. */
  readHeader(bytes: Buffer, at: number): void {
    this.size = bytes.readUInt32LE(at);
    const what = bytes.readUInt32LE(at + 4);
    this.op = what >>> 28;
    this.table = (what >>> 16) & 0xfff;
    this.replaced = bytes.readUInt32LE(at + 8);
    this.replacedUnits = bytes.readUInt32LE(at + 12);
    const short = what & 0xffff;
    const isLong = short === LONG_KEY;
    this.keyStart = at + RECORD_HEADER + (isLong ? 4 : 0);
    this.keyEnd = this.keyStart + (isLong ? bytes.readUInt32LE(at + RECORD_HEADER) : short);
    this.end = at + this.size;
  }
}

/** What is committed. */
export interface Manifest {
  readonly version: number;
  /** In the order in which they were written. */
  readonly segments: readonly { readonly id: number; readonly slot: number; readonly length: number }[];
  readonly nextSegment: number;
  /** In all tables: how large the index will be. */
  readonly keys: number;
}

export function encodeManifest(manifest: Manifest): Uint8Array {
  const text = JSON.stringify({ format: FORMAT, ...manifest });
  return Buffer.from(`${crc32(text).toString(16).padStart(8, '0')} ${text}\n`, 'utf8');
}

/** @throws IoError `STATE_CORRUPT`, `STATE_VERSION` */
export function decodeManifest(bytes: Buffer): Manifest {
  const text = bytes.toString('utf8', 9).trimEnd();
  if (crc32(text).toString(16).padStart(8, '0') !== bytes.toString('utf8', 0, 8)) {
    throw corrupt(MANIFEST, 0, 'its checksum is wrong');
  }
  const { format, version, segments, nextSegment, keys } = JSON.parse(text) as Manifest & { readonly format: number };
  if (format === FORMAT) return { version, segments, nextSegment, keys };
  throw new IoError('STATE_VERSION', `State in format ${format} cannot be read; this program reads format ${FORMAT}`, {
    resource: MANIFEST,
  });
}

export function corrupt(name: string, offset: number, what: string): IoError {
  return new IoError('STATE_CORRUPT', `The state cannot be read: ${what}`, {
    resource: `${name}:${offset}`,
    hint: 'the file was damaged after it had been written; go back to a copy of the directory, or start anew without it',
  });
}
