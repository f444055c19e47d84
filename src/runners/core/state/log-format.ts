import { crc32 } from 'node:zlib';
import { IoError } from '../../../sdk/errors.ts';
import { EVENT, NO_TIMES, PROCESSING, type StateTimes } from './state-backend.ts';

/**
 * Files of the log-structured backend. All numbers are little-endian.
 *
 * A segment is a header of 16 bytes, then frames: length and CRC-32 of what follows, then records. Frames and records
 * start at multiples of 8. A record is 24 bytes of header, key, value: its CRC-32, its size, what it is with table and
 * length of the key, which record it replaces and how large that is, and the hash of its key. A frame is checked when the
 * log is replayed, a record when it is read.
 *
 * The manifest names the segments and how much of each is committed, and the file with a copy of the index, if there is one.
 */

export const MANIFEST = 'MANIFEST';
/** Grows when older programs could not read what is written. */
const FORMAT = 2;

export const SEGMENT_HEADER = 16;
export const FRAME_HEADER = 8;
export const RECORD_HEADER = 24;
const MAGIC = 0x4c53524d;

export const PUT = 1;
export const DELETE = 2;
/** Gives a table its number: the name is the key. */
export const TABLE = 3;
export const PUT_BLOB = 4;
export const DELETE_BLOB = 5;
/** A PUT with the times at which something in the value is due, in front of the key. */
export const PUT_TIMED = 6;

const TIMES_BYTES = 16;

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

/** Name of a file with a copy of the index. */
export function indexName(id: number): string {
  return `index-${String(id).padStart(8, '0')}`;
}

export function isIndexName(name: string): boolean {
  return /^index-\d{8,}$/.test(name);
}

/** What a record holds. */
export interface RecordContent {
  readonly op: number;
  readonly table: number;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** Of the key. */
  readonly hash: number;
  /** Meant for `PUT_TIMED`. */
  readonly times: StateTimes;
}

/** For records of no key. */
export const NOTHING: RecordContent = {
  op: 0,
  table: 0,
  key: Buffer.alloc(0),
  value: Buffer.alloc(0),
  hash: 0,
  times: NO_TIMES,
};

/** Whether a record gives a key its value. */
export function isPut(op: number): boolean {
  return op === PUT || op === PUT_TIMED;
}

/** Bytes of a record without what fills it up to a multiple of 8. */
export function recordSize({ op, key, value }: RecordContent): number {
  const isLong = key.length >= LONG_KEY;
  return RECORD_HEADER + (isLong ? 4 : 0) + (op === PUT_TIMED ? TIMES_BYTES : 0) + key.length + value.length;
}

/** Writes a record at `at`, where there is room for it. */
export function writeRecord(
  bytes: Buffer,
  at: number,
  content: RecordContent,
  replaced: number,
  replacedUnits: number,
): void {
  const { op, table, key, value, hash, times } = content;
  const isLong = key.length >= LONG_KEY;
  const size = recordSize(content);
  bytes.writeUInt32LE(size, at + 4);
  bytes.writeUInt32LE(((op << 28) | (table << 16) | (isLong ? LONG_KEY : key.length)) >>> 0, at + 8);
  bytes.writeUInt32LE(replaced, at + 12);
  bytes.writeUInt32LE(replacedUnits, at + 16);
  bytes.writeUInt32LE(hash, at + 20);
  let next = at + RECORD_HEADER;
  if (isLong) {
    bytes.writeUInt32LE(key.length, next);
    next += 4;
  }
  if (op === PUT_TIMED) {
    bytes.writeDoubleLE(times[EVENT], next);
    bytes.writeDoubleLE(times[PROCESSING], next + 8);
    next += TIMES_BYTES;
  }
  bytes.set(key, next);
  bytes.set(value, next + key.length);
  bytes.writeUInt32LE(crc32(bytes.subarray(at + 4, at + size)), at);
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
  hash = 0;
  keyStart = 0;
  keyEnd = 0;
  /** Where the record begins and ends in the buffer, without padding. */
  start = 0;
  end = 0;

  /** Reads the header at `at`, of which the buffer must hold `RECORD_HEADER + 4` bytes. */
  readHeader(bytes: Buffer, at: number): void {
    this.start = at;
    this.size = bytes.readUInt32LE(at + 4);
    const what = bytes.readUInt32LE(at + 8);
    this.op = what >>> 28;
    this.table = (what >>> 16) & 0xfff;
    this.replaced = bytes.readUInt32LE(at + 12);
    this.replacedUnits = bytes.readUInt32LE(at + 16);
    this.hash = bytes.readUInt32LE(at + 20);
    const short = what & 0xffff;
    const isLong = short === LONG_KEY;
    this.keyStart = at + RECORD_HEADER + (isLong ? 4 : 0) + (this.op === PUT_TIMED ? TIMES_BYTES : 0);
    this.keyEnd = this.keyStart + (isLong ? bytes.readUInt32LE(at + RECORD_HEADER) : short);
    this.end = at + this.size;
  }

  /** @param bytes what the header was read from */
  times(bytes: Buffer): StateTimes {
    if (this.op !== PUT_TIMED) return NO_TIMES;
    const at = this.keyStart - TIMES_BYTES;
    return [bytes.readDoubleLE(at), bytes.readDoubleLE(at + 8)];
  }

  /** Whether the record is what was written. */
  isIntact(bytes: Buffer): boolean {
    return crc32(bytes.subarray(this.start + 4, this.end)) === bytes.readUInt32LE(this.start);
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
  /** Where a copy of the index is; the log is whole without it. */
  readonly index: IndexFile | undefined;
}

export interface IndexFile {
  readonly id: number;
  readonly length: number;
  readonly crc: number;
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
  const { format, ...manifest } = JSON.parse(text) as Manifest & { readonly format: number };
  if (format === FORMAT) return manifest;
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
