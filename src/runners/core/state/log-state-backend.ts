import { crc32 } from 'node:zlib';
import { IoError } from '../../../sdk/errors.ts';
import {
  aligned,
  corrupt,
  DELETE,
  DELETE_BLOB,
  decodeManifest,
  encodeManifest,
  FRAME_HEADER,
  isSegmentHeader,
  isSegmentName,
  MANIFEST,
  MAX_TABLES,
  PUT,
  PUT_BLOB,
  RECORD_HEADER,
  RecordView,
  recordSize,
  SEGMENT_HEADER,
  segmentHeader,
  segmentName,
  TABLE,
  writeRecord,
} from './log-format.ts';
import { hashKey, LogIndex } from './log-index.ts';
import type { StateBackend, StateLocation } from './state-backend.ts';
import type { StateDisk } from './state-disk.ts';

/** A file of the log. */
interface Segment {
  readonly id: number;
  /** Number in addresses. */
  readonly slot: number;
  readonly name: string;
  /** Bytes in the file, committed or not. */
  length: number;
  /** Written since it was synced. */
  dirty: boolean;
}

/** An address is a segment's slot and an offset in units of 8 bytes: 512 segments, each of which may begin a record below 64 MiB. */
const OFFSET_BITS = 23;
const MAX_SEGMENTS = 1 << (32 - OFFSET_BITS);
const OFFSET_MASK = (1 << OFFSET_BITS) - 1;
const TWO_32 = 0x100000000;
/** Sizes of records in locations, in units of 8 bytes; those of larger ones are looked up. */
const MAX_UNITS = (1 << 21) - 1;
/** Read at once of a record whose size is not known. */
const FIRST_READ = 512;
const NO_BYTES = Buffer.alloc(0);

/** Sizes that tests make small. */
export interface LogLimits {
  /** Bytes of a segment, at most 64 MiB. A larger record has a segment to itself. */
  readonly segment: number;
  /** Bytes of records that are written to the disk at once. */
  readonly frame: number;
  /** Bytes that may lie about dead before the log is compacted; then as much again as is alive. */
  readonly slack: number;
}

const LIMITS: LogLimits = { segment: 64 * 1024 * 1024, frame: 256 * 1024, slack: 64 * 1024 * 1024 };

/**
 * State in a log of segments on disk, with an index of all keys in memory (8 bytes per place, 12 to 24 per key). Writing
 * appends; a commit syncs what was appended and replaces the manifest, which says how far each segment counts. The oldest
 * segment is cleaned when more lies dead than alive: what is alive in it is written again, and the file goes with the commit.
 *
 * See docs/decisions/0013-state-backend.md.
 */
export class LogStateBackend implements StateBackend {
  version = 0;
  location: StateLocation = 0;
  readonly #disk: StateDisk;
  readonly #limits: LogLimits;
  #index = new LogIndex();
  #segments: Segment[] = [];
  readonly #bySlot: (Segment | undefined)[] = new Array(MAX_SEGMENTS).fill(undefined);
  #nextSegment = 1;
  #tables = new Map<string, number>();
  /** Keys by table. */
  #counts: number[] = [];
  #blobs = new Map<string, { readonly bytes: Uint8Array; readonly location: StateLocation }>();
  /** Bytes of records that count, and of all. */
  #live = 0;
  #total = 0;
  /** Of the frame that is being filled; the segment it goes to is the last. */
  #frame: Buffer;
  #filled = FRAME_HEADER;
  /** Bytes written since the last commit. */
  #fresh = 0;
  /** How far the oldest segment has been cleaned. */
  #cleaned = SEGMENT_HEADER;
  /** Segments whose files go with the next commit. */
  #left: Segment[] = [];
  readonly #view = new RecordView();
  #read = Buffer.allocUnsafeSlow(64 * 1024);

  /**
   * Opens what the last commit has left, or begins anew in an empty directory.
   *
   * @throws IoError `STATE_CORRUPT`, `STATE_VERSION`, `STATE_FAILED`
   */
  constructor(disk: StateDisk, limits: Partial<LogLimits> = {}) {
    this.#disk = disk;
    this.#limits = { ...LIMITS, ...limits };
    this.#frame = Buffer.allocUnsafeSlow(this.#limits.frame + FRAME_HEADER);
    this.#open();
  }

  /** Bytes on disk, of which how many count. */
  get usage(): { readonly total: number; readonly live: number; readonly keys: number; readonly indexBytes: number } {
    return { total: this.#total, live: this.#live, keys: this.#index.size, indexBytes: this.#index.bytes };
  }

  read(table: string, key: Uint8Array): Uint8Array | undefined {
    const number = this.#tables.get(table);
    this.location = 0;
    if (number === undefined) return undefined;
    const place = this.#find(number, key, hashKey(number, key));
    if (place < 0) return undefined;
    const { keyEnd, end } = this.#view;
    return this.#read.subarray(keyEnd, end);
  }

  write(table: string, key: Uint8Array, value: Uint8Array, known?: StateLocation): StateLocation {
    const number = this.#tableNumber(table);
    const hash = hashKey(number, key);
    const place = this.#locate(number, key, hash, known);
    const replaced = place < 0 ? 0 : this.location;
    const location = this.#append(PUT, number, key, value, replaced);
    const address = location % TWO_32;
    if (place < 0) this.#insert(number, hash, address);
    else this.#index.move(place, address);
    return location;
  }

  delete(table: string, key: Uint8Array, known?: StateLocation): void {
    const number = this.#tables.get(table);
    if (number === undefined) return;
    const place = this.#locate(number, key, hashKey(number, key), known);
    if (place < 0) return;
    this.#append(DELETE, number, key, NO_BYTES, this.location);
    this.#remove(number, place);
  }

  count(table: string): number {
    return this.#counts[this.#tables.get(table) ?? 0] ?? 0;
  }

  #insert(table: number, hash: number, address: number): void {
    this.#index.insert(hash, address);
    this.#counts[table] = (this.#counts[table] ?? 0) + 1;
  }

  #remove(table: number, place: number): void {
    this.#index.remove(place);
    this.#counts[table]--;
  }

  scan(table: string, visit: (key: Uint8Array, value: Uint8Array) => void): void {
    const number = this.#tables.get(table);
    if (number === undefined) return;
    this.#writeFrame();
    for (const segment of this.#segments) {
      this.#walk(segment, segment.length, (bytes, view, address) => {
        if (view.op !== PUT || view.table !== number) return;
        if (this.#index.locate(hashKey(number, bytes, view.keyStart, view.keyEnd), address) < 0) return;
        visit(bytes.subarray(view.keyStart, view.keyEnd), bytes.subarray(view.keyEnd, view.end));
      });
    }
  }

  blob(name: string): Uint8Array | undefined {
    return this.#blobs.get(name)?.bytes;
  }

  putBlob(name: string, bytes: Uint8Array | undefined): void {
    const before = this.#blobs.get(name);
    if (bytes === undefined) {
      if (before === undefined) return;
      this.#append(DELETE_BLOB, 0, Buffer.from(name, 'utf8'), NO_BYTES, before.location);
      this.#blobs.delete(name);
      return;
    }
    if (before !== undefined && Buffer.compare(before.bytes, bytes) === 0) return;
    const location = this.#append(PUT_BLOB, 0, Buffer.from(name, 'utf8'), bytes, before?.location ?? 0);
    this.#blobs.set(name, { bytes: Uint8Array.prototype.slice.call(bytes), location });
  }

  blobs(prefix: string): string[] {
    return [...this.#blobs.keys()].filter((name) => name.startsWith(prefix));
  }

  commit(): void {
    this.#clean();
    this.#writeFrame();
    for (const segment of this.#segments) {
      if (!segment.dirty) continue;
      this.#disk.sync(segment.name);
      segment.dirty = false;
    }
    this.#writeManifest(this.version + 1);
    this.version++;
    this.#fresh = 0;
    for (const { name, slot } of this.#left) {
      this.#disk.remove(name);
      this.#bySlot[slot] = undefined;
    }
    this.#left = [];
  }

  rollback(): void {
    this.#open();
  }

  close(): void {
    this.#disk.close();
  }

  #writeManifest(version: number): void {
    const segments = this.#segments.map(({ id, slot, length }) => ({ id, slot, length }));
    this.#disk.replace(
      MANIFEST,
      encodeManifest({ version, segments, nextSegment: this.#nextSegment, keys: this.#index.size }),
    );
  }

  // Opening.

  #open(): void {
    const disk = this.#disk;
    this.#index = new LogIndex();
    this.#segments = [];
    this.#bySlot.fill(undefined);
    this.#tables = new Map();
    this.#counts = [];
    this.#blobs = new Map();
    this.#live = 0;
    this.#total = 0;
    this.#filled = FRAME_HEADER;
    this.#fresh = 0;
    this.#cleaned = SEGMENT_HEADER;
    this.#left = [];
    const files = disk.list();
    if (!files.includes(MANIFEST)) {
      const segment = files.find(isSegmentName);
      // The manifest is there before the first segment is.
      if (segment !== undefined) throw corrupt(segment, 0, 'the manifest of its directory is missing');
      this.#nextSegment = 1;
      this.version = 0;
      this.#writeManifest(0);
      return;
    }
    const bytes = Buffer.alloc(disk.size(MANIFEST));
    disk.read(MANIFEST, 0, bytes);
    const { version, segments, nextSegment, keys } = decodeManifest(bytes);
    this.#index = new LogIndex(keys);
    this.version = version;
    this.#nextSegment = nextSegment;
    const names = new Set(segments.map(({ id }) => segmentName(id)));
    for (const file of files) if (isSegmentName(file) && !names.has(file)) disk.remove(file);
    for (const { id, slot, length } of segments) this.#load(id, slot, length);
  }

  #load(id: number, slot: number, length: number): void {
    const segment: Segment = { id, slot, name: segmentName(id), length, dirty: false };
    const size = this.#disk.size(segment.name);
    if (size < length) throw corrupt(segment.name, size, `${length - size} bytes are missing at its end`);
    if (size > length) this.#disk.truncate(segment.name, length);
    const header = Buffer.alloc(SEGMENT_HEADER);
    this.#disk.read(segment.name, 0, header);
    if (!isSegmentHeader(header, id)) throw corrupt(segment.name, 0, 'it does not begin like a segment');
    this.#segments.push(segment);
    this.#bySlot[slot] = segment;
    this.#walk(segment, length, (bytes, view, address) => this.#replay(bytes, view, address));
    this.#total += length;
  }

  #replay(bytes: Buffer, view: RecordView, address: number): void {
    const { op, table, keyStart, keyEnd, end } = view;
    const units = aligned(view.size) / 8;
    switch (op) {
      case TABLE:
        this.#tables.set(bytes.toString('utf8', keyStart, keyEnd), table);
        return;
      case PUT_BLOB:
      case DELETE_BLOB: {
        const name = bytes.toString('utf8', keyStart, keyEnd);
        const before = this.#blobs.get(name);
        if (before !== undefined) this.#live -= this.#sizeOf(before.location);
        if (op === DELETE_BLOB) this.#blobs.delete(name);
        else {
          this.#blobs.set(name, {
            bytes: Uint8Array.prototype.slice.call(bytes, keyEnd, end),
            location: locationOf(address, units),
          });
          this.#live += units * 8;
        }
        return;
      }
    }
    const hash = hashKey(table, bytes, keyStart, keyEnd);
    // What a record replaces may have gone with its segment.
    const place = view.replaced === 0 ? -1 : this.#index.locate(hash, view.replaced);
    if (place >= 0) this.#live -= view.replacedUnits * 8;
    if (op === DELETE) {
      if (place >= 0) this.#remove(table, place);
      return;
    }
    this.#live += units * 8;
    if (place >= 0) this.#index.move(place, address);
    else this.#insert(table, hash, address);
  }

  /** Visits the records of a segment's first bytes, frame by frame. The bytes given are valid during the visit. */
  #walk(
    segment: Segment,
    length: number,
    visit: (bytes: Buffer, view: RecordView, address: number) => void,
    from = SEGMENT_HEADER,
    until = length,
  ): number {
    const view = new RecordView();
    let bytes = Buffer.allocUnsafeSlow(this.#limits.frame + FRAME_HEADER);
    const header = Buffer.alloc(FRAME_HEADER);
    let at = from;
    while (at < until) {
      if (at + FRAME_HEADER > length) throw corrupt(segment.name, at, 'a frame is cut off');
      this.#disk.read(segment.name, at, header);
      const size = header.readUInt32LE(0);
      if (size % 8 !== 0 || at + FRAME_HEADER + size > length) throw corrupt(segment.name, at, 'a frame is cut off');
      if (size > bytes.length) bytes = Buffer.allocUnsafeSlow(size);
      const frame = bytes.subarray(0, size);
      this.#disk.read(segment.name, at + FRAME_HEADER, frame);
      if (crc32(frame) !== header.readUInt32LE(4)) throw corrupt(segment.name, at, 'a checksum is wrong');
      for (let record = 0; record < size; record += aligned(view.size)) {
        if (size - record < RECORD_HEADER) throw corrupt(segment.name, at, 'a record is cut off');
        view.readHeader(frame, record);
        if (view.end > size || view.keyEnd > view.end) throw corrupt(segment.name, at, 'a record is cut off');
        visit(frame, view, addressOf(segment.slot, at + FRAME_HEADER + record));
      }
      at += FRAME_HEADER + size;
    }
    return at;
  }

  // Finding.

  /**
   * Place of the key in the index, or −1, with `location` set. A location that is known saves reading the record, unless
   * the record has been moved since.
   */
  #locate(table: number, key: Uint8Array, hash: number, known: StateLocation | undefined): number {
    this.location = known ?? 0;
    if (known === 0) return -1;
    const place = known === undefined ? -1 : this.#index.locate(hash, known % TWO_32);
    return place >= 0 ? place : this.#find(table, key, hash);
  }

  /** Looks the key up and reads its record into `#read`. */
  #find(table: number, key: Uint8Array, hash: number): number {
    this.location = 0;
    for (let place = this.#index.find(hash); place >= 0; place = this.#index.find(hash, place)) {
      const address = this.#index.addressAt(place);
      this.#readRecord(address);
      const { size, keyStart, keyEnd } = this.#view;
      if (this.#view.table !== table || keyEnd - keyStart !== key.length) continue;
      if (this.#read.compare(key, 0, key.length, keyStart, keyEnd) !== 0) continue;
      this.location = locationOf(address, aligned(size) / 8);
      return place;
    }
    return -1;
  }

  /** Reads the record at an address to the beginning of `#read`. */
  #readRecord(address: number): void {
    const segment = this.#bySlot[address >>> OFFSET_BITS] as Segment;
    const offset = (address & OFFSET_MASK) * 8;
    const view = this.#view;
    if (segment === this.#segments.at(-1) && offset >= segment.length) {
      const start = offset - segment.length;
      view.readHeader(this.#frame, start);
      this.#makeRoom(view.size);
      this.#frame.copy(this.#read, 0, start, view.end);
    } else {
      const first = Math.min(FIRST_READ, segment.length - offset);
      this.#disk.read(segment.name, offset, this.#read.subarray(0, first));
      view.readHeader(this.#read, 0);
      if (view.size > first) {
        this.#makeRoom(view.size);
        this.#disk.read(segment.name, offset + first, this.#read.subarray(first, view.size));
      }
    }
    view.readHeader(this.#read, 0);
  }

  /** Makes `#read` large enough, and keeps what is in it. */
  #makeRoom(size: number): void {
    if (size <= this.#read.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(size + 8, this.#read.length * 2));
    this.#read.copy(larger);
    this.#read = larger;
  }

  #sizeOf(location: StateLocation): number {
    const units = Math.floor(location / TWO_32);
    if (units < MAX_UNITS) return units * 8;
    this.#readRecord(location % TWO_32);
    return aligned(this.#view.size);
  }

  // Writing.

  #append(op: number, table: number, key: Uint8Array, value: Uint8Array, replaced: StateLocation): StateLocation {
    const size = aligned(recordSize(key.length, value.length));
    if (this.#filled + size > this.#frame.length && this.#filled > FRAME_HEADER) this.#writeFrame();
    let segment = this.#segments.at(-1);
    if (segment === undefined || segment.length + this.#filled + size > this.#limits.segment) {
      const isNew = segment === undefined || segment.length + this.#filled > SEGMENT_HEADER + FRAME_HEADER;
      if (isNew) segment = this.#newSegment();
    }
    if (this.#filled + size > this.#frame.length) {
      const larger = Buffer.allocUnsafeSlow(this.#filled + size);
      this.#frame.copy(larger, 0, 0, this.#filled);
      this.#frame = larger;
    }
    const replacedSize = replaced === 0 ? 0 : this.#sizeOf(replaced);
    const at = this.#filled;
    writeRecord(this.#frame, at, op, table, key, value, replaced % TWO_32, replacedSize / 8);
    this.#filled = at + size;
    this.#live -= replacedSize;
    this.#total += size;
    this.#fresh += size;
    if (op === PUT || op === PUT_BLOB) this.#live += size;
    return locationOf(addressOf((segment as Segment).slot, (segment as Segment).length + at), size / 8);
  }

  #writeFrame(): void {
    const size = this.#filled - FRAME_HEADER;
    const segment = this.#segments.at(-1);
    if (size === 0 || segment === undefined) return;
    const frame = this.#frame.subarray(0, this.#filled);
    frame.writeUInt32LE(size, 0);
    frame.writeUInt32LE(crc32(frame.subarray(FRAME_HEADER)), 4);
    this.#disk.append(segment.name, frame);
    segment.length += frame.length;
    segment.dirty = true;
    this.#total += FRAME_HEADER;
    this.#filled = FRAME_HEADER;
    // One large value must not keep its memory.
    if (this.#frame.length > 4 * this.#limits.frame) {
      this.#frame = Buffer.allocUnsafeSlow(this.#limits.frame + FRAME_HEADER);
    }
  }

  #newSegment(): Segment {
    this.#writeFrame();
    const slot = this.#bySlot.indexOf(undefined);
    if (slot < 0) {
      throw new IoError('STATE_FULL', `The state is larger than ${MAX_SEGMENTS} files of 64 MiB`, {
        hint: 'state is removed when its window has expired: use windows, or clear what is not needed any more',
      });
    }
    const id = this.#nextSegment++;
    const segment: Segment = { id, slot, name: segmentName(id), length: SEGMENT_HEADER, dirty: true };
    this.#disk.append(segment.name, segmentHeader(id));
    this.#total += SEGMENT_HEADER;
    this.#segments.push(segment);
    this.#bySlot[slot] = segment;
    // Segments go in the order in which they came, so each has all names of tables.
    for (const [name, number] of this.#tables) this.#append(TABLE, number, Buffer.from(name, 'utf8'), NO_BYTES, 0);
    return segment;
  }

  #tableNumber(table: string): number {
    let number = this.#tables.get(table);
    if (number !== undefined) return number;
    number = this.#tables.size + 1;
    if (number > MAX_TABLES) throw new IoError('STATE_FULL', `A state backend holds at most ${MAX_TABLES} tables`);
    this.#append(TABLE, number, Buffer.from(table, 'utf8'), NO_BYTES, 0);
    this.#tables.set(table, number);
    return number;
  }

  // Cleaning.

  /** Writes what is alive in the oldest segments again, at most about as much as has been written since the last commit. */
  #clean(): void {
    const { slack, segment: segmentBytes } = this.#limits;
    let work = Math.max(segmentBytes / 4, this.#fresh * 2);
    while (work > 0 && this.#segments.length > 1 && this.#total > 2 * this.#live + slack) {
      const [segment] = this.#segments;
      const until = Math.min(segment.length, this.#cleaned + work);
      const end = this.#walk(
        segment,
        segment.length,
        (bytes, view, address) => this.#rescue(bytes, view, address),
        this.#cleaned,
        until,
      );
      work -= end - this.#cleaned;
      this.#cleaned = end;
      if (end < segment.length) return;
      this.#segments.shift();
      this.#left.push(segment);
      this.#total -= segment.length;
      this.#cleaned = SEGMENT_HEADER;
    }
  }

  /** Writes a record of the oldest segment again if it counts. A delete there has nothing left to delete. */
  #rescue(bytes: Buffer, view: RecordView, address: number): void {
    const { op, table, keyStart, keyEnd, end } = view;
    const location = locationOf(address, aligned(view.size) / 8);
    const key = bytes.subarray(keyStart, keyEnd);
    const value = bytes.subarray(keyEnd, end);
    if (op === PUT) {
      const place = this.#index.locate(hashKey(table, key), address);
      if (place >= 0) this.#index.move(place, this.#append(PUT, table, key, value, location) % TWO_32);
    } else if (op === PUT_BLOB) {
      const name = key.toString('utf8');
      const known = this.#blobs.get(name);
      if (known === undefined || known.location % TWO_32 !== address) return;
      this.#blobs.set(name, { bytes: known.bytes, location: this.#append(PUT_BLOB, 0, key, value, location) });
    }
  }
}

function addressOf(slot: number, offset: number): number {
  return ((slot << OFFSET_BITS) | (offset / 8)) >>> 0;
}

function locationOf(address: number, units: number): StateLocation {
  return Math.min(units, MAX_UNITS) * TWO_32 + address;
}
