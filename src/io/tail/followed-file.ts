import { IoError } from '../../sdk/index.ts';
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

/**
 * Finds a file, whatever it is called by now.
 *
 * @returns `undefined` when it is gone; with offset 0 when it was cut and is to be read from its start
 * @throws IoError `FILE_TRUNCATED`, `FILE_GONE` where lines may be lost, unless `restart` says to go on with what is there
 */
export async function follow(
  { path, identity }: TailedFile,
  offset: number,
  now: number,
  onLost: 'fail' | 'restart',
  countLoss: () => void,
): Promise<Followed | undefined> {
  const found = (await identityOf(path)) === identity ? path : await findMoved(path, identity);
  const file = found === undefined ? undefined : await fileSystemOf(path).stat(found);
  if (found !== undefined && file !== undefined && file.size >= offset) {
    return { path: found, offset, isFinal: found !== path && file.modified + MOVED_MILLIS < now };
  }
  if (onLost === 'restart') countLoss();
  if (file === undefined || found === undefined) {
    if (onLost === 'restart') return undefined;
    throw new IoError('FILE_GONE', `A file that was read up to byte ${offset} is no longer in its folder`, {
      resource: path,
      hint: "What may have been added to it since is not read. onLost: 'restart' goes on with the other files.",
    });
  }
  if (onLost === 'restart') return { path: found, offset: 0, isFinal: false };
  throw new IoError('FILE_TRUNCATED', `A file that was read up to byte ${offset} has now ${file.size} bytes`, {
    resource: found,
    hint: "onLost: 'restart' reads it again from its start.",
  });
}

/** Empty where the store does not tell, and where there is no file. */
export async function identityOf(path: string): Promise<string> {
  return (await fileSystemOf(path).identity?.(path)) ?? '';
}

/** A file that was renamed is found in its folder by what does not change. */
async function findMoved(path: string, identity: string): Promise<string | undefined> {
  if (identity === '') return undefined;
  const entries = await fileSystemOf(path).list(folderOf(path));
  for (const entry of entries.slice(0, MAX_ENTRIES)) {
    if (entry.kind === 'file' && (await identityOf(entry.path)) === identity) return entry.path;
  }
  return undefined;
}
