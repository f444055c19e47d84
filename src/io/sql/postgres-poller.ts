import { IoError } from '../../sdk/index.ts';
import type { CursorPosition } from './cursor-columns.ts';
import type { PollTarget } from './poll-table.ts';
import { type PostgresConnection, PostgresPool, type TextResult } from './postgres-client.ts';
import { describeSelect, type Layout, rowBuilder } from './postgres-layout.ts';
import type { PostgresTypeOptions } from './postgres-types.ts';
import type { PolledRows, TablePoller } from './table-poller.ts';

/** What a {@link PostgresPoller} reads. */
export interface PostgresPollerOptions extends PollTarget, PostgresTypeOptions {
  readonly connection: PostgresConnection;
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
    const order = this.#options.cursor.quoted.map((column) => `${column} DESC NULLS LAST`).join(', ');
    const { rows } = await this.#query(`SELECT ${this.#texts} FROM ${this.#from} ORDER BY ${order} LIMIT 1`, []);
    return rows.length === 0 ? undefined : this.#position(rows[0]);
  }

  async poll(after: CursorPosition | undefined, limit: number): Promise<PolledRows<T>> {
    const layout = await this.#described();
    const { settleMillis, cursor } = this.#options;
    const values = (after ?? []).map(String);
    const conditions: string[] = [];
    if (after !== undefined) {
      conditions.push(cursor.behind(values.map((_, i) => `$${i + 1}::text::${this.#typeOf(layout, i)}`)));
    }
    if (settleMillis > 0) conditions.push(`${cursor.quoted[0]} <= now() - interval '${settleMillis} milliseconds'`);
    const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
    const { rows } = await this.#query(
      `SELECT ${this.#texts}, source.* FROM ${this.#from}${where} ORDER BY ${cursor.quoted.join(', ')} LIMIT ${limit}`,
      values,
    );
    if (rows.length === 0) return { rows: [], last: undefined };
    const build = rowBuilder<T>(layout.columns, this.#options, cursor.quoted.length);
    return { rows: rows.map(build), last: this.#position(rows[rows.length - 1]) };
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  get #texts(): string {
    return this.#options.cursor.quoted.map((column, i) => `${column}::text AS millrace_${i}`).join(', ');
  }

  get #from(): string {
    return `(${this.#options.source.select}) AS source`;
  }

  #typeOf(layout: Layout, index: number): string {
    const name = this.#options.cursor.names[index];
    const type = layout.columns.find((column) => column.name === name)?.type.name;
    if (type !== undefined) return type;
    throw new IoError('SQL_VALUE', `There is no column ${name} to be the cursor`);
  }

  #position(row: (string | null)[]): CursorPosition {
    const { cursor } = this.#options;
    return cursor.position(row.slice(0, cursor.quoted.length));
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
