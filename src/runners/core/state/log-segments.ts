import { crc32 } from 'node:zlib';
import { IoError } from '../../../sdk/errors.ts';
import { addressIn, addressOf, locationOf, MAX_SEGMENTS, MAX_UNITS, offsetOf, slotOf, unitsIn } from './log-address.ts';
import {
  aligned,
  corrupt,
  FRAME_HEADER,
  isPut,
  isSegmentHeader,
  PUT_BLOB,
  RECORD_HEADER,
  type RecordContent,
  RecordView,
  recordSize,
  SEGMENT_HEADER,
  segmentHeader,
  segmentName,
  writeRecord,
} from './log-format.ts';
import type { StateLocation } from './state-backend.ts';
import type { StateDisk } from './state-disk.ts';

/** A file of the log. */
export interface Segment {
  readonly id: number;
  /** Number in addresses. */
  readonly slot: number;
  readonly name: string;
  /** Bytes in the file, committed or not. */
  length: number;
  /** Written since it was synced. */
  dirty: boolean;
}

export interface SegmentLimits {
  /** Bytes of a segment, at most 64 MiB. A larger record has a segment to itself. */
  readonly segment: number;
  /** Bytes of records that are written to the disk at once. */
  readonly frame: number;
}

/** The bytes given are valid during the visit. */
export type RecordVisitor = (bytes: Buffer, view: RecordView, address: number) => void;

/** Read at once of a record whose size is not known. */
const FIRST_READ = 512;

/**
 * The segments of a log and the frame that is being filled: appends records, reads one by its address, walks all.
 *
 * What must stay true:
 * - The frame goes to the last segment, so a record that is not on disk yet has its address already: it lies behind the
 *   segment's length. Whoever begins a segment writes the frame first.
 * - A segment never changes but at its end. Its slot is taken until its file is gone, and the file goes only after the
 *   commit that does without it: until then the last manifest names it.
 * - `live` counts what each record replaces, by the size that the record itself tells: replaying comes to the same number.
 */
export class LogSegments {
  /** In the order in which they were begun. */
  readonly segments: Segment[] = [];
  /** Id of the next segment. The manifest says it: `reset` leaves it alone. */
  nextSegment = 1;
  /** Bytes of records that count, and of all. */
  live = 0;
  total = 0;
  /** Bytes of records appended since the last commit. */
  fresh = 0;
  /** The record that was read last: `bytes` has it at the beginning, `view` says where its parts are. */
  readonly view = new RecordView();
  bytes: Buffer = Buffer.allocUnsafeSlow(64 * 1024);
  readonly #disk: StateDisk;
  readonly #limits: SegmentLimits;
  readonly #begin: () => void;
  readonly #bySlot: (Segment | undefined)[] = new Array(MAX_SEGMENTS).fill(undefined);
  /** Segments whose files go with the next commit. */
  #left: Segment[] = [];
  #frame: Buffer;
  #filled = FRAME_HEADER;

  /** @param begin appends what every segment begins with */
  constructor(disk: StateDisk, limits: SegmentLimits, begin: () => void) {
    this.#disk = disk;
    this.#limits = limits;
    this.#begin = begin;
    this.#frame = Buffer.allocUnsafeSlow(limits.frame + FRAME_HEADER);
  }

  /** Forgets all segments, and what was appended and is not written. Files stay. */
  reset(): void {
    this.segments.length = 0;
    this.#bySlot.fill(undefined);
    this.#left = [];
    this.live = 0;
    this.total = 0;
    this.fresh = 0;
    this.#filled = FRAME_HEADER;
  }

  /** Takes up a segment as it was committed; what lies behind is cut off. @throws IoError `STATE_CORRUPT` */
  open(id: number, slot: number, length: number): void {
    const segment: Segment = { id, slot, name: segmentName(id), length, dirty: false };
    const size = this.#disk.size(segment.name);
    if (size < length) throw corrupt(segment.name, size, `${length - size} bytes are missing at its end`);
    if (size > length) this.#disk.truncate(segment.name, length);
    const header = Buffer.alloc(SEGMENT_HEADER);
    this.#disk.read(segment.name, 0, header);
    if (!isSegmentHeader(header, id)) throw corrupt(segment.name, 0, 'it does not begin like a segment');
    this.segments.push(segment);
    this.#bySlot[slot] = segment;
    this.total += length;
  }

  /**
   * Visits the records of a segment's first `length` bytes, frame by frame, and returns where the last frame visited ends.
   *
   * @throws IoError `STATE_CORRUPT`
   */
  walk(segment: Segment, length: number, visit: RecordVisitor, from = SEGMENT_HEADER, until = length): number {
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

  /** Reads the record at an address into `bytes` and `view`. @throws IoError `STATE_CORRUPT` */
  readRecord(address: number): void {
    const segment = this.#bySlot[slotOf(address)] as Segment;
    const offset = offsetOf(address);
    const view = this.view;
    if (segment === this.segments.at(-1) && offset >= segment.length) {
      const start = offset - segment.length;
      view.readHeader(this.#frame, start);
      this.#makeRoom(view.size);
      this.#frame.copy(this.bytes, 0, start, view.end);
    } else {
      const first = Math.min(FIRST_READ, segment.length - offset);
      this.#disk.read(segment.name, offset, this.bytes.subarray(0, first));
      view.readHeader(this.bytes, 0);
      if (view.size > first) {
        this.#makeRoom(view.size);
        this.#disk.read(segment.name, offset + first, this.bytes.subarray(first, view.size));
      }
    }
    view.readHeader(this.bytes, 0);
    if (!view.isIntact(this.bytes)) throw corrupt(segment.name, offset, 'a checksum is wrong');
  }

  /** Makes `bytes` large enough, and keeps what is in it. */
  #makeRoom(size: number): void {
    if (size <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(size + 8, this.bytes.length * 2));
    this.bytes.copy(larger);
    this.bytes = larger;
  }

  /** Bytes of a record. Reads it when the location does not tell. */
  sizeOf(location: StateLocation): number {
    const units = unitsIn(location);
    if (units < MAX_UNITS) return units * 8;
    this.readRecord(addressIn(location));
    return aligned(this.view.size);
  }

  /** @param replaced where the record is that counts no longer; 0 for none */
  append(content: RecordContent, replaced: StateLocation): StateLocation {
    const size = aligned(recordSize(content));
    if (this.#filled + size > this.#frame.length && this.#filled > FRAME_HEADER) this.writeFrame();
    let segment = this.segments.at(-1);
    if (segment === undefined || segment.length + this.#filled + size > this.#limits.segment) {
      const isNew = segment === undefined || segment.length + this.#filled > SEGMENT_HEADER + FRAME_HEADER;
      if (isNew) segment = this.#newSegment();
    }
    if (this.#filled + size > this.#frame.length) {
      const larger = Buffer.allocUnsafeSlow(this.#filled + size);
      this.#frame.copy(larger, 0, 0, this.#filled);
      this.#frame = larger;
    }
    const replacedSize = replaced === 0 ? 0 : this.sizeOf(replaced);
    const at = this.#filled;
    writeRecord(this.#frame, at, content, addressIn(replaced), replacedSize / 8);
    this.#filled = at + size;
    this.live -= replacedSize;
    this.total += size;
    this.fresh += size;
    if (isPut(content.op) || content.op === PUT_BLOB) this.live += size;
    return locationOf(addressOf((segment as Segment).slot, (segment as Segment).length + at), size / 8);
  }

  /** Writes what is in the frame to the last segment. */
  writeFrame(): void {
    const size = this.#filled - FRAME_HEADER;
    const segment = this.segments.at(-1);
    if (size === 0 || segment === undefined) return;
    const frame = this.#frame.subarray(0, this.#filled);
    frame.writeUInt32LE(size, 0);
    frame.writeUInt32LE(crc32(frame.subarray(FRAME_HEADER)), 4);
    this.#disk.append(segment.name, frame);
    segment.length += frame.length;
    segment.dirty = true;
    this.total += FRAME_HEADER;
    this.#filled = FRAME_HEADER;
    // One large value must not keep its memory.
    if (this.#frame.length > 4 * this.#limits.frame) {
      this.#frame = Buffer.allocUnsafeSlow(this.#limits.frame + FRAME_HEADER);
    }
  }

  #newSegment(): Segment {
    this.writeFrame();
    const slot = this.#bySlot.indexOf(undefined);
    if (slot < 0) {
      throw new IoError('STATE_FULL', `The state is larger than ${MAX_SEGMENTS} files of 64 MiB`, {
        hint: 'state is removed when its window has expired: use windows, or clear what is not needed any more',
      });
    }
    const id = this.nextSegment++;
    const segment: Segment = { id, slot, name: segmentName(id), length: SEGMENT_HEADER, dirty: true };
    this.#disk.append(segment.name, segmentHeader(id));
    this.total += SEGMENT_HEADER;
    this.segments.push(segment);
    this.#bySlot[slot] = segment;
    this.#begin();
    return segment;
  }

  /** Writes and syncs all that was appended. */
  sync(): void {
    this.writeFrame();
    for (const segment of this.segments) {
      if (!segment.dirty) continue;
      this.#disk.sync(segment.name);
      segment.dirty = false;
    }
  }

  /** Leaves out the oldest segment, in which nothing counts any more. */
  leaveOldest(): void {
    const segment = this.segments.shift() as Segment;
    this.#left.push(segment);
    this.total -= segment.length;
  }

  /** Removes the files of what was left out; for when a commit is safe. */
  removeLeft(): void {
    for (const { name, slot } of this.#left) {
      this.#disk.remove(name);
      this.#bySlot[slot] = undefined;
    }
    this.#left = [];
  }
}
