import type { CreateOptions, FileInfo, FileSystem, FileWriter, FolderEntry, RandomAccessFile } from './file-system.ts';
import { matchesGlob, parseGlob } from './glob.ts';
import { notFound } from './io-errors.ts';

interface MemoryFile {
  readonly bytes: Buffer;
  readonly modified: number;
}

/**
 * Files in the memory of one thread, for tests and small results: `memory://folder/name`. Other threads do not see
 * them, so pipelines that use them run with `threads: 0`.
 */
export class MemoryFileSystem implements FileSystem {
  readonly #files = new Map<string, MemoryFile>();

  async match(pattern: string): Promise<FileInfo[]> {
    const literal = await this.stat(pattern);
    if (literal !== undefined) return [literal];
    const globs = parseGlob(pattern);
    const paths = [...this.#files.keys()].filter((path) => globs.some((glob) => matchesGlob(glob, path.split('/'))));
    return paths.sort().map((path) => this.#info(path, this.#files.get(path) as MemoryFile));
  }

  async stat(path: string): Promise<FileInfo | undefined> {
    const file = this.#files.get(path);
    return file === undefined ? undefined : this.#info(path, file);
  }

  async open(path: string): Promise<RandomAccessFile> {
    const file = this.#files.get(path);
    if (file === undefined) throw notFound(path);
    const { bytes } = file;
    return {
      path,
      size: bytes.length,
      blockSize: 256 * 1024,
      read: (position, target) => (position < bytes.length ? bytes.copy(target, 0, position) : 0),
      close: () => {},
    };
  }

  async create(path: string, _options?: CreateOptions): Promise<FileWriter> {
    let chunks: Buffer[] = [];
    return {
      path,
      write: (bytes) => {
        chunks.push(Buffer.from(bytes));
      },
      close: () => {
        this.#files.set(path, { bytes: Buffer.concat(chunks), modified: Date.now() });
      },
      abort: () => {
        chunks = [];
      },
    };
  }

  async rename(from: string, to: string): Promise<void> {
    const file = this.#files.get(from);
    if (file === undefined) throw notFound(from);
    this.#files.delete(from);
    this.#files.set(to, file);
  }

  async remove(path: string): Promise<void> {
    this.#files.delete(path);
    const prefix = path.endsWith('/') ? path : `${path}/`;
    for (const other of this.#files.keys()) if (other.startsWith(prefix)) this.#files.delete(other);
  }

  async list(folder: string): Promise<FolderEntry[]> {
    const prefix = folder.endsWith('/') ? folder : `${folder}/`;
    const entries = new Map<string, FolderEntry>();
    for (const path of this.#files.keys()) {
      if (!path.startsWith(prefix)) continue;
      const name = path.slice(prefix.length).split('/', 1)[0];
      const child = prefix + name;
      entries.set(child, { path: child, kind: child === path ? 'file' : 'folder' });
    }
    return [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  async mkdirs(_folder: string): Promise<void> {}

  #info(path: string, file: MemoryFile): FileInfo {
    return { path, size: file.bytes.length, modified: file.modified, seekable: true };
  }
}
