import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { IoError } from '../../sdk/index.ts';
import type { CursorPosition, CursorValue } from './cursor-columns.ts';
import { checkColumnNames } from './identifiers.ts';
import type { PollTarget } from './poll-table.ts';
import { openSqlite, toSqliteError } from './sqlite-database.ts';
import { arrayRows, rowBuilder, type SqliteTypeOptions } from './sqlite-values.ts';
import type { PolledRows, TablePoller } from './table-poller.ts';

/** What a {@link SqlitePoller} reads. */
export interface SqlitePollerOptions extends PollTarget, SqliteTypeOptions {
  readonly file: string;
}

/** Rows of one statement, and the names of their columns behind those of the cursor. */
interface Selected {
  readonly rows: unknown[][];
  readonly names: readonly string[];
}

/** Asks one table or query of an SQLite file for rows behind a cursor. */
export class SqlitePoller<T> implements TablePoller<T> {
  readonly #options: SqlitePollerOptions;
  #database: DatabaseSync | undefined;

  constructor(options: SqlitePollerOptions) {
    this.#options = options;
  }

  async last(): Promise<CursorPosition | undefined> {
    const order = this.#options.cursor.quoted.map((column) => `${column} DESC`).join(', ');
    const { rows } = await this.#select('', `ORDER BY ${order} LIMIT 1`, []);
    return rows.length === 0 ? undefined : this.#position(rows[0]);
  }

  async poll(after: CursorPosition | undefined, limit: number): Promise<PolledRows<T>> {
    const { cursor, file } = this.#options;
    const values = (after ?? []) as readonly CursorValue[];
    const where = after === undefined ? '' : `WHERE ${cursor.behind(values.map(() => '?'))}`;
    const order = `${where} ORDER BY ${cursor.quoted.join(', ')} LIMIT ${limit}`;
    const { rows, names } = await this.#select(', source.*', order, [...values]);
    if (rows.length === 0) return { rows: [], last: undefined };
    // Nulls come first here, and only while nothing has been read.
    this.#position(rows[0]);
    const build = rowBuilder<T>(names, this.#options, file, cursor.quoted.length);
    return { rows: rows.map(build), last: this.#position(rows[rows.length - 1]) };
  }

  async close(): Promise<void> {
    const database = this.#database;
    this.#database = undefined;
    database?.close();
  }

  #position(row: readonly unknown[]): CursorPosition {
    const { cursor, file } = this.#options;
    const values = row.slice(0, cursor.quoted.length) as (CursorValue | Uint8Array | null)[];
    for (const value of values) {
      if (!(value instanceof Uint8Array)) continue;
      throw new IoError('SQL_VALUE', `The cursor ${cursor.names.join(', ')} of a row is a blob`, { resource: file });
    }
    return cursor.position(values as (CursorValue | null)[]);
  }

  /** Selects the cursor, and what else is wanted. All rows are taken at once, which ends the snapshot. */
  async #select(columns: string, rest: string, values: SQLInputValue[]): Promise<Selected> {
    const { file, source, cursor } = this.#options;
    this.#database ??= await openSqlite(file, 'read');
    try {
      const statement = this.#database.prepare(
        `SELECT ${cursor.quoted.join(', ')}${columns} FROM (${source.select}) AS source ${rest}`,
      );
      const names = statement
        .columns()
        .slice(cursor.quoted.length)
        .map((column) => column.name);
      checkColumnNames(names);
      return { rows: Iterator.from(arrayRows(statement, values)).toArray(), names };
    } catch (cause) {
      throw toSqliteError(cause, 'read new rows', file);
    }
  }
}
