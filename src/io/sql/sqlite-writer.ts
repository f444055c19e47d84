import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { Decimal, IoError } from '../../sdk/index.ts';
import { quoteName, quoteTable } from './identifiers.ts';
import type { RowTarget } from './row-sink.ts';
import { isAboutSqliteRow, openSqlite, toSqliteError } from './sqlite-database.ts';
import { type FailedRow, failure, type RowWriter } from './write-rows.ts';

/** What a {@link SqliteWriter} writes. */
export interface SqliteWriterOptions extends RowTarget {
  readonly file: string;
}

/** Writes rows to one table of an SQLite file. */
export class SqliteWriter<T extends object> implements RowWriter<T> {
  readonly #options: SqliteWriterOptions;
  #database: DatabaseSync | undefined;
  #statement: StatementSync | undefined;
  #begun = false;

  constructor(options: SqliteWriterOptions) {
    this.#options = options;
  }

  async write(rows: readonly T[], refused: FailedRow<T>[] | undefined): Promise<number> {
    const { file, columns } = this.#options;
    this.#database ??= await openSqlite(file, 'write');
    try {
      this.#statement ??= this.#database.prepare(statementOf(this.#options));
      if (!this.#begun) {
        // IMMEDIATE waits for other writers here, where nothing is lost yet by giving up.
        this.#database.exec('BEGIN IMMEDIATE');
        this.#begun = true;
      }
    } catch (cause) {
      throw toSqliteError(cause, 'write rows', file);
    }
    let written = 0;
    for (const row of rows) {
      try {
        this.#statement.run(...columns.map((name) => encode((row as Record<string, unknown>)[name], name)));
        written++;
      } catch (cause) {
        const error = toSqliteError(cause, 'write the row', file);
        if (refused === undefined || !isAboutSqliteRow(cause)) throw error;
        refused.push(failure(row, error));
      }
    }
    return written;
  }

  async commit(): Promise<void> {
    if (!this.#begun) return;
    try {
      this.#database?.exec('COMMIT');
    } catch (cause) {
      throw toSqliteError(cause, 'commit', this.#options.file);
    }
    this.#begun = false;
  }

  async rollback(): Promise<void> {
    if (this.#begun) await this.close();
  }

  async close(): Promise<void> {
    const database = this.#database;
    this.#database = undefined;
    this.#statement = undefined;
    this.#begun = false;
    // An open transaction ends with the connection.
    database?.close();
  }
}

function statementOf({ table, columns, mode, key }: SqliteWriterOptions): string {
  const list = columns.map(quoteName).join(', ');
  const insert = `INSERT INTO ${quoteTable(table)} (${list}) VALUES (${columns.map(() => '?').join(', ')})`;
  if (mode === 'insert') return insert;
  const target = key.length === 0 ? '' : ` (${key.map(quoteName).join(', ')})`;
  const updates = columns
    .filter((name) => !key.includes(name))
    .map((name) => `${quoteName(name)} = excluded.${quoteName(name)}`);
  if (mode === 'ignore' || updates.length === 0) return `${insert} ON CONFLICT${target} DO NOTHING`;
  return `${insert} ON CONFLICT${target} DO UPDATE SET ${updates.join(', ')}`;
}

const INT64 = 2n ** 63n;

function encode(value: unknown, column: string): SQLInputValue {
  switch (typeof value) {
    case 'undefined':
      return null;
    case 'number':
      // SQLite has no NaN: it would become null without a word.
      if (Number.isNaN(value)) throw wrong(column, 'NaN');
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(value) : value;
    case 'bigint':
      if (value >= INT64 || value < -INT64) throw wrong(column, 'an integer of more than 64 bits');
      return value;
    case 'boolean':
      return value ? 1n : 0n;
    case 'string':
      if (!value.isWellFormed()) throw wrong(column, 'a string with half of a surrogate pair');
      return value;
    case 'object':
      return value === null ? null : encodeObject(value, column);
    default:
      throw wrong(column, `a ${typeof value}`);
  }
}

function encodeObject(value: object, column: string): SQLInputValue {
  if (value instanceof Uint8Array) return value as SQLInputValue;
  if (value instanceof Decimal) return value.toString();
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw wrong(column, 'an invalid date');
    return value.toISOString();
  }
  try {
    return JSON.stringify(value) ?? null;
  } catch (cause) {
    throw new IoError('SQL_VALUE', `Column ${column}: ${(cause as Error).message}`, { cause });
  }
}

function wrong(column: string, what: string): IoError {
  return new IoError('SQL_VALUE', `Column ${column} cannot take ${what}`);
}
