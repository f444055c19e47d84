/**
 * The files of a durable state backend: one directory that nobody else writes to. All calls block. Every failure is an
 * IoError `STATE_FAILED` that names the file.
 */
export interface StateDisk {
  /** Names of all files, in no particular order. */
  list(): string[];
  /** Bytes in a file; 0 when there is none. */
  size(name: string): number;
  /** Appends all bytes; the file is made when there is none. */
  append(name: string, bytes: Uint8Array): void;
  /** Returns when all that was appended would outlive a loss of power. */
  sync(name: string): void;
  /** Fills `into` from the file. @throws also when the file ends before */
  read(name: string, offset: number, into: Uint8Array): void;
  /** Cuts a file off. */
  truncate(name: string, size: number): void;
  /** Gives a file new contents: after a crash it has the old ones or the new ones, and after the return the new ones. */
  replace(name: string, bytes: Uint8Array): void;
  /** Removes a file; one that does not exist is no error. */
  remove(name: string): void;
  /** Closes what is open. */
  close(): void;
}
