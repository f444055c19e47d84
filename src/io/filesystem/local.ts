import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { IoError } from '../../sdk/index.ts';
import type { CreateOptions, FileInfo, FileSystem, FileWriter, FolderEntry, RandomAccessFile } from './file-system.ts';
import { type GlobSegment, isGlob, matchesSegment, parseGlob } from './glob.ts';
import { toIoError } from './io-errors.ts';
import { LocalFileReader, LocalFileWriter } from './local-file.ts';
import { baseName, folderOf, globStart, joinPath, localPath, PATH_STYLE, type PathStyle } from './paths.ts';

/** Most files one glob may match: their list is held in memory. */
const MAX_MATCHES = 10_000_000;

/** Files of this machine, by plain paths or `file:` URLs. */
export class LocalFileSystem implements FileSystem {
  readonly #style: PathStyle;
  #tellsBirth: Promise<boolean> | undefined;

  /** @param style the system whose rules paths follow; for tests */
  constructor(style: PathStyle = PATH_STYLE) {
    this.#style = style;
  }

  async match(pattern: string): Promise<FileInfo[]> {
    const path = localPath(pattern, this.#style);
    const literal = await this.stat(path);
    if (literal !== undefined) return [literal];
    if (!isGlob(path)) return [];
    const found = new Map<string, FileInfo>();
    for (const { segments } of parseGlob(path)) {
      const { folder, taken } = globStart(segments, this.#style);
      await walk(folder, segments.slice(taken), async (file) => {
        if (found.has(file)) return;
        const info = await this.stat(file);
        if (info !== undefined) found.set(file, info);
        if (found.size > MAX_MATCHES) {
          throw new IoError('GLOB_TOO_MANY', `The glob matches more than ${MAX_MATCHES} files`, {
            final: true,
            resource: pattern,
          });
        }
      });
    }
    return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  async stat(path: string): Promise<FileInfo | undefined> {
    const local = localPath(path, this.#style);
    try {
      const facts = await stat(local);
      if (facts.isDirectory()) return undefined;
      return { path: local, size: facts.size, modified: facts.mtimeMs, seekable: facts.isFile() };
    } catch (cause) {
      const error = toIoError(cause, 'look up the file', path);
      if (error.code === 'FILE_NOT_FOUND' || error.code === 'PATH_INVALID') return undefined;
      throw error;
    }
  }

  async identity(path: string): Promise<string | undefined> {
    try {
      const { dev, ino, birthtimeNs } = await stat(localPath(path, this.#style), { bigint: true });
      // The number of a file that is gone is given to a new one.
      this.#tellsBirth ??= tellsBirth();
      return (await this.#tellsBirth) ? `${dev}:${ino}:${birthtimeNs}` : `${dev}:${ino}`;
    } catch (cause) {
      const error = toIoError(cause, 'look up the file', path);
      if (error.code === 'FILE_NOT_FOUND') return undefined;
      throw error;
    }
  }

  async open(path: string): Promise<RandomAccessFile> {
    return new LocalFileReader(localPath(path, this.#style));
  }

  async create(path: string, options: CreateOptions = {}): Promise<FileWriter> {
    const local = localPath(path, this.#style);
    await this.mkdirs(folderOf(local, this.#style));
    const temporary =
      options.atomic === false
        ? local
        : joinPath(folderOf(local, this.#style), `.${baseName(local, this.#style)}.millrace-tmp-${randomUUID()}`);
    return new LocalFileWriter(local, temporary);
  }

  async rename(from: string, to: string): Promise<void> {
    const target = localPath(to, this.#style);
    await this.mkdirs(folderOf(target, this.#style));
    try {
      await rename(localPath(from, this.#style), target);
    } catch (cause) {
      throw toIoError(cause, `move the file to ${target}`, from);
    }
  }

  async syncFolder(folder: string): Promise<void> {
    if (process.platform === 'win32') return;
    try {
      const handle = await open(localPath(folder, this.#style), 'r');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch (cause) {
      throw toIoError(cause, 'make the folder durable', folder);
    }
  }

  async remove(path: string): Promise<void> {
    try {
      await rm(localPath(path, this.#style), { recursive: true, force: true });
    } catch (cause) {
      throw toIoError(cause, 'remove the file', path);
    }
  }

  async list(folder: string): Promise<FolderEntry[]> {
    const local = localPath(folder, this.#style);
    try {
      const entries = await readdir(local, { withFileTypes: true });
      return entries
        .map(
          (entry): FolderEntry => ({
            path: joinPath(local, entry.name),
            kind: entry.isDirectory() ? 'folder' : 'file',
          }),
        )
        .sort((a, b) => (a.path < b.path ? -1 : 1));
    } catch (cause) {
      const error = toIoError(cause, 'list the folder', folder);
      if (error.code === 'FILE_NOT_FOUND') return [];
      throw error;
    }
  }

  async mkdirs(folder: string): Promise<void> {
    try {
      await makeFolders(localPath(folder, this.#style));
    } catch (cause) {
      throw toIoError(cause, 'make the folder', folder);
    }
  }
}

/**
 * Whether the system says when a file was made. Where it does not, Node gives the time of its last change instead: then
 * the two are the same of everything, and so of folders that have changed since they were made.
 */
async function tellsBirth(): Promise<boolean> {
  for (const path of [tmpdir(), '/', homedir(), process.execPath]) {
    const facts = await stat(path, { bigint: true }).catch(() => undefined);
    if (facts !== undefined && facts.birthtimeNs !== facts.ctimeNs) return true;
  }
  return false;
}

/** As `mkdir` with `recursive`, which never returns where the kernel lets nobody make folders, as in /proc. */
async function makeFolders(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (await isFolder(folder)) return;
    const parent = dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error;
    await makeFolders(parent);
    await mkdir(folder).catch(async (again: unknown) => {
      // Another worker may have made it.
      if (!(await isFolder(folder))) throw again;
    });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

/** Calls `visit` for each path below `folder` that matches; reads only folders that the pattern can reach. */
async function walk(
  folder: string,
  segments: readonly GlobSegment[],
  visit: (file: string) => Promise<void>,
): Promise<void> {
  const [segment, ...rest] = segments;
  if (segment === undefined) return;
  if (segment.kind === 'literal') {
    const path = joinPath(folder, segment.name);
    if (segment.name === '') return rest.length === 0 ? undefined : walk(folder, rest, visit);
    return rest.length === 0 ? visit(path) : walk(path, rest, visit);
  }
  if (segment.kind === 'deep' && rest.length > 0) await walk(folder, rest, visit);
  let entries: Awaited<ReturnType<typeof readFolder>>;
  try {
    entries = await readFolder(folder);
  } catch (cause) {
    const error = toIoError(cause, 'list the folder', folder);
    if (error.code === 'FILE_NOT_FOUND') return;
    throw error;
  }
  for (const entry of entries) {
    if (!matchesSegment(segment, entry.name)) continue;
    const path = joinPath(folder, entry.name);
    if (segment.kind === 'deep') {
      // Links to folders are not followed here: they can form a circle.
      if (entry.isDirectory()) await walk(path, segments, visit);
      else if (rest.length === 0) await visit(path);
    } else if (rest.length === 0) {
      if (!entry.isDirectory()) await visit(path);
    } else if (entry.isDirectory() || entry.isSymbolicLink()) await walk(path, rest, visit);
  }
}

function readFolder(folder: string) {
  return readdir(folder, { withFileTypes: true });
}
