import { IoError, PipelineError } from '../../sdk/index.ts';
import { quoteName, quoteText } from './identifiers.ts';
import { type KeyRange, rangesBetween } from './key-range.ts';
import { PostgresClient, type PostgresConnection, PostgresPool, type TextResult } from './postgres-client.ts';
import { describeSelect, rowBuilder } from './postgres-layout.ts';
import { keyKindOf, type PostgresColumn, type PostgresTypeOptions } from './postgres-types.ts';
import type { RowBatch, TableReader } from './read-table.ts';
import type { SourceText } from './source-text.ts';

/** What a {@link PostgresReader} reads. */
export interface PostgresReaderOptions extends PostgresTypeOptions {
  readonly connection: PostgresConnection;
  readonly source: SourceText;
  readonly key?: string;
  readonly snapshot?: 'range' | 'shared';
  readonly batchSize: number;
  readonly connections: number;
}

interface Key {
  readonly name: string;
  readonly type: string;
  readonly kind: 'integer' | 'linear' | 'ordered';
  readonly index: number;
  readonly nullable: boolean;
}

interface KeyedLayout {
  readonly columns: readonly PostgresColumn[];
  readonly key: Key | undefined;
}

const READ_ONLY = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

/** Rows of a sample that cuts are taken from. */
const SAMPLE_ROWS = 30_000;

/** Reads one table or query of Postgres, a key range at a time. */
export class PostgresReader<T> implements TableReader<T> {
  readonly #options: PostgresReaderOptions;
  readonly #pool: PostgresPool;
  #layout: Promise<KeyedLayout> | undefined;
  /** Keeps a shared snapshot alive. */
  #holder: PostgresClient | undefined;

  constructor(options: PostgresReaderOptions) {
    this.#options = options;
    this.#pool = new PostgresPool(options.connection, options.connections);
  }

  async whole(): Promise<KeyRange> {
    const { key } = await this.#described();
    const bytes = await this.#with((client) => this.#estimate(client));
    const snapshot = this.#options.snapshot === 'shared' ? await this.#exportSnapshot() : undefined;
    return { integer: key?.kind === 'integer', bytes, ...(snapshot === undefined ? {} : { snapshot }) };
  }

  async divide(whole: KeyRange, parts: number): Promise<readonly KeyRange[]> {
    const { key } = await this.#described();
    if (key === undefined) return [whole];
    const cuts = parts <= 1 ? [] : await this.#with((client) => this.#cuts(client, key, parts));
    return rangesBetween(cuts, whole, key.nullable);
  }

  async *scan(range: KeyRange): AsyncGenerator<RowBatch<T>> {
    const { columns, key } = await this.#described();
    const { batchSize } = this.#options;
    const client = await this.#pool.acquire();
    const fetch = () => client.query(`FETCH ${batchSize} FROM millrace`, [], 'read rows');
    let next: Promise<TextResult> | undefined;
    let finished = false;
    try {
      await this.#begin(client, range.snapshot);
      await client.query(`DECLARE millrace NO SCROLL CURSOR FOR ${this.#select(range, key)}`, [], 'read rows');
      const build = rowBuilder<T>(columns, this.#options);
      next = fetch();
      for (;;) {
        const { rows } = await next;
        if (rows.length === 0) break;
        // While these are worked on, the server sends the next.
        next = fetch();
        // Its failure is met when it is awaited.
        next.catch(() => {});
        const keys = range.integer && key !== undefined && range.nulls !== true ? keysOf(rows, key.index) : undefined;
        yield { rows: rows.map(build), keys };
      }
      await client.query('COMMIT');
      finished = true;
    } finally {
      if (!finished) {
        await next?.catch(() => {});
        finished = await client.query('ROLLBACK').then(
          () => true,
          () => false,
        );
      }
      await this.#pool.release(client, finished);
    }
  }

  async close(): Promise<void> {
    const holder = this.#holder;
    this.#holder = undefined;
    await holder?.close();
    await this.#pool.close();
  }

  async #with<R>(use: (client: PostgresClient) => Promise<R>): Promise<R> {
    const client = await this.#pool.acquire();
    let reusable = false;
    try {
      const result = await use(client);
      reusable = true;
      return result;
    } finally {
      await this.#pool.release(client, reusable);
    }
  }

  async #begin(client: PostgresClient, snapshot: string | undefined): Promise<void> {
    await client.query(READ_ONLY);
    if (snapshot === undefined) return;
    try {
      await client.raw(`SET TRANSACTION SNAPSHOT ${quoteText(snapshot)}`);
    } catch (cause) {
      throw new IoError('SQL_SNAPSHOT_LOST', `The shared snapshot is not there any more: ${(cause as Error).message}`, {
        resource: client.resource,
        hint: "The worker that held it has ended. Run the job again, or read with snapshot: 'range'.",
        cause,
      });
    }
  }

  async #exportSnapshot(): Promise<string> {
    // Of the pool's connections it would take one away, and of a single one the only.
    this.#holder ??= await PostgresClient.connect(this.#options.connection);
    await this.#holder.query('ROLLBACK');
    await this.#holder.query(READ_ONLY);
    const { rows } = await this.#holder.query('SELECT pg_export_snapshot()');
    return rows[0][0] as string;
  }

  #select({ lower, upper, nulls, integer }: KeyRange, key: Key | undefined): string {
    const from = `SELECT * FROM (${this.#options.source.select}) AS source`;
    if (key === undefined) return from;
    const name = quoteName(key.name);
    if (nulls === true) return `${from} WHERE ${name} IS NULL`;
    const bounds: string[] = [];
    if (lower !== undefined) bounds.push(`${name} >= ${quoteText(lower)}::${key.type}`);
    if (upper !== undefined) bounds.push(`${name} < ${quoteText(upper)}::${key.type}`);
    if (bounds.length === 0 && key.nullable) bounds.push(`${name} IS NOT NULL`);
    const where = bounds.length === 0 ? '' : ` WHERE ${bounds.join(' AND ')}`;
    return `${from}${where}${integer ? ` ORDER BY ${name}` : ''}`;
  }

  #described(): Promise<KeyedLayout> {
    this.#layout ??= this.#with((client) => this.#describe(client)).catch((error) => {
      this.#layout = undefined;
      throw error;
    });
    return this.#layout;
  }

  async #describe(client: PostgresClient): Promise<KeyedLayout> {
    const { select, table } = this.#options.source;
    const { columns } = await describeSelect(select, (text, values) => client.query(text, values, 'read the columns'));
    const attributes = table === undefined ? [] : await this.#attributes(client, table);
    return { columns, key: this.#keyOf(columns, attributes) };
  }

  /** Name, whether null is excluded, whether it is all of the primary key; of each column of a table. */
  async #attributes(client: PostgresClient, table: string): Promise<(string | null)[][]> {
    const { rows } = await client.query(
      `SELECT attname, attnotnull, coalesce((SELECT indkey::text = attnum::text FROM pg_index
         WHERE indrelid = attrelid AND indisprimary), false),
         coalesce((SELECT collisdeterministic FROM pg_collation WHERE oid = attcollation), true)
       FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped`,
      [table],
    );
    return rows;
  }

  #keyOf(columns: readonly PostgresColumn[], attributes: (string | null)[][]): Key | undefined {
    const named = this.#options.key;
    const name = named ?? attributes.find(([, , primary]) => primary === 't')?.[0];
    if (name === undefined || name === null) return undefined;
    const index = columns.findIndex((column) => column.name === name);
    if (index === -1) {
      if (named === undefined) return undefined;
      throw new PipelineError('OPTION_INVALID', `There is no column ${name} to be the key`, {
        hint: `Columns: ${columns.map((column) => column.name).join(', ')}`,
      });
    }
    const { type } = columns[index];
    const kind = keyKindOf(type);
    const attribute = attributes.find(([column]) => column === name);
    if (kind === undefined || attribute?.[3] === 'f') {
      if (named === undefined) return undefined;
      throw new PipelineError('OPTION_INVALID', `The column ${name} of type ${type.name} cannot be the key of ranges`);
    }
    return { name, type: type.name, kind, index, nullable: attribute?.[1] !== 't' };
  }

  /** Bytes of all rows, as the planner of the server guesses. */
  async #estimate(client: PostgresClient): Promise<number> {
    const { rows } = await client.query(`EXPLAIN (FORMAT JSON) ${this.#options.source.select}`, [], 'plan the query');
    const plan = JSON.parse(rows[0][0] as string) as [{ Plan: { 'Plan Rows': number; 'Plan Width': number } }];
    const { 'Plan Rows': count, 'Plan Width': width } = plan[0].Plan;
    return Math.min(Number.MAX_SAFE_INTEGER, Math.round(count * Math.max(1, width)));
  }

  /** Up to `parts - 1` different keys, in order, between which about equally many rows lie. */
  async #cuts(client: PostgresClient, key: Key, parts: number): Promise<string[]> {
    const fromStatistics = await this.#histogram(client, key);
    if (fromStatistics.length > 2) return evenly(fromStatistics, parts, key);
    if (key.kind !== 'ordered') return this.#interpolated(client, key, parts);
    return this.#sampled(client, key, parts);
  }

  /** Bounds between which the last ANALYZE found equally many rows; empty where there are none. */
  async #histogram(client: PostgresClient, key: Key): Promise<string[]> {
    const { table } = this.#options.source;
    if (table === undefined) return [];
    const { rows } = await client.query(
      `SELECT unnest(histogram_bounds::text::text[]) FROM pg_stats JOIN pg_class c ON c.relname = tablename
         JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = schemaname
       WHERE c.oid = to_regclass($1) AND attname = $2 AND NOT inherited`,
      [table, key.name],
    );
    return rows.map(([bound]) => bound as string);
  }

  async #interpolated(client: PostgresClient, key: Key, parts: number): Promise<string[]> {
    const name = quoteName(key.name);
    const cast = key.kind === 'integer' ? '::numeric' : '';
    const share = key.type === 'pg_catalog.numeric' || key.kind === 'integer' ? 'i::numeric' : 'i::float8';
    const step =
      key.type === 'pg_catalog.date' ? `((hi - lo) * ${share} / ${parts})::int` : `(hi - lo) * ${share} / ${parts}`;
    const value = key.kind === 'integer' ? `trunc(lo + ${step})` : `lo + ${step}`;
    // The greatest integer is a cut as well: only ranges with an upper bound can be divided while they are read.
    const last = key.kind === 'integer' ? parts : parts - 1;
    const { rows } = await client.query(
      `WITH ends AS (SELECT min(${name})${cast} AS lo, max(${name})${cast} AS hi FROM (${this.#options.source.select}) AS source)
       SELECT DISTINCT ON (cuts.cut) cuts.cut::text AS bound FROM
         (SELECT (${value})::${key.type} AS cut FROM ends, generate_series(1, ${last}) AS i WHERE hi > lo) AS cuts
       ORDER BY cuts.cut`,
      [],
      'divide the key',
    );
    return rows.map(([cut]) => cut as string);
  }

  async #sampled(client: PostgresClient, key: Key, parts: number): Promise<string[]> {
    const { select, table } = this.#options.source;
    const name = quoteName(key.name);
    let from = `(${select}) AS source`;
    if (table !== undefined) {
      const { rows } = await client.query(
        'SELECT greatest(reltuples, 1)::int8 FROM pg_class WHERE oid = to_regclass($1) AND relkind = $2',
        [table, 'r'],
      );
      const percent = rows.length === 0 ? 100 : Math.min(100, (100 * SAMPLE_ROWS) / Number(rows[0][0]));
      if (percent < 100) from = `${table} TABLESAMPLE SYSTEM (${percent.toFixed(4)})`;
    }
    const shares = Array.from({ length: parts - 1 }, (_, i) => (i + 1) / parts);
    const { rows } = await client.query(
      `SELECT DISTINCT ON (cuts.cut) cuts.cut::text AS bound FROM (SELECT unnest(percentile_disc($1::float8[]) WITHIN GROUP (ORDER BY ${name})) AS cut
         FROM ${from}) AS cuts WHERE cuts.cut IS NOT NULL ORDER BY cuts.cut`,
      [`{${shares.join()}}`],
      'divide the key',
    );
    return rows.map(([cut]) => cut as string);
  }
}

/** `parts - 1` of the bounds at even distances; of integers also some between two of them. */
function evenly(bounds: readonly string[], parts: number, key: Key): string[] {
  const cuts: string[] = [];
  const buckets = bounds.length - 1;
  for (let part = 1; part < parts; part++) {
    const at = (part * buckets) / parts;
    const bucket = Math.min(buckets - 1, Math.floor(at));
    let cut = bounds[at >= buckets ? buckets : bucket];
    if (key.kind === 'integer') {
      const low = BigInt(bounds[bucket]);
      cut = String(low + ((BigInt(bounds[bucket + 1]) - low) * BigInt(Math.round((at - bucket) * 1000))) / 1000n);
    }
    if (cut !== cuts[cuts.length - 1]) cuts.push(cut);
  }
  if (key.kind === 'integer' && cuts[cuts.length - 1] !== bounds[buckets]) cuts.push(bounds[buckets]);
  return cuts;
}

function keysOf(rows: readonly (string | null)[][], index: number): bigint[] {
  return rows.map((row) => BigInt(row[index] as string));
}
