import { posix, win32 } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IoError } from '../../sdk/index.ts';

const SCHEME = /^([a-z][a-z0-9+.-]+):\/\//i;
/** Longer than any path of a file system in use; object keys end at 1024 bytes. */
const MAX_PATH = 32_768;

/**
 * The system whose rules local paths follow. On Windows they are taken with either separator and kept with `/`, which
 * Windows takes too, so that what is said about paths here holds everywhere.
 */
export type PathStyle = 'win32' | 'posix';

/** The rules of this machine. */
export const PATH_STYLE: PathStyle = process.platform === 'win32' ? 'win32' : 'posix';

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
  throw new IoError('PATH_INVALID', `Not a path: ${problem}`, {
    final: true,
    resource: JSON.stringify(path)?.slice(0, 200),
  });
}

/** Length of the part that is no folder: scheme and authority of a URL, `/` of an absolute path, drive or share. */
function rootLength(path: string, style: PathStyle): number {
  const scheme = SCHEME.exec(path);
  if (scheme !== null) return scheme[0].length;
  const windows = style === 'win32' ? WINDOWS_ROOT.exec(path) : null;
  if (windows !== null) return windows[0].length;
  return path.startsWith('/') ? 1 : 0;
}

/** `C:/`, `C:` before a path relative to the folder of that drive, `//server/share/`. */
const WINDOWS_ROOT = /^(?:[a-z]:\/?|\/\/[^/]+\/[^/]+\/?)/i;

/** The folder that holds a path: `a/b` of `a/b/c`; `.` of a bare local name; the root of a store stays the root. */
export function folderOf(path: string, style: PathStyle = PATH_STYLE): string {
  const root = rootLength(path, style);
  const cut = path.lastIndexOf('/');
  if (cut >= root) return path.slice(0, cut);
  return root === 0 ? '.' : path.slice(0, root);
}

/** The last segment of a path. */
export function baseName(path: string, style: PathStyle = PATH_STYLE): string {
  return path.slice(Math.max(path.lastIndexOf('/') + 1, rootLength(path, style)));
}

/** A name inside a folder. */
export function joinPath(folder: string, name: string, style: PathStyle = PATH_STYLE): string {
  if (folder === '' || folder === '.') return name;
  const joined = folder.endsWith('/') || (style === 'win32' && /^[a-z]:$/i.test(folder));
  return joined ? folder + name : `${folder}/${name}`;
}

/**
 * A path below `folder` from a relative one that came from data. Nothing that data says leads out of the folder.
 *
 * @throws IoError `PATH_ESCAPES` for absolute paths, `..`, schemes, backslashes; `PATH_INVALID` for control characters
 * and segments that are empty or `.`, and for what no file can be called on Windows if it is to be one there.
 */
export function resolveInside(folder: string, relative: string, style: PathStyle = PATH_STYLE): string {
  checkPath(relative);
  const escapes = relative.startsWith('/') || SCHEME.test(relative) || relative.includes('\\');
  if (escapes || relative.split('/').includes('..')) {
    throw new IoError(
      'PATH_ESCAPES',
      `The path ${JSON.stringify(relative.slice(0, 200))} leads out of the output folder`,
      {
        final: true,
        resource: folder,
        hint: 'Destinations are relative paths with / between their segments and no .. among them.',
      },
    );
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\x00-\x1f\x7f]/.test(relative) || relative.split('/').some((part) => part === '' || part === '.')) {
    throw new IoError('PATH_INVALID', `Not a relative path: ${JSON.stringify(relative.slice(0, 200))}`, {
      final: true,
      resource: folder,
      hint: 'Destinations have no control characters and no empty or . segments.',
    });
  }
  if (style === 'win32' && schemeOf(folder) === 'file') checkWindowsNames(folder, relative);
  return joinPath(folder, relative, style);
}

/** A colon begins a drive or a hidden stream of a file; devices have names, whatever folder and extension come with them. */
function checkWindowsNames(folder: string, relative: string): void {
  const isBad = (name: string) =>
    /[<>:"|?*]|[. ]$/.test(name) || /^(?:con|prn|aux|nul|conin\$|conout\$|com\d|lpt\d)(?:\.|$)/i.test(name);
  const bad = relative.split('/').find(isBad);
  if (bad === undefined) return;
  throw new IoError('PATH_INVALID', `Windows has no files called ${JSON.stringify(bad.slice(0, 200))}`, {
    final: true,
    resource: folder,
    hint: 'Destinations there hold none of < > : " | ? *, do not end with a dot or space, and are no device like NUL.',
  });
}

/** A `file:` URL as a path; a Windows path with `/`. @throws IoError `PATH_INVALID`. */
export function localPath(path: string, style: PathStyle = PATH_STYLE): string {
  const windows = style === 'win32';
  let local = path;
  if (/^file:\/\//i.test(checkPath(path))) {
    try {
      local = fileURLToPath(path, { windows });
    } catch (cause) {
      throw new IoError('PATH_INVALID', 'Not the URL of a local file', { final: true, resource: path, cause });
    }
  }
  if (!windows || schemeOf(local) !== 'file') return local;
  // The prefix of paths of any length holds for backslashes only; Node puts it before long paths itself.
  const short = local.replace(/^\\\\\?\\UNC\\/i, '\\\\').replace(/^\\\\\?\\/, '');
  return short.replaceAll('\\', '/');
}

/** A path in the one form in which a store lists it: of a local path no URL, no doubled slashes, no `.` and `..`. */
export function plainPath(path: string, style: PathStyle = PATH_STYLE): string {
  if (schemeOf(checkPath(path)) !== 'file') return path;
  const local = localPath(path, style);
  return style === 'win32' ? win32.normalize(local).replaceAll('\\', '/') : posix.normalize(local);
}

/** The path of a folder without slashes at its end; that of a root stays. */
export function folderPath(path: string, style: PathStyle = PATH_STYLE): string {
  const plain = plainPath(path, style);
  const end = Math.max(rootLength(plain, style), plain.replace(/\/+$/, '').length);
  return plain.slice(0, end);
}

/** Where the walk through a glob's folders begins, and how many of its segments that takes. */
export function globStart(
  segments: readonly { readonly kind: string; readonly name?: string }[],
  style: PathStyle = PATH_STYLE,
): { readonly folder: string; readonly taken: number } {
  const literal = (i: number) => (segments[i]?.kind === 'literal' ? segments[i].name : undefined);
  const first = literal(0);
  if (style === 'win32' && first !== undefined) {
    if (/^[a-z]:$/i.test(first)) return { folder: `${first}/`, taken: 1 };
    const [server, share] = [literal(2), literal(3)];
    if (first === '' && literal(1) === '' && server && share) return { folder: `//${server}/${share}/`, taken: 4 };
  }
  // The empty first segment of an absolute path is its root.
  return first === '' ? { folder: '/', taken: 1 } : { folder: '.', taken: 0 };
}
