/**
 * The disk that a runner spills to: files that one thread writes once, front to back, and any thread reads afterwards.
 * All calls block. Every failure is an IoError that names the file.
 */
export interface SpillDisk {
  /** Makes an empty file. @throws IoError `SPILL_FAILED`, also when the file exists. */
  create(name: string): void;
  /** Appends all bytes. @throws IoError `SPILL_FAILED`, for example on a full disk. */
  append(name: string, bytes: Uint8Array): void;
  /** Says that nothing more will be appended; the file stays readable. */
  seal(name: string): void;
  /**
   * Fills `into` from the file.
   *
   * @param offset in bytes
   * @throws IoError `SPILL_TRUNCATED` when the file ends before, `SPILL_FAILED` when it cannot be read.
   */
  read(name: string, offset: number, into: Uint8Array): void;
  /** Removes the file; one that does not exist is no error. */
  remove(name: string): void;
  /** Names of all files that start with the prefix, in no particular order. */
  list(prefix: string): string[];
}
