import { IoError } from '../../sdk/index.ts';
import type { FileInfo, RandomAccessFile } from '../filesystem/file-system.ts';
import { folderOf } from '../filesystem/paths.ts';
import { fileSystemOf } from '../filesystem/registry.ts';

/** A file that is followed, whatever it will be called. */
export interface TailedFile {
  /** Its name when it was found. */
  readonly path: string;
  /** What does not change when it is renamed; empty where the store knows no such thing. */
  readonly identity: string;
}

/** How far a file has been read. */
export interface TailPosition {
  /** Bytes of whole lines that were given out. */
  readonly offset: number;
  /** Processing time of the latest line; before the first, when the file was taken up. */
  readonly lastNew: number;
}

/** What is to be read now. */
export interface Followed {
  readonly path: string;
  readonly offset: number;
  /** It no longer has the name, and nobody has written to it for a while: its last line needs no end. */
  readonly isFinal: boolean;
}

/** For so long after its last change a file that was renamed may still be written to. */
const MOVED_MILLIS = 10_000;
/** Entries of a folder among which a file that was renamed is looked for. */
const MAX_ENTRIES = 10_000;
/** Looks at a folder in which files are renamed all the time. */
const MAX_LOOKS = 100;

/**
 * Finds a file, whatever it is called by now.
 *
 * @returns `undefined` when it is gone; with offset 0 when it was cut and is to be read from its start
 * @throws IoError `FILE_TRUNCATED`, `FILE_GONE` where lines may be lost, unless `restart` says to go on with what is there
 */
export async function follow(
  tailed: TailedFile,
  offset: number,
  now: number,
  onLost: 'fail' | 'restart',
  countLoss: () => void,
): Promise<Followed | undefined> {
  const { path } = tailed;
  const file = await locate(tailed);
  if (file !== undefined && file.size >= offset) {
    return { path: file.path, offset, isFinal: file.path !== path && file.modified + MOVED_MILLIS < now };
  }
  if (onLost === 'restart') countLoss();
  if (file === undefined) {
    if (onLost === 'restart') return undefined;
    throw new IoError('FILE_GONE', `A file that was read up to byte ${offset} is no longer in its folder`, {
      final: true,
      resource: path,
      hint: "What may have been added to it since is not read. onLost: 'restart' goes on with the other files.",
    });
  }
  if (onLost === 'restart') return { path: file.path, offset: 0, isFinal: false };
  throw new IoError('FILE_TRUNCATED', `A file that was read up to byte ${offset} has now ${file.size} bytes`, {
    final: true,
    resource: file.path,
    hint: "onLost: 'restart' reads it again from its start.",
  });
}

/** A file by what does not change. While files are renamed, one may be missed: it is gone when two looks see the same. */
async function locate({ path, identity }: TailedFile): Promise<FileInfo | undefined> {
  let before: string | undefined;
  for (let look = 0; look < MAX_LOOKS; look++) {
    const isThere = (await identityOf(path)) === identity;
    const folder = isThere || identity === '' ? new Map([[identity, path]]) : await identitiesIn(folderOf(path));
    const found = folder.get(identity);
    const file = found === undefined ? undefined : await fileSystemOf(path).stat(found);
    if (found !== undefined && file !== undefined && (await identityOf(found)) === identity)
      return { ...file, path: found };
    const seen = JSON.stringify([...folder]);
    if (seen === before && file === undefined) break;
    before = seen;
  }
  return undefined;
}

/** Opens a file; `undefined` when its name has become another's meanwhile: then it is to be looked for again. */
export async function openFollowed(path: string, identity: string): Promise<RandomAccessFile | undefined> {
  let file: RandomAccessFile;
  try {
    file = await fileSystemOf(path).open(path);
  } catch (error) {
    if (error instanceof IoError && error.code === 'FILE_NOT_FOUND') return undefined;
    throw error;
  }
  if ((await identityOf(path)) === identity) return file;
  await file.close();
  return undefined;
}

/** Empty where the store does not tell, and where there is no file. */
export async function identityOf(path: string): Promise<string> {
  return (await fileSystemOf(path).identity?.(path)) ?? '';
}

/** The files of a folder by what does not change when they are renamed. */
async function identitiesIn(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const entries = await fileSystemOf(folder).list(folder);
  for (const { kind, path } of entries.slice(0, MAX_ENTRIES)) {
    if (kind === 'file') files.set(await identityOf(path), path);
  }
  return files;
}
