import { addressIn, locationOf } from './log-address.ts';
import { aligned, DELETE, NOTHING, PUT, PUT_TIMED, type RecordView } from './log-format.ts';
import { hashKey, LogIndex } from './log-index.ts';
import type { LogSegments } from './log-segments.ts';
import type { LogTables } from './log-tables.ts';
import { EVENT, PROCESSING, type StateLocation, type StateTimes } from './state-backend.ts';

const NEVER = Number.POSITIVE_INFINITY;

/**
 * The keys of all tables of a log, and where their records are.
 *
 * What must stay true: the index has the newest record of each key and no other, so a record counts if the index has its
 * address.
 */
export class LogKeys {
  /** Of the record that was found last; 0 when there was none. */
  location: StateLocation = 0;
  index = new LogIndex();
  readonly #log: LogSegments;
  readonly #tables: LogTables;

  constructor(log: LogSegments, tables: LogTables) {
    this.#log = log;
    this.#tables = tables;
  }

  /** Looks a key up and reads its record, which the log's `view` then shows; false when there is none. */
  read(table: number, key: Uint8Array): boolean {
    return this.#find(table, key, hashKey(table, key)) >= 0;
  }

  /** @param known where the key's record is, if that is known */
  write(
    table: number,
    key: Uint8Array,
    value: Uint8Array,
    known: StateLocation | undefined,
    times: StateTimes,
  ): StateLocation {
    const hash = hashKey(table, key);
    const place = this.#locate(table, key, hash, known);
    const replaced = place < 0 ? 0 : this.location;
    const op = times[EVENT] === NEVER && times[PROCESSING] === NEVER ? PUT : PUT_TIMED;
    const location = this.#log.append({ op, table, key, value, hash, times }, replaced);
    const address = addressIn(location);
    if (place < 0) this.#insert(table, hash, address);
    else this.index.move(place, address);
    return location;
  }

  delete(table: number, key: Uint8Array, known: StateLocation | undefined): void {
    const hash = hashKey(table, key);
    const place = this.#locate(table, key, hash, known);
    if (place < 0) return;
    this.#log.append({ ...NOTHING, op: DELETE, table, key, hash }, this.location);
    this.#remove(table, place);
  }

  /** Whether the record at an address is the newest of its key. */
  counts({ hash }: RecordView, address: number): boolean {
    return this.index.locate(hash, address) >= 0;
  }

  /** Reads the records of all keys with a hash. The visitor may move them. */
  withHash(hash: number, visit: () => void): void {
    const { index } = this;
    const addresses: number[] = [];
    for (let place = index.find(hash); place >= 0; place = index.findNext(hash, place)) {
      addresses.push(index.addressAt(place));
    }
    for (const address of addresses) {
      if (index.locate(hash, address) < 0) continue;
      this.#log.readRecord(address);
      this.location = locationOf(address, aligned(this.#log.view.size) / 8);
      visit();
    }
  }

  /** Takes up a record of a key as the log is replayed. True when it gives the key a value. */
  replay(view: RecordView, address: number): boolean {
    const { op, table, hash } = view;
    const log = this.#log;
    // What a record replaces may have gone with its segment.
    const place = view.replaced === 0 ? -1 : this.index.locate(hash, view.replaced);
    if (place >= 0) log.live -= view.replacedUnits * 8;
    if (op === DELETE) {
      if (place >= 0) this.#remove(table, place);
      return false;
    }
    log.live += aligned(view.size);
    if (place >= 0) this.index.move(place, address);
    else this.#insert(table, hash, address);
    return true;
  }

  /** Writes a record of a key again if it counts, at the end of the log. */
  rescue(bytes: Buffer, view: RecordView, address: number): void {
    const { op, table, hash, keyStart, keyEnd, end } = view;
    const place = this.index.locate(hash, address);
    if (place < 0) return;
    const key = bytes.subarray(keyStart, keyEnd);
    const content = { op, table, key, value: bytes.subarray(keyEnd, end), hash, times: view.times(bytes) };
    const location = this.#log.append(content, locationOf(address, aligned(view.size) / 8));
    this.index.move(place, addressIn(location));
  }

  #insert(table: number, hash: number, address: number): void {
    this.index.insert(hash, address);
    this.#tables.added(table);
  }

  #remove(table: number, place: number): void {
    this.index.remove(place);
    this.#tables.removed(table);
  }

  /**
   * Place of the key in the index, or −1, with `location` set. A location that is known saves reading the record, unless
   * the record has been moved since.
   */
  #locate(table: number, key: Uint8Array, hash: number, known: StateLocation | undefined): number {
    this.location = known ?? 0;
    if (known === 0) return -1;
    const place = known === undefined ? -1 : this.index.locate(hash, addressIn(known));
    return place >= 0 ? place : this.#find(table, key, hash);
  }

  /** Looks the key up and reads its record. */
  #find(table: number, key: Uint8Array, hash: number): number {
    this.location = 0;
    const [log, { index }] = [this.#log, this];
    for (let place = index.find(hash); place >= 0; place = index.findNext(hash, place)) {
      const address = index.addressAt(place);
      log.readRecord(address);
      const { size, keyStart, keyEnd } = log.view;
      if (log.view.table !== table || keyEnd - keyStart !== key.length) continue;
      if (log.bytes.compare(key, 0, key.length, keyStart, keyEnd) !== 0) continue;
      this.location = locationOf(address, aligned(size) / 8);
      return place;
    }
    return -1;
  }
}
