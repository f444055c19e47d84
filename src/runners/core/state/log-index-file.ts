import { crc32 } from 'node:zlib';
import { type IndexFile, indexName } from './log-format.ts';
import { LogIndex, type PartShape } from './log-index.ts';
import type { StateDisk } from './state-disk.ts';

const PIECE = 16 * 1024 * 1024;
const LENGTH_BYTES = 8;
/** The arrays are written as they lie in memory: a machine of another byte order replays the log instead. */
const BYTE_ORDER = new Uint8Array(Uint16Array.of(1).buffer)[0];

/** What a copy of the index says besides the index. */
export interface IndexContext {
  /** The log up to here is in it: a segment and an offset in it. */
  readonly segment: number;
  readonly offset: number;
  /** Names of tables, by their numbers. */
  readonly tables: readonly (readonly [name: string, number: number])[];
  readonly counts: readonly number[];
  /** Locations of blobs. */
  readonly blobs: readonly (readonly [name: string, location: number])[];
  /** Bytes of records that count. */
  readonly live: number;
}

export interface IndexCopy {
  readonly context: IndexContext;
  readonly index: LogIndex;
  readonly schedules: ReadonlyMap<string, Buffer>;
}

interface Header extends IndexContext {
  readonly byteOrder: number;
  /** Of the index; absent in copies by earlier versions. */
  readonly parts?: readonly PartShape[];
  readonly schedules: readonly (readonly [name: string, length: number])[];
}

/** Writes a copy of the index into a new file, which is safe when this returns. */
export function writeIndexFile(disk: StateDisk, id: number, { context, index, schedules }: IndexCopy): IndexFile {
  const name = indexName(id);
  // What a failed commit has left.
  disk.remove(name);
  const { parts } = index;
  const header: Header = {
    ...context,
    byteOrder: BYTE_ORDER,
    parts: parts.map(({ size, places }) => ({ capacity: places.length / 2, size })),
    schedules: Array.from(schedules, ([each, bytes]) => [each, bytes.length]),
  };
  const text = Buffer.from(JSON.stringify(header));
  const lengths = Buffer.alloc(LENGTH_BYTES);
  lengths.writeUInt32LE(text.length, 0);
  let crc = 0;
  let length = 0;
  for (const part of [lengths, text, ...parts.map(({ places }) => bytesOf(places)), ...schedules.values()]) {
    for (let at = 0; at < part.length; at += PIECE) {
      const piece = part.subarray(at, at + PIECE);
      crc = crc32(piece, crc);
      disk.append(name, piece);
    }
    length += part.length;
  }
  disk.sync(name);
  return { id, length, crc };
}

/** Reads a copy of the index; `undefined` when it is missing or damaged. */
export function readIndexFile(disk: StateDisk, { id, length, crc }: IndexFile): IndexCopy | undefined {
  const name = indexName(id);
  if (disk.size(name) !== length || length < LENGTH_BYTES) return undefined;
  let at = 0;
  let found = 0;
  const fill = (part: Buffer): Buffer => {
    for (let from = 0; from < part.length; from += PIECE) {
      const piece = part.subarray(from, from + PIECE);
      disk.read(name, at, piece);
      found = crc32(piece, found);
      at += piece.length;
    }
    return part;
  };
  const textLength = fill(Buffer.alloc(LENGTH_BYTES)).readUInt32LE(0);
  if (textLength > length - LENGTH_BYTES) return undefined;
  const header = parseHeader(fill(Buffer.allocUnsafeSlow(textLength)));
  if (header?.byteOrder !== BYTE_ORDER || header.parts === undefined) return undefined;
  const scheduleBytes = header.schedules.reduce((sum, [, bytes]) => sum + bytes, 0);
  const indexBytes = header.parts.reduce((sum, { capacity }) => sum + capacity * 8, 0);
  if (at + indexBytes + scheduleBytes !== length) return undefined;
  const index = new LogIndex(header.parts);
  for (const { places } of index.parts) fill(bytesOf(places));
  const schedules = new Map(
    header.schedules.map(([each, bytes]) => [each, fill(Buffer.allocUnsafeSlow(bytes))] as const),
  );
  return found === crc ? { context: header, index, schedules } : undefined;
}

function parseHeader(text: Buffer): Header | undefined {
  try {
    return JSON.parse(text.toString()) as Header;
  } catch {
    return undefined;
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
