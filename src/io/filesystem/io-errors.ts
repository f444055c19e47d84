import { IoError } from '../../sdk/index.ts';

const CODES: Readonly<Record<string, string>> = {
  ENOENT: 'FILE_NOT_FOUND',
  ENOTDIR: 'FILE_NOT_FOUND',
  EACCES: 'FILE_ACCESS',
  EPERM: 'FILE_ACCESS',
  EROFS: 'FILE_READ_ONLY',
  EISDIR: 'FILE_IS_FOLDER',
  ENAMETOOLONG: 'PATH_INVALID',
  ERR_INVALID_ARG_VALUE: 'PATH_INVALID',
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EMFILE: 'FILES_OPEN_LIMIT',
  ENFILE: 'FILES_OPEN_LIMIT',
};

/** What another attempt a moment later finds no better: disks run full and empty again, files do not appear. */
const FINAL: ReadonlySet<string> = new Set([
  'FILE_NOT_FOUND',
  'FILE_ACCESS',
  'FILE_READ_ONLY',
  'FILE_IS_FOLDER',
  'PATH_INVALID',
]);

/** The resource line of an error: the file, and the byte offset and what else tells the place where they are known. */
export function resourceAt(path: string, offset?: number, place?: string): string {
  const file = offset === undefined ? path : `${path} at byte ${offset}`;
  return place === undefined ? file : `${file}, ${place}`;
}

/** An operating system error as an IoError with a stable code; an IoError passes through. */
export function toIoError(cause: unknown, action: string, path: string, offset?: number): IoError {
  if (cause instanceof IoError) return cause;
  const errno = (cause as { code?: unknown } | null)?.code;
  const code = (typeof errno === 'string' ? CODES[errno] : undefined) ?? 'FILE_IO';
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new IoError(code, `Cannot ${action}: ${detail}`, {
    resource: resourceAt(path, offset),
    ...(FINAL.has(code) ? { final: true } : {}),
    cause,
  });
}

/** The error for a file that is not there. */
export function notFound(path: string): IoError {
  return new IoError('FILE_NOT_FOUND', 'There is no such file', { resource: path, final: true });
}
