import { locationOf } from './log-address.ts';
import { LogBlobs } from './log-blobs.ts';
import { type CleaningLimits, LogCleaner } from './log-cleaner.ts';
import {
  aligned,
  corrupt,
  DELETE_BLOB,
  decodeManifest,
  encodeManifest,
  type IndexFile,
  indexName,
  isIndexName,
  isPut,
  isSegmentName,
  MANIFEST,
  PUT_BLOB,
  PUT_TIMED,
  type RecordView,
  SEGMENT_HEADER,
  segmentName,
  TABLE,
} from './log-format.ts';
import { hashKey, LogIndex, shapeFor } from './log-index.ts';
import { type IndexContext, readIndexFile, writeIndexFile } from './log-index-file.ts';
import { LogKeys } from './log-keys.ts';
import { type EmptySchedule, LogSchedules } from './log-schedules.ts';
import { LogSegments, type RecordVisitor } from './log-segments.ts';
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
 * What must stay true: a commit syncs all that the manifest will name before it replaces it, and removes files only afterwards.
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
  readonly #keys: LogKeys;
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
    this.#keys = new LogKeys(this.#log, this.#tables);
    this.#blobs = new LogBlobs(this.#log);
    this.#cleaner = new LogCleaner(this.#log, this.#limits, (bytes, view, address) =>
      this.#rescue(bytes, view, address),
    );
    this.#open();
  }

  /** Bytes on disk, of which how many count. */
  get usage(): { readonly total: number; readonly live: number; readonly keys: number; readonly indexBytes: number } {
    return {
      total: this.#log.total,
      live: this.#log.live,
      keys: this.#keys.index.size,
      indexBytes: this.#keys.index.bytes,
    };
  }

  get memory(): number {
    return this.#keys.index.bytes + this.#schedules.memory;
  }

  get fresh(): number {
    return this.#log.fresh;
  }

  read(table: string, key: Uint8Array): Uint8Array | undefined {
    const number = this.#tables.find(table);
    this.location = 0;
    this.times = NO_TIMES;
    if (number === undefined || !this.#keys.read(number, key)) return undefined;
    this.location = this.#keys.location;
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
    return this.#keys.write(this.#tables.number(table), key, value, known, times);
  }

  delete(table: string, key: Uint8Array, known?: StateLocation): void {
    const number = this.#tables.find(table);
    if (number !== undefined) this.#keys.delete(number, key, known);
  }

  count(table: string): number {
    return this.#tables.count(this.#tables.find(table) ?? 0);
  }

  scan(table: string, visit: (key: Uint8Array, value: Uint8Array) => void): void {
    const number = this.#tables.find(table);
    if (number === undefined) return;
    this.#walk((bytes, view, address) => {
      if (!isPut(view.op) || view.table !== number || !this.#keys.counts(view, address)) return;
      this.location = locationOf(address, aligned(view.size) / 8);
      this.times = view.times(bytes);
      visit(bytes.subarray(view.keyStart, view.keyEnd), bytes.subarray(view.keyEnd, view.end));
    });
  }

  /** Visits all records, also those that count no more. What the visitor writes comes behind what there is now. */
  #walk(visit: RecordVisitor): void {
    this.#log.writeFrame();
    for (const [segment, length] of this.#log.segments.map((each) => [each, each.length] as const)) {
      this.#log.walk(segment, length, visit);
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
      skip: (time) => buckets.skip(time),
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
    this.#keys.withHash(hash, () => {
      const { bytes, view } = this.#log;
      if (view.table !== table) return;
      const times = view.times(bytes);
      if (times[domain] > last) return;
      this.location = this.#keys.location;
      this.times = times;
      visit(bytes.subarray(view.keyStart, view.keyEnd), bytes.subarray(view.keyEnd, view.end));
    });
  }

  /** Puts what is due into empty schedules, all of them in one reading of the log. */
  #refill(empty: readonly EmptySchedule[]): void {
    if (empty.length === 0) return;
    const tables = new Set(empty.map(({ table }) => table));
    this.#walk((bytes, view, address) => {
      if (view.op !== PUT_TIMED || !tables.has(view.table) || !this.#keys.counts(view, address)) return;
      const times = view.times(bytes);
      for (const { table, domain, buckets } of empty) {
        if (table === view.table && times[domain] < NEVER) buckets.add(times[domain], view.hash);
      }
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
    this.#refill(this.#schedules.tidy(this.#tables));
    this.#cleaner.clean();
    this.#log.sync();
    this.#sinceIndex += this.#log.fresh;
    const before = this.#indexFile;
    if (this.#sinceIndex > this.#limits.index + this.#keys.index.bytes) this.#copyIndex();
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
    this.#indexFile = writeIndexFile(this.#disk, this.version + 1, { context, index: this.#keys.index, schedules });
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
        keys: this.#keys.index.size,
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
    this.#keys.index = new LogIndex();
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
    if (context === undefined) this.#keys.index = new LogIndex(shapeFor(keys));
    for (const segment of log.segments) {
      const from = segment.id === context?.segment ? context.offset : SEGMENT_HEADER;
      if (segment.id < (context?.segment ?? 0) || from >= segment.length) continue;
      this.#sinceIndex += segment.length - from;
      log.walk(segment, segment.length, (record, view, address) => this.#replay(record, view, address), from);
    }
    this.#refill(this.#schedules.endReplay());
    this.#blobs.readMissing();
  }

  /** Takes up a copy of the index. The log says the same without it, so one that is damaged is no harm. */
  #takeIndex(file: IndexFile): IndexContext | undefined {
    const copy = readIndexFile(this.#disk, file);
    if (copy === undefined) return undefined;
    const { context, index, schedules } = copy;
    this.#indexFile = file;
    this.#keys.index = index;
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
    if (!this.#keys.replay(view, address) || op !== PUT_TIMED) return;
    const times = view.times(bytes);
    for (const domain of [EVENT, PROCESSING] as const) {
      if (times[domain] < NEVER) {
        this.#schedules.replay(table, domain, times[domain], hash, this.#tables.count(table));
      }
    }
  }

  /** Writes a record of the oldest segment again if it counts. A delete there has nothing left to delete. */
  #rescue(bytes: Buffer, view: RecordView, address: number): void {
    if (isPut(view.op)) this.#keys.rescue(bytes, view, address);
    else if (view.op === PUT_BLOB) this.#blobs.rescue(bytes, view, address);
  }
}
