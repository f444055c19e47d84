import { addressIn, locationOf } from './log-address.ts';
import { aligned, DELETE_BLOB, NOTHING, PUT_BLOB, type RecordView } from './log-format.ts';
import type { LogSegments } from './log-segments.ts';
import type { StateLocation } from './state-backend.ts';

/** Of a blob that is not read yet. */
const UNREAD = Buffer.alloc(0);

/**
 * The blobs of a log: all are in memory, and each is one record.
 *
 * What must stay true: a blob's location is that of its newest record, which alone counts as alive. The bytes in memory are
 * copies that nobody else writes to.
 */
export class LogBlobs {
  readonly #log: LogSegments;
  readonly #blobs = new Map<string, { readonly bytes: Uint8Array; readonly location: StateLocation }>();

  constructor(log: LogSegments) {
    this.#log = log;
  }

  get(name: string): Uint8Array | undefined {
    return this.#blobs.get(name)?.bytes;
  }

  /** @param bytes `undefined` removes the blob */
  put(name: string, bytes: Uint8Array | undefined): void {
    const before = this.#blobs.get(name);
    if (bytes === undefined) {
      if (before === undefined) return;
      this.#log.append({ ...NOTHING, op: DELETE_BLOB, key: Buffer.from(name, 'utf8') }, before.location);
      this.#blobs.delete(name);
      return;
    }
    if (before !== undefined && Buffer.compare(before.bytes, bytes) === 0) return;
    const content = { ...NOTHING, op: PUT_BLOB, key: Buffer.from(name, 'utf8'), value: bytes };
    const location = this.#log.append(content, before?.location ?? 0);
    this.#blobs.set(name, { bytes: Uint8Array.prototype.slice.call(bytes), location });
  }

  names(prefix: string): string[] {
    return [...this.#blobs.keys()].filter((name) => name.startsWith(prefix));
  }

  /** For a copy of the index. */
  get locations(): (readonly [name: string, location: StateLocation])[] {
    return Array.from(this.#blobs, ([name, { location }]) => [name, location] as const);
  }

  /** Begins with what a copy of the index says, or with nothing. `readMissing` is to follow once the log is replayed. */
  reset(locations: Iterable<readonly [name: string, location: StateLocation]> = []): void {
    this.#blobs.clear();
    for (const [name, location] of locations) this.#blobs.set(name, { bytes: UNREAD, location });
  }

  /** Reads the blobs whose places came from a copy of the index, and that were not replaced since. */
  readMissing(): void {
    const { view } = this.#log;
    for (const [name, { bytes, location }] of this.#blobs) {
      if (bytes !== UNREAD) continue;
      this.#log.readRecord(addressIn(location));
      this.#blobs.set(name, { bytes: copied(this.#log.bytes, view), location });
    }
  }

  /** Takes up a `PUT_BLOB` or `DELETE_BLOB` from the log. */
  replay(bytes: Buffer, view: RecordView, address: number): void {
    const name = bytes.toString('utf8', view.keyStart, view.keyEnd);
    const before = this.#blobs.get(name);
    if (before !== undefined) this.#log.live -= this.#log.sizeOf(before.location);
    if (view.op === DELETE_BLOB) {
      this.#blobs.delete(name);
      return;
    }
    const size = aligned(view.size);
    this.#blobs.set(name, { bytes: copied(bytes, view), location: locationOf(address, size / 8) });
    this.#log.live += size;
  }

  /** Writes a `PUT_BLOB` again if it counts. */
  rescue(bytes: Buffer, view: RecordView, address: number): void {
    const key = bytes.subarray(view.keyStart, view.keyEnd);
    const name = key.toString('utf8');
    const known = this.#blobs.get(name);
    if (known === undefined || addressIn(known.location) !== address) return;
    const content = { ...NOTHING, op: PUT_BLOB, key, value: bytes.subarray(view.keyEnd, view.end) };
    const location = this.#log.append(content, locationOf(address, aligned(view.size) / 8));
    this.#blobs.set(name, { bytes: known.bytes, location });
  }
}

function copied(bytes: Buffer, { keyEnd, end }: RecordView): Uint8Array {
  return Uint8Array.prototype.slice.call(bytes, keyEnd, end);
}
