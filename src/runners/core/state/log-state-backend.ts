import { addressIn, locationOf } from './log-address.ts';
import { LogBlobs } from './log-blobs.ts';
import { type CleaningLimits, LogCleaner } from './log-cleaner.ts';
import {
  aligned,
  corrupt,
  DELETE,
  DELETE_BLOB,
  decodeManifest,
  encodeManifest,
  type IndexFile,
  indexName,
  isIndexName,
  isPut,
  isSegmentName,
  MANIFEST,
  NOTHING,
  PUT,
  PUT_BLOB,
  PUT_TIMED,
  type RecordView,
  SEGMENT_HEADER,
  segmentName,
  TABLE,
} from './log-format.ts';
import { hashKey, LogIndex, shapeFor } from './log-index.ts';
import { type IndexContext, readIndexFile, writeIndexFile } from './log-index-file.ts';
import { LogSchedules } from './log-schedules.ts';
import { LogSegments } from './log-segments.ts';
import { LogTables } from './log-tables.ts';
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
import type { TimeBuckets } from './time-buckets.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** Sizes that tests make small. */
export interface LogLimits extends CleaningLimits {
  /** Bytes, besides as many as the index has, that are written between two copies of it; Infinity for none. */
  readonly index: number;
}

const MIB = 1024 * 1024;
const LIMITS: LogLimits = { segment: 64 * MIB, frame: 256 * 1024, slack: 64 * MIB, index: 64 * MIB };

/**
 * State in a log of segments on disk, with an index of all keys in memory (10 to 12 bytes per key). Writing
 * appends; a commit syncs what was appended and replaces the manifest, which says how far each segment counts. The oldest
 * segment is cleaned when more lies dead than alive: what is alive in it is written again, and the file goes with the commit.
 * Now and then the index is copied to disk: opening reads the copy, and of the log only what was written since.
 *
 * What must stay true: the index has the newest record of each key and no other, so a record counts if the index has its
 * address. A commit syncs all that the manifest will name before it replaces it, and removes files only afterwards.
 *
 * See docs/decisions/0013-state-backend.md.
 */
export class LogStateBackend implements StateBackend {
  version = 0;
  location: StateLocation = 0;
  times: StateTimes = NO_TIMES;
  readonly #disk: StateDisk;
  readonly #limits: LogLimits;
  readonly #log: LogSegments;
  readonly #tables: LogTables;
  readonly #blobs: LogBlobs;
  readonly #cleaner: LogCleaner;
  readonly #schedules = new LogSchedules();
  #index = new LogIndex();
  #indexFile: IndexFile | undefined;
  /** Bytes written since the index was copied. */
  #sinceIndex = 0;

  /**
   * Opens what the last commit has left, or begins anew in an empty directory.
   *
   * @throws IoError `STATE_CORRUPT`, `STATE_VERSION`, `STATE_FAILED`
   */
  constructor(disk: StateDisk, limits: Partial<LogLimits> = {}) {
    this.#disk = disk;
    this.#limits = { ...LIMITS, ...limits };
    this.#log = new LogSegments(disk, this.#limits, () => this.#tables.repeat());
    this.#tables = new LogTables(this.#log);
    this.#blobs = new LogBlobs(this.#log);
    this.#cleaner = new LogCleaner(this.#log, this.#limits, (bytes, view, address) =>
      this.#rescue(bytes, view, address),
    );
    this.#open();
  }

  /** Bytes on disk, of which how many count. */
  get usage(): { readonly total: number; readonly live: number; readonly keys: number; readonly indexBytes: number } {
    return { total: this.#log.total, live: this.#log.live, keys: this.#index.size, indexBytes: this.#index.bytes };
  }

  get memory(): number {
    return this.#index.bytes + this.#schedules.memory;
  }

  get fresh(): number {
    return this.#log.fresh;
  }

  read(table: string, key: Uint8Array): Uint8Array | undefined {
    const number = this.#tables.find(table);
    this.location = 0;
    this.times = NO_TIMES;
    if (number === undefined) return undefined;
    const place = this.#find(number, key, hashKey(number, key));
    if (place < 0) return undefined;
    const { bytes, view } = this.#log;
    this.times = view.times(bytes);
    return bytes.subarray(view.keyEnd, view.end);
  }

  write(
    table: string,
    key: Uint8Array,
    value: Uint8Array,
    known?: StateLocation,
    times: StateTimes = NO_TIMES,
  ): StateLocation {
    const number = this.#tables.number(table);
    const hash = hashKey(number, key);
    const place = this.#locate(number, key, hash, known);
    const replaced = place < 0 ? 0 : this.location;
    const op = times[EVENT] === NEVER && times[PROCESSING] === NEVER ? PUT : PUT_TIMED;
    const location = this.#log.append({ op, table: number, key, value, hash, times }, replaced);
    const address = addressIn(location);
    if (place < 0) this.#insert(number, hash, address);
    else this.#index.move(place, address);
    return location;
  }

  delete(table: string, key: Uint8Array, known?: StateLocation): void {
    const number = this.#tables.find(table);
    if (number === undefined) return;
    const hash = hashKey(number, key);
    const place = this.#locate(number, key, hash, known);
    if (place < 0) return;
    this.#log.append({ ...NOTHING, op: DELETE, table: number, key, hash }, this.location);
    this.#remove(number, place);
  }

  count(table: string): number {
    return this.#tables.count(this.#tables.find(table) ?? 0);
  }

  #insert(table: number, hash: number, address: number): void {
    this.#index.insert(hash, address);
    this.#tables.added(table);
  }

  #remove(table: number, place: number): void {
    this.#index.remove(place);
    this.#tables.removed(table);
  }

  /**
   * Place of the key in the index, or −1, with `location` set. A location that is known saves reading the record, unless
   * the record has been moved since.
   */
  #locate(table: number, key: Uint8Array, hash: number, known: StateLocation | undefined): number {
    this.location = known ?? 0;
    if (known === 0) return -1;
    const place = known === undefined ? -1 : this.#index.locate(hash, addressIn(known));
    return place >= 0 ? place : this.#find(table, key, hash);
  }

  /** Looks the key up and reads its record. */
  #find(table: number, key: Uint8Array, hash: number): number {
    this.location = 0;
    const log = this.#log;
    for (let place = this.#index.find(hash); place >= 0; place = this.#index.findNext(hash, place)) {
      const address = this.#index.addressAt(place);
      log.readRecord(address);
      const { size, keyStart, keyEnd } = log.view;
      if (log.view.table !== table || keyEnd - keyStart !== key.length) continue;
      if (log.bytes.compare(key, 0, key.length, keyStart, keyEnd) !== 0) continue;
      this.location = locationOf(address, aligned(size) / 8);
      return place;
    }
    return -1;
  }

  scan(table: string, visit: (key: Uint8Array, value: Uint8Array) => void): void {
    const number = this.#tables.find(table);
    if (number === undefined) return;
    this.#log.writeFrame();
    // What the visitor writes comes behind what there is now.
    for (const [segment, length] of this.#log.segments.map((each) => [each, each.length] as const)) {
      this.#log.walk(segment, length, (bytes, view, address) => {
        if (!isPut(view.op) || view.table !== number || this.#index.locate(view.hash, address) < 0) return;
        this.location = locationOf(address, aligned(view.size) / 8);
        this.times = view.times(bytes);
        visit(bytes.subarray(view.keyStart, view.keyEnd), bytes.subarray(view.keyEnd, view.end));
      });
    }
  }

  schedule(table: string, domain: QueueDomain): KeySchedule {
    const number = this.#tables.number(table);
    const buckets = this.#schedules.of(number, domain);
    return {
      get next() {
        return buckets.next;
      },
      add: (key, time) => buckets.add(time, hashKey(number, key)),
      take: (visit) => this.#takeScheduled(number, domain, buckets, visit),
    };
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
    for (let place = this.#index.find(hash); place >= 0; place = this.#index.findNext(hash, place)) {
      addresses.push(this.#index.addressAt(place));
    }
    for (const address of addresses) {
      if (this.#index.locate(hash, address) < 0) continue;
      this.#log.readRecord(address);
      const { bytes, view } = this.#log;
      if (view.table !== table) continue;
      const times = view.times(bytes);
      if (times[domain] > last) continue;
      this.location = locationOf(address, aligned(view.size) / 8);
      this.times = times;
      visit(bytes.subarray(view.keyStart, view.keyEnd), bytes.subarray(view.keyEnd, view.end));
    }
  }

  #tidySchedules(): void {
    this.#schedules.tidy(this.#tables, (name, domain, buckets) => {
      const number = this.#tables.number(name);
      this.scan(name, (key) => {
        if (this.times[domain] < NEVER) buckets.add(this.times[domain], hashKey(number, key));
      });
    });
  }

  blob(name: string): Uint8Array | undefined {
    return this.#blobs.get(name);
  }

  putBlob(name: string, bytes: Uint8Array | undefined): void {
    this.#blobs.put(name, bytes);
  }

  blobs(prefix: string): string[] {
    return this.#blobs.names(prefix);
  }

  commit(): void {
    this.#tidySchedules();
    this.#cleaner.clean();
    this.#log.sync();
    this.#sinceIndex += this.#log.fresh;
    const before = this.#indexFile;
    if (this.#sinceIndex > this.#limits.index + this.#index.bytes) this.#copyIndex();
    this.#writeManifest(this.version + 1);
    this.version++;
    this.#log.fresh = 0;
    if (before !== undefined && before !== this.#indexFile) this.#disk.remove(indexName(before.id));
    this.#log.removeLeft();
  }

  #copyIndex(): void {
    const last = this.#log.segments[this.#log.segments.length - 1];
    const context: IndexContext = {
      segment: last.id,
      offset: last.length,
      tables: [...this.#tables.names],
      counts: this.#tables.counts,
      blobs: this.#blobs.locations,
      live: this.#log.live,
    };
    const schedules = this.#schedules.encode();
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
    const segments = this.#log.segments.map(({ id, slot, length }) => ({ id, slot, length }));
    this.#disk.replace(
      MANIFEST,
      encodeManifest({
        version,
        segments,
        nextSegment: this.#log.nextSegment,
        keys: this.#index.size,
        index: this.#indexFile,
      }),
    );
  }

  #open(): void {
    const [disk, log] = [this.#disk, this.#log];
    log.reset();
    this.#tables.reset();
    this.#blobs.reset();
    this.#schedules.reset();
    this.#cleaner.reset();
    this.#index = new LogIndex();
    this.#indexFile = undefined;
    this.#sinceIndex = 0;
    const files = disk.list();
    if (!files.includes(MANIFEST)) {
      const segment = files.find(isSegmentName);
      // The manifest is there before the first segment is.
      if (segment !== undefined) throw corrupt(segment, 0, 'the manifest of its directory is missing');
      log.nextSegment = 1;
      this.version = 0;
      this.#writeManifest(0);
      return;
    }
    const bytes = Buffer.alloc(disk.size(MANIFEST));
    disk.read(MANIFEST, 0, bytes);
    const { version, segments, nextSegment, keys, index } = decodeManifest(bytes);
    this.version = version;
    log.nextSegment = nextSegment;
    const names = new Set(segments.map(({ id }) => segmentName(id)));
    if (index !== undefined) names.add(indexName(index.id));
    for (const file of files) if ((isSegmentName(file) || isIndexName(file)) && !names.has(file)) disk.remove(file);
    for (const { id, slot, length } of segments) log.open(id, slot, length);
    const context = index === undefined ? undefined : this.#takeIndex(index);
    if (context === undefined) this.#index = new LogIndex(shapeFor(keys));
    for (const segment of log.segments) {
      const from = segment.id === context?.segment ? context.offset : SEGMENT_HEADER;
      if (segment.id < (context?.segment ?? 0) || from >= segment.length) continue;
      this.#sinceIndex += segment.length - from;
      log.walk(segment, segment.length, (record, view, address) => this.#replay(record, view, address), from);
    }
    this.#blobs.readMissing();
  }

  /** Takes up a copy of the index. The log says the same without it, so one that is damaged is no harm. */
  #takeIndex(file: IndexFile): IndexContext | undefined {
    const copy = readIndexFile(this.#disk, file);
    if (copy === undefined) return undefined;
    const { context, index, schedules } = copy;
    this.#indexFile = file;
    this.#index = index;
    this.#tables.reset(context.tables, context.counts);
    this.#blobs.reset(context.blobs);
    this.#schedules.reset(schedules);
    this.#log.live = context.live;
    return context;
  }

  #replay(bytes: Buffer, view: RecordView, address: number): void {
    const { op, table, hash } = view;
    switch (op) {
      case TABLE:
        this.#tables.replay(bytes.toString('utf8', view.keyStart, view.keyEnd), table);
        return;
      case PUT_BLOB:
      case DELETE_BLOB:
        this.#blobs.replay(bytes, view, address);
        return;
    }
    const log = this.#log;
    // What a record replaces may have gone with its segment.
    const place = view.replaced === 0 ? -1 : this.#index.locate(hash, view.replaced);
    if (place >= 0) log.live -= view.replacedUnits * 8;
    if (op === DELETE) {
      if (place >= 0) this.#remove(table, place);
      return;
    }
    log.live += aligned(view.size);
    if (place >= 0) this.#index.move(place, address);
    else this.#insert(table, hash, address);
    if (op !== PUT_TIMED) return;
    const times = view.times(bytes);
    for (const domain of [EVENT, PROCESSING] as const) {
      if (times[domain] < NEVER) this.#schedules.of(table, domain).add(times[domain], hash);
    }
  }

  /** Writes a record of the oldest segment again if it counts. A delete there has nothing left to delete. */
  #rescue(bytes: Buffer, view: RecordView, address: number): void {
    const { op, table, hash, keyStart, keyEnd, end } = view;
    if (isPut(op)) {
      const place = this.#index.locate(hash, address);
      if (place < 0) return;
      const key = bytes.subarray(keyStart, keyEnd);
      const content = { op, table, key, value: bytes.subarray(keyEnd, end), hash, times: view.times(bytes) };
      const location = this.#log.append(content, locationOf(address, aligned(view.size) / 8));
      this.#index.move(place, addressIn(location));
    } else if (op === PUT_BLOB) {
      this.#blobs.rescue(bytes, view, address);
    }
  }
}
