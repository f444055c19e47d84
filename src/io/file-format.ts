import type { ByteWriter, MetricsScope } from '../sdk/index.ts';
import type { FileInfo } from './filesystem/file-system.ts';
import type { BadRecordSink } from './on-error.ts';

/**
 * The bytes at hand when a source parses. One object is reused for all blocks of a file range, and the memory behind
 * `bytes` too: what a record keeps must be copied out of it.
 */
export interface Block<O> {
  bytes: Buffer;
  /** Index of the next record. */
  start: number;
  /** Index behind the last byte at hand. */
  end: number;
  /** Records that start at this index or later belong to another range; may lie behind `end`. */
  limit: number;
  /** Offset in the decompressed content of `bytes[0]`. */
  base: number;
  /** Whether the content ends at `end`. */
  last: boolean;
  /** The records found; the parser pushes here or puts an array of its own here. */
  records: O[];
}

/** Cuts blocks of one file range into records. May keep state: ranges are parsed front to back. */
export interface RecordParser<O> {
  /**
   * Takes the whole records of the block and returns the index behind the last one. Returning `start` asks for more
   * bytes after it. In the last block everything before `limit` must be taken or be an error.
   *
   * @throws DataError when nothing behind this point can be read
   */
  parse(block: Block<O>): number;
  /**
   * Whether there are more records in what starts at the index returned last: then `parse` is called again, with no more
   * bytes at hand than before. For formats whose records may take a multiple of their bytes as stored.
   */
  readonly unfinished?: boolean;
  /**
   * Index of the first record that starts at `from` or later; -1 when it lies behind the bytes at hand. Only splittable
   * formats have it; `lead` bytes before `from` are at hand unless the content starts between.
   */
  sync?(bytes: Buffer, from: number, end: number): number;
  /** Offset of the range's first record, where the format finds it itself when it opens the range; instead of `sync`. */
  readonly start?: number;
  /**
   * Told at the end of a range which the next one continues: where the range ends and where the first record behind it
   * starts. A format that guesses where ranges start checks here that the guess of the next range will be right.
   *
   * @throws IoError, not DataError: a wrong guess must not be skipped
   */
  verify?(end: number, next: number): Promise<void>;
}

/** What a format learns when it opens a file range. */
export interface OpenContext<P> {
  readonly file: FileInfo;
  /** What `prepare` found out. */
  readonly prepared: P;
  /** First byte of the range; 0 for compressed files. */
  readonly start: number;
  readonly bad: BadRecordSink;
  readonly metrics: MetricsScope;
  /** The first bytes of the decompressed content, fewer than `length` only when the content is shorter. */
  head(length: number): Promise<Buffer>;
  /** Bytes of the file as stored; fewer than `length` only at its end. For files that are read in ranges. */
  readAt(position: number, length: number): Promise<Buffer>;
}

/** How records are read from the bytes of a file, front to back. */
export interface SourceFormat<O, P = undefined> {
  /** Names the transform: `Read<name>`. */
  readonly name: string;
  /** Whether an uncompressed file can be read in ranges. */
  readonly splittable: boolean;
  /** Bytes before a position that `sync` needs to see; default 1. */
  readonly lead?: number;
  /** Longest record in bytes; a longer one is a DataError. */
  readonly maxRecordBytes: number;
  /**
   * Looks at the matched files once, before any is read: what all ranges must agree on, such as inferred types.
   * The result travels with each file, so it must be plain data.
   */
  prepare?(files: readonly FileInfo[], head: (file: FileInfo, length: number) => Promise<Buffer>): Promise<P>;
  open(context: OpenContext<P>): RecordParser<O> | Promise<RecordParser<O>>;
}

/** Writes the records of one file. */
export interface RecordEncoder<T> {
  /** Appends what the file starts with; called once, before the first record. */
  header?(out: ByteWriter): void;
  /** Appends a record. A format that writes in groups may keep it and append the whole group later. */
  encode(element: T, out: ByteWriter): void;
  /** Appends what the file ends with, records still kept included. */
  footer?(out: ByteWriter): void | Promise<void>;
}

/** How records are written to files. */
export interface SinkFormat<T> {
  /** Names the transform: `Write<name>`. */
  readonly name: string;
  /** Default extension of the files with its dot, before that of the compression. */
  readonly extension: string;
  /** False for formats that compress inside: a compression of the whole file is refused. */
  readonly compressible: boolean;
  /** Called once per file. */
  create(): RecordEncoder<T>;
}
