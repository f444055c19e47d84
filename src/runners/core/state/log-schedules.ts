import type { LogTables } from './log-tables.ts';
import { EVENT, PROCESSING, type QueueDomain } from './state-backend.ts';
import { TimeBuckets } from './time-buckets.ts';

/** A schedule may have this many keys more than four times those of its table; then it is made anew. */
const SLACK = 65_536;
/** The same while a log is replayed, which has every time that a key ever had. */
const REPLAY_SLACK = 4096;

/** A schedule that is to be made anew of the records that count. */
export interface EmptySchedule {
  readonly table: number;
  readonly domain: QueueDomain;
  readonly buckets: TimeBuckets;
}

/**
 * The due-time schedules of a log: hashes of keys by time, for each table and domain.
 *
 * What must stay true: each record with a time is in the schedule at that time or before. More may be there, since nothing
 * is taken out when a key is removed or put off: whoever takes looks at the record. A schedule is not written but with copies
 * of the index; the log has the times, so replaying makes it again.
 */
export class LogSchedules {
  #buckets = new Map<string, TimeBuckets>();
  /** What replaying would make too large; it is made of the records that count when that is over. */
  readonly #overflown = new Map<string, EmptySchedule>();

  get memory(): number {
    let bytes = 0;
    for (const buckets of this.#buckets.values()) bytes += buckets.memory;
    return bytes;
  }

  of(table: number, domain: QueueDomain): TimeBuckets {
    const name = `${table}/${domain}`;
    let buckets = this.#buckets.get(name);
    if (buckets === undefined) this.#buckets.set(name, (buckets = new TimeBuckets()));
    return buckets;
  }

  /** Empties what has grown too large: keys that were removed or put off many times stay until their first time has come. */
  tidy(tables: LogTables): EmptySchedule[] {
    const empty: EmptySchedule[] = [];
    for (const [, table] of tables.names) {
      for (const domain of [EVENT, PROCESSING] as const) {
        const buckets = this.#buckets.get(`${table}/${domain}`);
        if (buckets === undefined || buckets.size <= 4 * tables.count(table) + SLACK) continue;
        buckets.clear();
        empty.push({ table, domain, buckets });
      }
    }
    return empty;
  }

  /** Takes up a record of the log, which may have been replaced since. */
  replay(table: number, domain: QueueDomain, time: number, hash: number, keys: number): void {
    const name = `${table}/${domain}`;
    if (this.#overflown.has(name)) return;
    const buckets = this.of(table, domain);
    buckets.add(time, hash);
    if (buckets.size <= 4 * keys + REPLAY_SLACK) return;
    buckets.clear();
    this.#overflown.set(name, { table, domain, buckets });
  }

  /** The log has been replayed. @returns what is empty because it would have grown too large */
  endReplay(): EmptySchedule[] {
    const empty = [...this.#overflown.values()];
    this.#overflown.clear();
    return empty;
  }

  /** For a copy of the index. */
  encode(): Map<string, Buffer> {
    return new Map(Array.from(this.#buckets, ([name, buckets]) => [name, buckets.encode()] as const));
  }

  /** Begins with what a copy of the index says, or with nothing. */
  reset(encoded: Iterable<readonly [name: string, bytes: Buffer]> = []): void {
    this.#buckets = new Map();
    this.#overflown.clear();
    for (const [name, bytes] of encoded) this.#buckets.set(name, TimeBuckets.decode(bytes));
  }
}
