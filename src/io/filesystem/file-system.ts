/** `size` of a file whose store does not tell it before the end is read (some HTTP servers). */
export const UNKNOWN_SIZE: number = Number.MAX_SAFE_INTEGER;

/** What a store knows about a file. A plain object: it travels between workers as an element. */
export interface FileInfo {
  /** Full path, with the scheme where it is not a local path. */
  readonly path: string;
  /** Bytes as stored (compressed, if it is); {@link UNKNOWN_SIZE} when not known. */
  readonly size: number;
  /** Last change, milliseconds since the epoch; 0 when not known. */
  readonly modified: number;
  /** Whether parts of the file can be read without what lies before them; a file that cannot is never split. */
  readonly seekable: boolean;
  /** Another one whenever the content is another, where the store has such a thing (an ETag). */
  readonly version?: string;
}

/** An entry of a folder. */
export interface FolderEntry {
  /** Full path. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
}

/** A file open for reading at any position. */
export interface RandomAccessFile {
  readonly path: string;
  /** Bytes; {@link UNKNOWN_SIZE} when not known. */
  readonly size: number;
  /** Bytes per read at which this store works well: small for a local disk, large where each read is a request. */
  readonly blockSize: number;
  /**
   * Fills `target` with the bytes from `position` on and gives their count: `target.length`, less only at the end of
   * the file, 0 past it. Answers at once, without a promise, where the store can (local files, memory): check with
   * `typeof` before you await.
   *
   * @throws IoError naming the file and the offset.
   */
  read(position: number, target: Uint8Array): number | Promise<number>;
  /** Frees the handle; safe to call twice. */
  close(): void | Promise<void>;
}

/** A file being written. Nothing is visible under its name until `close` has succeeded. */
export interface FileWriter {
  readonly path: string;
  /** Appends bytes. The memory may be reused when the call returns, or when its promise is fulfilled. */
  write(bytes: Uint8Array): void | Promise<void>;
  /** Makes the content durable and puts it under the file's name, replacing what was there. */
  close(): void | Promise<void>;
  /** Gives up and removes what was written; safe after any failure. */
  abort(): void | Promise<void>;
}

/** How a file is created. */
export interface CreateOptions {
  /**
   * False: write under the final name at once. Only for files that nobody looks for by that name, such as the
   * temporaries of a sink; default true.
   */
  readonly atomic?: boolean;
}

/**
 * A store of files under one or more URL schemes. Paths are full paths with the scheme, as the user wrote them; a
 * store for `s3` gets `s3://bucket/key`. All methods throw `IoError` with the path as the resource and one of the codes
 * `FILE_NOT_FOUND`, `FILE_ACCESS`, `FILE_READ_ONLY`, `FILE_IS_FOLDER`, `FILE_NOT_REGULAR`, `DISK_FULL`,
 * `FILES_OPEN_LIMIT`, `PATH_INVALID`, `FILE_IO`.
 */
export interface FileSystem {
  /**
   * Files that match a glob, sorted by path: `*` and `?` within a segment, `**` across segments, `[a-z]`, `[!a-z]`,
   * `{a,b}`, `\` before a character that is meant as it is. Wildcards do not match names that start with a dot. A path
   * that names an existing file matches that file, whatever characters it has.
   */
  match(pattern: string): Promise<FileInfo[]>;
  /** The file's facts; `undefined` when there is none. */
  stat(path: string): Promise<FileInfo | undefined>;
  /**
   * Tells a file from others that had or get its name, and stays the same when it is renamed or written to; `undefined` when
   * there is none. Absent in stores that know no such thing.
   */
  identity?(path: string): Promise<string | undefined>;
  /**
   * Opens a file for reading.
   *
   * @param known what `match` or `stat` has told about it: a store may take that for granted, and must not give out the
   * bytes of another version where it can tell
   */
  open(path: string, known?: FileInfo): Promise<RandomAccessFile>;
  /** Starts a file; missing folders above it are made. */
  create(path: string, options?: CreateOptions): Promise<FileWriter>;
  /** Moves a file, replacing the target in one step; missing folders above the target are made. */
  rename(from: string, to: string): Promise<void>;
  /** Makes the names in a folder durable. Absent in stores whose renames are durable at once. */
  syncFolder?(folder: string): Promise<void>;
  /** Removes a file, or a folder with all it holds. What is not there counts as removed. */
  remove(path: string): Promise<void>;
  /** Entries of a folder, sorted, those with a leading dot included; empty when there is no such folder. */
  list(folder: string): Promise<FolderEntry[]>;
  /** Makes a folder and those above it. */
  mkdirs(folder: string): Promise<void>;
}
