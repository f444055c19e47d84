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
  type IndexFile,
  indexName,
  isIndexName,
  isSegmentHeader,
  isSegmentName,
  MANIFEST,
  MAX_TABLES,
  PUT,
  PUT_BLOB,
  PUT_TIMED,
  RECORD_HEADER,
  type RecordContent,
  RecordView,
  recordSize,
  SEGMENT_HEADER,
  segmentHeader,
  segmentName,
  TABLE,
  writeRecord,
} from './log-format.ts';
import { hashKey, LogIndex } from './log-index.ts';
import { type IndexContext, readIndexFile, writeIndexFile } from './log-index-file.ts';
import {
  EVENT,
  type KeySchedule,
  NO_TIMES,
  PROCESSING,
  type QueueDomain,
  type StateBackend,
  type StateLocation,
  type StateTimes,
} from './state-backend.ts';
import type { StateDisk } from './state-disk.ts';
import { TimeBuckets } from './time-buckets.ts';

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
/** A schedule may have this many keys more than four times those of its table; then it is made anew. */
const SCHEDULE_SLACK = 65_536;
const NEVER = Number.POSITIVE_INFINITY;

/** Sizes that tests make small. */
export interface LogLimits {
  /** Bytes of a segment, at most 64 MiB. A larger record has a segment to itself. */
  readonly segment: number;
  /** Bytes of records that are written to the disk at once. */
  readonly frame: number;
  /** Bytes that may lie about dead before the log is compacted; then as much again as is alive. */
  readonly slack: number;
  /** Bytes, besides as many as the index has, that are written between two copies of it; Infinity for none. */
  readonly index: number;
}

const MIB = 1024 * 1024;
const LIMITS: LogLimits = { segment: 64 * MIB, frame: 256 * 1024, slack: 64 * MIB, index: 64 * MIB };

/**
 * State in a log of segments on disk, with an index of all keys in memory (8 bytes per place, 12 to 24 per key). Writing
 * appends; a commit syncs what was appended and replaces the manifest, which says how far each segment counts. The oldest
 * segment is cleaned when more lies dead than alive: what is alive in it is written again, and the file goes with the commit.
 * Now and then the index is copied to disk: opening reads the copy, and of the log only what was written since.
 *
 * See docs/decisions/0013-state-backend.md.
 */
export class LogStateBackend implements StateBackend {
  version = 0;
  location: StateLocation = 0;
  times: StateTimes = NO_TIMES;
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
  #fresh = 0;
  /** By table's number and domain. */
  #schedules = new Map<string, TimeBuckets>();
  #indexFile: IndexFile | undefined;
  /** Bytes written since the index was copied. */
  #sinceIndex = 0;
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

  get memory(): number {
    let bytes = this.#index.bytes;
    for (const schedule of this.#schedules.values()) bytes += schedule.memory;
    return bytes;
  }

  get fresh(): number {
    return this.#fresh;
  }

  read(table: string, key: Uint8Array): Uint8Array | undefined {
    const number = this.#tables.get(table);
    this.location = 0;
    this.times = NO_TIMES;
    if (number === undefined) return undefined;
    const place = this.#find(number, key, hashKey(number, key));
    if (place < 0) return undefined;
    this.times = this.#view.times(this.#read);
    const { keyEnd, end } = this.#view;
    return this.#read.subarray(keyEnd, end);
  }

  write(
    table: string,
    key: Uint8Array,
    value: Uint8Array,
    known?: StateLocation,
    times: StateTimes = NO_TIMES,
  ): StateLocation {
    const number = this.#tableNumber(table);
    const hash = hashKey(number, key);
    const place = this.#locate(number, key, hash, known);
    const replaced = place < 0 ? 0 : this.location;
    const op = times[EVENT] === NEVER && times[PROCESSING] === NEVER ? PUT : PUT_TIMED;
    const location = this.#append({ op, table: number, key, value, hash, times }, replaced);
    const address = location % TWO_32;
    if (place < 0) this.#insert(number, hash, address);
    else this.#index.move(place, address);
    return location;
  }

  delete(table: string, key: Uint8Array, known?: StateLocation): void {
    const number = this.#tables.get(table);
    if (number === undefined) return;
    const hash = hashKey(number, key);
    const place = this.#locate(number, key, hash, known);
    if (place < 0) return;
    this.#append({ ...NOTHING, op: DELETE, table: number, key, hash }, this.location);
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
    // What the visitor writes comes behind what there is now.
    for (const [segment, length] of this.#segments.map((each) => [each, each.length] as const)) {
      this.#walk(segment, length, (bytes, view, address) => {
        if (!isPut(view.op) || view.table !== number || this.#index.locate(view.hash, address) < 0) return;
        this.location = locationOf(address, aligned(view.size) / 8);
        this.times = view.times(bytes);
        visit(bytes.subarray(view.keyStart, view.keyEnd), bytes.subarray(view.keyEnd, view.end));
      });
    }
  }

  schedule(table: string, domain: QueueDomain): KeySchedule {
    const number = this.#tableNumber(table);
    const buckets = this.#buckets(number, domain);
    return {
      get next() {
        return buckets.next;
      },
      add: (key, time) => buckets.add(time, hashKey(number, key)),
      take: (visit) => this.#takeScheduled(number, domain, buckets, visit),
    };
  }

  #buckets(table: number, domain: QueueDomain): TimeBuckets {
    const name = `${table}/${domain}`;
    let buckets = this.#schedules.get(name);
    if (buckets === undefined) this.#schedules.set(name, (buckets = new TimeBuckets()));
    return buckets;
  }

  #takeScheduled(
    table: number,
    domain: QueueDomain,
    buckets: TimeBuckets,
    visit: (key: Uint8Array, value: Uint8Array) => void,
  ): void {
    const taken = buckets.take();
    if (taken === undefined) return;
    const { number: hash, last } = taken;
    // The visitor may move records.
    const addresses: number[] = [];
    for (let place = this.#index.find(hash); place >= 0; place = this.#index.find(hash, place)) {
      addresses.push(this.#index.addressAt(place));
    }
    for (const address of addresses) {
      if (this.#index.locate(hash, address) < 0) continue;
      this.#readRecord(address);
      const view = this.#view;
      if (view.table !== table) continue;
      const times = view.times(this.#read);
      if (times[domain] > last) continue;
      this.location = locationOf(address, aligned(view.size) / 8);
      this.times = times;
      visit(this.#read.subarray(view.keyStart, view.keyEnd), this.#read.subarray(view.keyEnd, view.end));
    }
  }

  /** Keys that were removed or put off many times stay in a schedule until their first time has come. */
  #tidySchedules(): void {
    for (const [name, number] of this.#tables) {
      for (const domain of [EVENT, PROCESSING] as const) {
        const buckets = this.#schedules.get(`${number}/${domain}`);
        if (buckets === undefined || buckets.size <= 4 * (this.#counts[number] ?? 0) + SCHEDULE_SLACK) continue;
        buckets.clear();
        this.scan(name, (key) => {
          if (this.times[domain] < NEVER) buckets.add(this.times[domain], hashKey(number, key));
        });
      }
    }
  }

  blob(name: string): Uint8Array | undefined {
    return this.#blobs.get(name)?.bytes;
  }

  putBlob(name: string, bytes: Uint8Array | undefined): void {
    const before = this.#blobs.get(name);
    if (bytes === undefined) {
      if (before === undefined) return;
      this.#append({ ...NOTHING, op: DELETE_BLOB, key: Buffer.from(name, 'utf8') }, before.location);
      this.#blobs.delete(name);
      return;
    }
    if (before !== undefined && Buffer.compare(before.bytes, bytes) === 0) return;
    const content = { ...NOTHING, op: PUT_BLOB, key: Buffer.from(name, 'utf8'), value: bytes };
    const location = this.#append(content, before?.location ?? 0);
    this.#blobs.set(name, { bytes: Uint8Array.prototype.slice.call(bytes), location });
  }

  blobs(prefix: string): string[] {
    return [...this.#blobs.keys()].filter((name) => name.startsWith(prefix));
  }

  commit(): void {
    this.#tidySchedules();
    this.#clean();
    this.#writeFrame();
    for (const segment of this.#segments) {
      if (!segment.dirty) continue;
      this.#disk.sync(segment.name);
      segment.dirty = false;
    }
    this.#sinceIndex += this.#fresh;
    const before = this.#indexFile;
    if (this.#sinceIndex > this.#limits.index + this.#index.bytes) this.#copyIndex();
    this.#writeManifest(this.version + 1);
    this.version++;
    this.#fresh = 0;
    if (before !== undefined && before !== this.#indexFile) this.#disk.remove(indexName(before.id));
    for (const { name, slot } of this.#left) {
      this.#disk.remove(name);
      this.#bySlot[slot] = undefined;
    }
    this.#left = [];
  }

  #copyIndex(): void {
    const last = this.#segments.at(-1) as Segment;
    const context: IndexContext = {
      segment: last.id,
      offset: last.length,
      tables: [...this.#tables],
      counts: Array.from(this.#counts, (count) => count ?? 0),
      blobs: Array.from(this.#blobs, ([name, { location }]) => [name, location] as const),
      live: this.#live,
    };
    const schedules = new Map(Array.from(this.#schedules, ([name, buckets]) => [name, buckets.encode()] as const));
    this.#indexFile = writeIndexFile(this.#disk, this.version + 1, { context, index: this.#index, schedules });
    this.#sinceIndex = 0;
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
      encodeManifest({
        version,
        segments,
        nextSegment: this.#nextSegment,
        keys: this.#index.size,
        index: this.#indexFile,
      }),
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
    this.#schedules = new Map();
    this.#indexFile = undefined;
    this.#sinceIndex = 0;
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
    const { version, segments, nextSegment, keys, index } = decodeManifest(bytes);
    this.version = version;
    this.#nextSegment = nextSegment;
    const names = new Set(segments.map(({ id }) => segmentName(id)));
    if (index !== undefined) names.add(indexName(index.id));
    for (const file of files) if ((isSegmentName(file) || isIndexName(file)) && !names.has(file)) disk.remove(file);
    for (const { id, slot, length } of segments) this.#openSegment(id, slot, length);
    const context = index === undefined ? undefined : this.#takeIndex(index);
    if (context === undefined) this.#index = new LogIndex(keys);
    for (const segment of this.#segments) {
      const from = segment.id === context?.segment ? context.offset : SEGMENT_HEADER;
      if (segment.id < (context?.segment ?? 0) || from >= segment.length) continue;
      this.#sinceIndex += segment.length - from;
      this.#walk(segment, segment.length, (bytes, view, address) => this.#replay(bytes, view, address), from);
    }
    this.#rememberBlobs();
  }

  #openSegment(id: number, slot: number, length: number): void {
    const segment: Segment = { id, slot, name: segmentName(id), length, dirty: false };
    const size = this.#disk.size(segment.name);
    if (size < length) throw corrupt(segment.name, size, `${length - size} bytes are missing at its end`);
    if (size > length) this.#disk.truncate(segment.name, length);
    const header = Buffer.alloc(SEGMENT_HEADER);
    this.#disk.read(segment.name, 0, header);
    if (!isSegmentHeader(header, id)) throw corrupt(segment.name, 0, 'it does not begin like a segment');
    this.#segments.push(segment);
    this.#bySlot[slot] = segment;
    this.#total += length;
  }

  /** Takes up a copy of the index. The log says the same without it, so one that is damaged is no harm. */
  #takeIndex(file: IndexFile): IndexContext | undefined {
    const copy = readIndexFile(this.#disk, file);
    if (copy === undefined) return undefined;
    const { context, index, schedules } = copy;
    this.#indexFile = file;
    this.#index = index;
    this.#tables = new Map(context.tables);
    this.#counts = [...context.counts];
    this.#live = context.live;
    for (const [name, location] of context.blobs) this.#blobs.set(name, { bytes: NO_BYTES, location });
    for (const [name, bytes] of schedules) this.#schedules.set(name, TimeBuckets.decode(bytes));
    return context;
  }

  /** Reads the blobs whose places came from a copy of the index, and that were not replaced since. */
  #rememberBlobs(): void {
    for (const [name, { bytes, location }] of this.#blobs) {
      if (bytes !== NO_BYTES) continue;
      this.#readRecord(location % TWO_32);
      const { keyEnd, end } = this.#view;
      this.#blobs.set(name, { bytes: Uint8Array.prototype.slice.call(this.#read, keyEnd, end), location });
    }
  }

  #replay(bytes: Buffer, view: RecordView, address: number): void {
    const { op, table, hash, keyStart, keyEnd, end } = view;
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
    if (op !== PUT_TIMED) return;
    const times = view.times(bytes);
    for (const domain of [EVENT, PROCESSING] as const) {
      if (times[domain] < NEVER) this.#buckets(table, domain).add(times[domain], hash);
    }
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
    if (!view.isIntact(this.#read)) throw corrupt(segment.name, offset, 'a checksum is wrong');
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

  #append(content: RecordContent, replaced: StateLocation): StateLocation {
    const size = aligned(recordSize(content));
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
    writeRecord(this.#frame, at, content, replaced % TWO_32, replacedSize / 8);
    this.#filled = at + size;
    this.#live -= replacedSize;
    this.#total += size;
    this.#fresh += size;
    if (isPut(content.op) || content.op === PUT_BLOB) this.#live += size;
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
    for (const [name, number] of this.#tables) this.#appendTable(name, number);
    return segment;
  }

  #tableNumber(table: string): number {
    let number = this.#tables.get(table);
    if (number !== undefined) return number;
    number = this.#tables.size + 1;
    if (number > MAX_TABLES) throw new IoError('STATE_FULL', `A state backend holds at most ${MAX_TABLES} tables`);
    this.#appendTable(table, number);
    this.#tables.set(table, number);
    return number;
  }

  #appendTable(name: string, table: number): void {
    this.#append({ ...NOTHING, op: TABLE, table, key: Buffer.from(name, 'utf8') }, 0);
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
    const { op, table, hash, keyStart, keyEnd, end } = view;
    const location = locationOf(address, aligned(view.size) / 8);
    const key = bytes.subarray(keyStart, keyEnd);
    const value = bytes.subarray(keyEnd, end);
    if (isPut(op)) {
      const place = this.#index.locate(hash, address);
      if (place < 0) return;
      const content = { op, table, key, value, hash, times: view.times(bytes) };
      this.#index.move(place, this.#append(content, location) % TWO_32);
    } else if (op === PUT_BLOB) {
      const name = key.toString('utf8');
      const known = this.#blobs.get(name);
      if (known === undefined || known.location % TWO_32 !== address) return;
      this.#blobs.set(name, {
        bytes: known.bytes,
        location: this.#append({ ...NOTHING, op, key, value }, location),
      });
    }
  }
}

/** For records of no key. */
const NOTHING: RecordContent = { op: 0, table: 0, key: NO_BYTES, value: NO_BYTES, hash: 0, times: NO_TIMES };

function isPut(op: number): boolean {
  return op === PUT || op === PUT_TIMED;
}

function addressOf(slot: number, offset: number): number {
  return ((slot << OFFSET_BITS) | (offset / 8)) >>> 0;
}

function locationOf(address: number, units: number): StateLocation {
  return Math.min(units, MAX_UNITS) * TWO_32 + address;
}
