import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { IoError, type MillraceError, PipelineError } from '../../sdk/index.ts';
import { notFound } from '../filesystem/io-errors.ts';

/** Milliseconds that a statement waits while another connection writes. */
const BUSY_TIMEOUT = 60_000;

/** Opens a database file. @throws IoError `FILE_NOT_FOUND` where there is none to read, `SQL_CONNECTION` */
export async function openSqlite(file: string, use: 'read' | 'write'): Promise<DatabaseSync> {
  if (typeof file !== 'string' || file === '' || file === ':memory:') {
    throw new PipelineError('OPTION_INVALID', 'The database is the path of a file: each worker opens it by itself');
  }
  if (use === 'read' && !existsSync(file)) throw notFound(file);
  // Here and not above: the module says on stderr that it is experimental, which only its users should see.
  const { DatabaseSync } = await import('node:sqlite');
  try {
    const database = new DatabaseSync(file, { readOnly: use === 'read', timeout: BUSY_TIMEOUT });
    return database;
  } catch (cause) {
    throw toSqliteError(cause, 'open the database', file);
  }
}

/** SQLite's primary result codes by what they mean here. */
const CODES: Readonly<Record<number, string>> = {
  1: 'SQL_STATEMENT',
  5: 'SQL_CONFLICT',
  6: 'SQL_CONFLICT',
  8: 'SQL_ACCESS',
  10: 'FILE_IO',
  11: 'SQL_DAMAGED',
  13: 'DISK_FULL',
  14: 'SQL_CONNECTION',
  18: 'SQL_VALUE',
  19: 'SQL_CONSTRAINT',
  20: 'SQL_VALUE',
  23: 'SQL_ACCESS',
  26: 'SQL_DAMAGED',
};

/** What SQLite has thrown, as an error with a stable code; errors of ours pass through. */
export function toSqliteError(cause: unknown, action: string, resource: string): MillraceError {
  if (cause instanceof IoError || cause instanceof PipelineError) return cause;
  const code = CODES[primaryCode(cause)] ?? 'SQL_ERROR';
  const summary = `Cannot ${action}: ${cause instanceof Error ? cause.message : String(cause)}`;
  if (code === 'SQL_STATEMENT') return new PipelineError(code, summary, { resource, cause });
  return new IoError(code, summary, { resource, cause });
}

/** Whether an error is about the values of a row, and not about the database. */
export function isAboutSqliteRow(cause: unknown): boolean {
  if (cause instanceof IoError) return cause.code === 'SQL_VALUE';
  const code = primaryCode(cause);
  return code === 18 || code === 19 || code === 20;
}

function primaryCode(cause: unknown): number {
  const code = (cause as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code & 0xff : 0;
}
