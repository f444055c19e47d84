import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { IoError, PipelineError } from '../../sdk/index.ts';
import { checkColumnNames, quoteName } from './identifiers.ts';
import { type KeyRange, rangesBetween } from './key-range.ts';
import type { RowBatch, TableReader } from './read-table.ts';
import type { SourceText } from './source-text.ts';
import { openSqlite, toSqliteError } from './sqlite-database.ts';
import { arrayRows, rowBuilder, type SqliteTypeOptions } from './sqlite-values.ts';

/** What a {@link SqliteReader} reads. */
export interface SqliteReaderOptions extends SqliteTypeOptions {
  readonly file: string;
  readonly source: SourceText;
  readonly key?: string;
  readonly batchSize: number;
}

interface Key {
  /** In quotes, or `rowid`. */
  readonly name: string;
  readonly min: bigint;
  readonly max: bigint;
  readonly nullable: boolean;
}

/** Name under which the key is selected besides the columns. */
const KEY = 'millrace key';

/** Guessed bytes of a row: SQLite keeps no statistics of them. */
const ROW_BYTES = 64;

/** Reads one table or query of an SQLite file, a key range at a time. Each scan has a connection of its own. */
export class SqliteReader<T> implements TableReader<T> {
  readonly #options: SqliteReaderOptions;
  #key: Promise<Key | undefined> | undefined;

  constructor(options: SqliteReaderOptions) {
    this.#options = options;
  }

  whole(): Promise<KeyRange> {
    return this.#use(async (database) => {
      const key = await this.#described();
      const { select } = this.#options.source;
      const sql = `SELECT count(*) AS n FROM (${key === undefined ? select : this.#withKey(key)})`;
      const { n } = database.prepare(sql).get() as { n: number };
      return { integer: key !== undefined, bytes: n * ROW_BYTES };
    });
  }

  async divide(whole: KeyRange, parts: number): Promise<readonly KeyRange[]> {
    const key = await this.#described();
    if (key === undefined) return [whole];
    const cuts: string[] = [];
    const width = key.max - key.min;
    for (let part = 1n; part <= BigInt(parts) && parts > 1; part++) {
      const cut = String(key.min + (width * part) / BigInt(parts));
      if (cut !== cuts[cuts.length - 1]) cuts.push(cut);
    }
    return rangesBetween(cuts, whole, key.nullable);
  }

  async *scan(range: KeyRange): AsyncGenerator<RowBatch<T>> {
    const key = await this.#described();
    const { file, batchSize } = this.#options;
    const database = await openSqlite(file, 'read');
    try {
      const { sql, values } = this.#select(range, key);
      const statement = guard(file, () => database.prepare(sql));
      const names = statement.columns().map((column) => column.name);
      if (key !== undefined) names.pop();
      checkColumnNames(names);
      const rows = arrayRows(statement, values);
      const build = rowBuilder<T>(names, this.#options, file);
      const claims = key !== undefined && range.nulls !== true;
      for (;;) {
        const batch: T[] = [];
        const keys: bigint[] = [];
        while (batch.length < batchSize) {
          const next = guard(file, () => rows.next());
          if (next.done === true) break;
          const row = next.value;
          if (claims) keys.push(integerKey(row[names.length], file));
          batch.push(build(row));
        }
        if (batch.length === 0) return;
        yield { rows: batch, keys: claims ? keys : undefined };
      }
    } finally {
      database.close();
    }
  }

  async close(): Promise<void> {}

  #select({ lower, upper, nulls }: KeyRange, key: Key | undefined): { sql: string; values: SQLInputValue[] } {
    if (key === undefined) return { sql: this.#options.source.select, values: [] };
    const name = quoteName(KEY);
    const from = `SELECT * FROM (${this.#withKey(key)})`;
    if (nulls === true) return { sql: `${from} WHERE ${name} IS NULL`, values: [] };
    const bounds = [
      ...(lower === undefined ? [] : [`${name} >= ?`]),
      ...(upper === undefined ? [] : [`${name} < ?`]),
      ...(lower === undefined && key.nullable ? [`${name} IS NOT NULL`] : []),
    ];
    const where = bounds.length === 0 ? '' : ` WHERE ${bounds.join(' AND ')}`;
    const values = [lower, upper].filter((bound) => bound !== undefined).map(BigInt);
    return { sql: `${from}${where} ORDER BY ${name}`, values };
  }

  /** The source with the key as its last column. */
  #withKey(key: Key): string {
    const { select, table, columns } = this.#options.source;
    if (table === undefined) return `SELECT source.*, ${key.name} AS ${quoteName(KEY)} FROM (${select}) AS source`;
    return `SELECT ${columns}, ${key.name} AS ${quoteName(KEY)} FROM ${table}`;
  }

  #described(): Promise<Key | undefined> {
    this.#key ??= this.#use((database) => this.#describe(database)).catch((error) => {
      this.#key = undefined;
      throw error;
    });
    return this.#key;
  }

  async #describe(database: DatabaseSync): Promise<Key | undefined> {
    const { select, table } = this.#options.source;
    const named = this.#options.key;
    if (named === undefined && (table === undefined || !hasRowid(database, table))) return undefined;
    const name = named === undefined ? 'rowid' : quoteName(named);
    const from = table ?? `(${select})`;
    const ends = `(SELECT min(${name}) FROM ${from}), (SELECT max(${name}) FROM ${from})`;
    // A rowid is an integer in any case; of another column every row has to be looked at.
    const statement = database.prepare(
      named === undefined
        ? `SELECT ${ends}, 0`
        : `SELECT ${ends}, count(*) > count(${name}), min(typeof(${name})), max(typeof(${name})) FROM ${from}`,
    );
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    const [min, max, nullable, ...types] = statement.get() as unknown as (bigint | string | null)[];
    for (const type of types) {
      if (type === 'integer' || type === 'null' || type === null) continue;
      throw new PipelineError(
        'OPTION_INVALID',
        `The column ${named} holds a ${type}: the key of ranges holds integers`,
      );
    }
    if (typeof min !== 'bigint' || typeof max !== 'bigint') {
      return { name, min: 0n, max: 0n, nullable: nullable === 1n };
    }
    return { name, min, max, nullable: nullable === 1n };
  }

  async #use<R>(use: (database: DatabaseSync) => Promise<R>): Promise<R> {
    const { file } = this.#options;
    const database = await openSqlite(file, 'read');
    try {
      return await use(database);
    } catch (cause) {
      throw toSqliteError(cause, 'read', file);
    } finally {
      database.close();
    }
  }
}

/** Views and tables WITHOUT ROWID have none. */
function hasRowid(database: DatabaseSync, table: string): boolean {
  try {
    database.prepare(`SELECT rowid FROM ${table} LIMIT 0`);
  } catch {
    // Whatever else is wrong comes up again when the rows are read.
    return false;
  }
  const [name] = table.split('.').slice(-1);
  const { n } = database
    .prepare("SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE")
    .get(name.slice(1, -1).replaceAll('""', '"')) as { n: number };
  return n > 0;
}

function guard<R>(file: string, act: () => R): R {
  try {
    return act();
  } catch (cause) {
    throw toSqliteError(cause, 'read rows', file);
  }
}

function integerKey(value: unknown, file: string): bigint {
  if (typeof value === 'bigint') return value;
  throw new IoError('SQL_VALUE', 'The key of ranges holds something else than integers', { resource: file });
}
