/**
 * Where a backend has the value of a key: 0 when it has none. The backend gives it out with `read` and `write` and is
 * given it back with the next `write` or `delete`, so that it need not look for what is replaced.
 */
export type StateLocation = number;

/** Which clock a time is of. */
export type QueueDomain = 0 | 1;
export const EVENT: QueueDomain = 0;
export const PROCESSING: QueueDomain = 1;

/** When something in a value is due, by domain; Infinity for never. They are kept with the value. */
export type StateTimes = readonly [event: number, processing: number];

/** Of most values. */
export const NO_TIMES: StateTimes = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];

/**
 * Keys of a table by the time at which they are due: about 4 bytes of memory each, whatever the key. It survives a
 * restart. A key stays in it that was removed or given another time; such keys are not visited.
 */
export interface KeySchedule {
  /** Not after the time of any key in it; Infinity when there is none. */
  readonly next: number;
  /** Enters a key, to be found at the time if that is the one that its value is written with. */
  add(key: Uint8Array, time: number): void;
  /**
   * Takes out one of the soonest keys, and visits it if it is still due about then: its time may be a little after
   * `next`. The bytes are valid until the backend is called. Who takes a key writes it, removes it or adds it again before
   * the next commit, or nobody will find it after a restart.
   */
  take(visit: (key: Uint8Array, value: Uint8Array) => void): void;
  /**
   * Drops keys that are due at this time or before, without looking at them, for whoever knows of each what becomes of it.
   * Some may stay.
   */
  skip(time: number): void;
}

/**
 * Where keyed state is kept beyond memory. Everything written since the last commit becomes permanent with the next one,
 * all at once, or is forgotten. Calls block; bytes given in are copied, bytes given out are valid until the next call.
 *
 * Failures are IoErrors that name the file, codes `STATE_FAILED` and `STATE_CORRUPT`.
 */
export interface StateBackend {
  /** Commits so far, over all runs; 0 when nothing was ever committed. */
  readonly version: number;
  /** Bytes of memory that it takes to know where everything is. */
  readonly memory: number;
  /** Bytes written since the last commit. */
  readonly fresh: number;
  /** The value of a key, also one not committed yet; `location` and `times` are its. */
  read(table: string, key: Uint8Array): Uint8Array | undefined;
  /** Of the value that was read or visited last; 0 when there was none. */
  readonly location: StateLocation;
  readonly times: StateTimes;
  /** @param known where the key's value is, if that is known */
  write(table: string, key: Uint8Array, value: Uint8Array, known?: StateLocation, times?: StateTimes): StateLocation;
  /** Removes a key; one that is not there is no error. */
  delete(table: string, key: Uint8Array, known?: StateLocation): void;
  /** How many keys a table has. */
  count(table: string): number;
  /** Visits the keys of a table in no particular order. The visitor may write those that it is given. */
  scan(table: string, visit: (key: Uint8Array, value: Uint8Array) => void): void;
  /** Of one table and domain, until the next rollback. */
  schedule(table: string, domain: QueueDomain): KeySchedule;
  /** Something small that is no key's: watermarks, restrictions, a graph's description. */
  blob(name: string): Uint8Array | undefined;
  /** Replaces a blob; `undefined` removes it. */
  putBlob(name: string, bytes: Uint8Array | undefined): void;
  /** Names of all blobs that start with the prefix. */
  blobs(prefix: string): string[];
  /** Makes everything written so far permanent. When it fails, the last commit is still there to be opened. */
  commit(): void;
  /** Forgets everything since the last commit. */
  rollback(): void;
  /** Releases files; nothing may be called afterwards. What is not committed is forgotten. */
  close(): void;
}
