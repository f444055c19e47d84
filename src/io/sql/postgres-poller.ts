import { IoError } from '../../sdk/index.ts';
import { quoteName } from './identifiers.ts';
import type { CursorPosition, PolledRows, TablePoller } from './poll-table.ts';
import { type PostgresConnection, PostgresPool, type TextResult } from './postgres-client.ts';
import { describeSelect, type Layout, rowBuilder } from './postgres-layout.ts';
import type { PostgresTypeOptions } from './postgres-types.ts';
import type { SourceText } from './source-text.ts';

/** What a {@link PostgresPoller} reads. */
export interface PostgresPollerOptions extends PostgresTypeOptions {
  readonly connection: PostgresConnection;
  readonly source: SourceText;
  readonly cursor: string;
  readonly key?: string;
  readonly settleMillis: number;
}

/** Asks one table or query of Postgres for rows behind a cursor. */
export class PostgresPoller<T> implements TablePoller<T> {
  readonly #options: PostgresPollerOptions;
  readonly #pool: PostgresPool;
  #layout: Layout | undefined;

  constructor(options: PostgresPollerOptions) {
    this.#options = options;
    this.#pool = new PostgresPool(options.connection, 1);
  }

  async last(): Promise<CursorPosition | undefined> {
    const order = this.#columns.map((column) => `${column} DESC NULLS LAST`).join(', ');
    const { rows } = await this.#query(`SELECT ${this.#texts} FROM ${this.#from} ORDER BY ${order} LIMIT 1`, []);
    return rows.length === 0 ? undefined : this.#position(rows[0]);
  }

  async poll(after: CursorPosition | undefined, limit: number): Promise<PolledRows<T>> {
    const layout = await this.#described();
    const columns = this.#columns;
    const conditions: string[] = [];
    if (after !== undefined) {
      const bounds = after.map((_, i) => `$${i + 1}::text::${this.#typeOf(layout, i)}`);
      // A start that names a cursor alone means: behind all rows with this cursor.
      conditions.push(`(${columns.slice(0, after.length).join(', ')}) > (${bounds.join(', ')})`);
    }
    const { settleMillis } = this.#options;
    if (settleMillis > 0) conditions.push(`${columns[0]} <= now() - interval '${settleMillis} milliseconds'`);
    const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
    const { rows } = await this.#query(
      `SELECT ${this.#texts}, source.* FROM ${this.#from}${where} ORDER BY ${columns.join(', ')} LIMIT ${limit}`,
      (after ?? []) as readonly string[],
    );
    if (rows.length === 0) return { rows: [], last: undefined };
    const build = rowBuilder<T>(layout.columns, this.#options);
    const width = columns.length;
    return { rows: rows.map((row) => build(row.slice(width))), last: this.#position(rows[rows.length - 1]) };
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  get #names(): readonly string[] {
    const { cursor, key } = this.#options;
    return key === undefined ? [cursor] : [cursor, key];
  }

  get #columns(): readonly string[] {
    return this.#names.map((name) => `source.${quoteName(name)}`);
  }

  get #texts(): string {
    return this.#columns.map((column, i) => `${column}::text AS millrace_${i}`).join(', ');
  }

  get #from(): string {
    return `(${this.#options.source.select}) AS source`;
  }

  #typeOf(layout: Layout, index: number): string {
    const name = this.#names[index];
    const type = layout.columns.find((column) => column.name === name)?.type.name;
    if (type !== undefined) return type;
    throw new IoError('SQL_VALUE', `There is no column ${name} to be the cursor`);
  }

  #position(row: (string | null)[]): CursorPosition {
    const position = row.slice(0, this.#names.length);
    if (position.includes(null)) {
      throw new IoError('SQL_VALUE', `The cursor ${this.#names.join(', ')} of a row is null`);
    }
    return position as unknown as CursorPosition;
  }

  async #described(): Promise<Layout> {
    this.#layout ??= await describeSelect(this.#options.source.select, (text, values) => this.#query(text, values));
    return this.#layout;
  }

  async #query(text: string, values: readonly unknown[]): Promise<TextResult> {
    const client = await this.#pool.acquire();
    let reusable = false;
    try {
      const result = await client.query(text, values, 'read new rows');
      reusable = true;
      return result;
    } finally {
      await this.#pool.release(client, reusable);
    }
  }
}
