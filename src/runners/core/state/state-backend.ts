/**
 * Where a backend has the value of a key: 0 when it has none. The backend gives it out with `read` and `write` and is
 * given it back with the next `write` or `delete`, so that it need not look for what is replaced.
 */
export type StateLocation = number;

/**
 * Where keyed state is kept beyond memory. Everything written since the last commit becomes permanent with the next one,
 * all at once, or is forgotten. Calls block; bytes given in are copied, bytes given out are valid until the next call.
 *
 * Failures are IoErrors that name the file, codes `STATE_FAILED` and `STATE_CORRUPT`.
 */
export interface StateBackend {
  /** Commits so far, over all runs; 0 when nothing was ever committed. */
  readonly version: number;
  /** The value of a key, also one not committed yet; `location` says where it was found. */
  read(table: string, key: Uint8Array): Uint8Array | undefined;
  /** Of the value that was read last; 0 when there was none. */
  readonly location: StateLocation;
  /** @param known where the key's value is, if that is known */
  write(table: string, key: Uint8Array, value: Uint8Array, known?: StateLocation): StateLocation;
  /** Removes a key; one that is not there is no error. */
  delete(table: string, key: Uint8Array, known?: StateLocation): void;
  /** How many keys a table has. */
  count(table: string): number;
  /** Visits the keys of a table in no particular order. The visitor must not write. */
  scan(table: string, visit: (key: Uint8Array, value: Uint8Array) => void): void;
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
