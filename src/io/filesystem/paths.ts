import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IoError } from '../../sdk/index.ts';

const SCHEME = /^([a-z][a-z0-9+.-]+):\/\//i;
/** Longer than any path of a file system in use; object keys end at 1024 bytes. */
const MAX_PATH = 32_768;

/** Scheme of a path in lower case; `file` for a plain path. */
export function schemeOf(path: string): string {
  return SCHEME.exec(path)?.[1].toLowerCase() ?? 'file';
}

/** @throws IoError `PATH_INVALID` for what no store can take as a path: empty, NUL bytes, absurd length. */
export function checkPath(path: string): string {
  const problem =
    typeof path !== 'string'
      ? `a path must be a string, not ${typeof path}`
      : path.length === 0
        ? 'the path is empty'
        : path.includes('\0')
          ? 'the path holds a NUL byte'
          : path.length > MAX_PATH
            ? `the path is longer than ${MAX_PATH} characters`
            : undefined;
  if (problem === undefined) return path;
  throw new IoError('PATH_INVALID', `Not a path: ${problem}`, { resource: JSON.stringify(path)?.slice(0, 200) });
}

/** Length of the part that is no folder: scheme and authority of a URL, `/` of an absolute path. */
function rootLength(path: string): number {
  const scheme = SCHEME.exec(path);
  if (scheme !== null) return scheme[0].length;
  return path.startsWith('/') ? 1 : 0;
}

/** The folder that holds a path: `a/b` of `a/b/c`; `.` of a bare local name; the root of a store stays the root. */
export function folderOf(path: string): string {
  const root = rootLength(path);
  const cut = path.lastIndexOf('/');
  if (cut >= root) return path.slice(0, cut);
  return root === 0 ? '.' : path.slice(0, root);
}

/** The last segment of a path. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/') + 1, rootLength(path)));
}

/** A name inside a folder. */
export function joinPath(folder: string, name: string): string {
  if (folder === '' || folder === '.') return name;
  return folder.endsWith('/') ? folder + name : `${folder}/${name}`;
}

/**
 * A path below `folder` from a relative one that came from data. Nothing that data says leads out of the folder.
 *
 * @throws IoError `PATH_ESCAPES` for absolute paths, `..`, schemes, backslashes; `PATH_INVALID` for control characters
 * and segments that are empty or `.`.
 */
export function resolveInside(folder: string, relative: string): string {
  checkPath(relative);
  const escapes = relative.startsWith('/') || SCHEME.test(relative) || relative.includes('\\');
  if (escapes || relative.split('/').includes('..')) {
    throw new IoError(
      'PATH_ESCAPES',
      `The path ${JSON.stringify(relative.slice(0, 200))} leads out of the output folder`,
      {
        resource: folder,
        hint: 'Destinations are relative paths with / between their segments and no .. among them.',
      },
    );
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\x00-\x1f\x7f]/.test(relative) || relative.split('/').some((part) => part === '' || part === '.')) {
    throw new IoError('PATH_INVALID', `Not a relative path: ${JSON.stringify(relative.slice(0, 200))}`, {
      resource: folder,
      hint: 'Destinations have no control characters and no empty or . segments.',
    });
  }
  return joinPath(folder, relative);
}

/** A `file:` URL as a path. @throws IoError `PATH_INVALID`. */
export function localPath(path: string): string {
  if (!/^file:\/\//i.test(checkPath(path))) return path;
  try {
    return fileURLToPath(path);
  } catch (cause) {
    throw new IoError('PATH_INVALID', 'Not the URL of a local file', { resource: path, cause });
  }
}

/** A path in the one form in which a store lists it: of a local path no URL, no doubled slashes, no `.` and `..`. */
export function plainPath(path: string): string {
  return schemeOf(checkPath(path)) === 'file' ? posix.normalize(localPath(path)) : path;
}
