import { IoError, PipelineError } from '../../sdk/index.ts';
import { quoteName, quoteTable } from './identifiers.ts';
import { arrayLiteral } from './postgres-array.ts';
import { PostgresClient, type PostgresConnection } from './postgres-client.ts';
import { encodeValue, type TargetColumn } from './postgres-values.ts';
import type { RowTarget } from './row-sink.ts';
import { isAboutRow, toSqlError } from './sql-errors.ts';
import { type FailedRow, failure, type RowWriter } from './write-rows.ts';

/** What a {@link PostgresWriter} writes. */
export interface PostgresWriterOptions extends RowTarget {
  readonly connection: PostgresConnection;
}

/** A row and its values as texts. */
interface Encoded<T> {
  readonly row: T;
  readonly texts: readonly (string | null)[];
}

interface Target {
  readonly columns: readonly TargetColumn[];
  readonly statement: string;
}

/** Writes rows to one table over one connection. Columns go as arrays of texts, so one statement serves any number of rows. */
export class PostgresWriter<T extends object> implements RowWriter<T> {
  readonly #options: PostgresWriterOptions;
  readonly #keys: readonly number[];
  #client: PostgresClient | undefined;
  #target: Target | undefined;
  #begun = false;

  constructor(options: PostgresWriterOptions) {
    this.#options = options;
    this.#keys = options.key.map((name) => options.columns.indexOf(name));
  }

  async write(rows: readonly T[], refused: FailedRow<T>[] | undefined): Promise<number> {
    const client = await this.#connected();
    this.#target ??= await this.#describe(client);
    const { columns } = this.#target;
    const encoded: Encoded<T>[] = [];
    for (const row of rows) {
      try {
        encoded.push({
          row,
          texts: columns.map((column) => encodeValue((row as Record<string, unknown>)[column.name], column)),
        });
      } catch (error) {
        if (refused === undefined || !(error instanceof IoError)) throw error;
        refused.push(failure(row, error));
      }
    }
    const distinct = this.#options.mode === 'upsert' ? this.#lastOfEach(encoded) : encoded;
    if (distinct.length === 0) return 0;
    if (!this.#begun) {
      await client.query('BEGIN');
      this.#begun = true;
    }
    if (refused === undefined) {
      await this.#send(client, distinct);
      return distinct.length;
    }
    return this.#sendOrRefuse(client, distinct, refused);
  }

  async commit(): Promise<void> {
    if (!this.#begun) return;
    await this.#client?.query('COMMIT', [], 'commit');
    this.#begun = false;
  }

  async rollback(): Promise<void> {
    if (!this.#begun) return;
    this.#begun = false;
    const client = this.#client;
    this.#client = undefined;
    // The connection may be what failed: a new one is sure to be sound.
    await client?.close();
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#begun = false;
    await client?.close();
  }

  async #connected(): Promise<PostgresClient> {
    if (this.#client?.isBroken && !this.#begun) await this.close();
    this.#client ??= await PostgresClient.connect(this.#options.connection);
    return this.#client;
  }

  /** A statement may not touch a row twice, and the later of two rows with one key is the one that stays. */
  #lastOfEach(rows: readonly Encoded<T>[]): Encoded<T>[] {
    const byKey = new Map<string, Encoded<T>>();
    for (const row of rows) byKey.set(JSON.stringify(this.#keys.map((index) => row.texts[index])), row);
    // In one order everywhere, so that two transactions rarely wait for each other in a circle.
    return [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  }

  /** Halves a batch that is refused until the rows are found that it is refused for. */
  async #sendOrRefuse(client: PostgresClient, rows: readonly Encoded<T>[], refused: FailedRow<T>[]): Promise<number> {
    await client.query('SAVEPOINT batch');
    try {
      await this.#send(client, rows, true);
      await client.query('RELEASE SAVEPOINT batch');
      return rows.length;
    } catch (cause) {
      if (!isAboutRow(cause)) throw toSqlError(cause, 'write rows', this.#context(client));
      await client.query('ROLLBACK TO SAVEPOINT batch');
      await client.query('RELEASE SAVEPOINT batch');
      if (rows.length === 1) {
        refused.push(failure(rows[0].row, toSqlError(cause, 'write the row', this.#context(client))));
        return 0;
      }
    }
    const half = rows.length >> 1;
    const first = await this.#sendOrRefuse(client, rows.slice(0, half), refused);
    return first + (await this.#sendOrRefuse(client, rows.slice(half), refused));
  }

  async #send(client: PostgresClient, rows: readonly Encoded<T>[], raw = false): Promise<void> {
    const { columns, statement } = this.#target as Target;
    const values = columns.map((_, index) => arrayLiteral(rows.map(({ texts }) => texts[index])));
    try {
      await client.raw(statement, values, 'millrace_write');
    } catch (cause) {
      throw raw ? cause : toSqlError(cause, 'write rows', this.#context(client));
    }
  }

  #context(client: PostgresClient): { resource: string } {
    return { resource: `${client.resource} ${quoteTable(this.#options.table)}` };
  }

  async #describe(client: PostgresClient): Promise<Target> {
    const { table, columns: names, mode, key } = this.#options;
    const quoted = quoteTable(table);
    const { rows } = await client.query(
      `SELECT attname, format('%I.%I', nspname, typname), typcategory, atttypid IN (114, 3802)
       FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid JOIN pg_namespace ON pg_namespace.oid = typnamespace
       WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`,
      [quoted],
      'read the columns',
    );
    const columns = names.map((name): TargetColumn => {
      const found = rows.find(([column]) => column === name);
      if (found === undefined) {
        throw new PipelineError('SQL_STATEMENT', `The table ${quoted} has no column ${name}`, {
          hint: `Columns: ${rows.map(([column]) => column).join(', ')}`,
        });
      }
      return { name, type: found[1] as string, isArray: found[2] === 'A', isJson: found[3] === 't' };
    });
    const list = names.map(quoteName).join(', ');
    const casts = columns.map(({ type }, index) => `c${index}::${type}`).join(', ');
    const arrays = columns.map((_, index) => `$${index + 1}::text[]`).join(', ');
    const aliases = columns.map((_, index) => `c${index}`).join(', ');
    const statement = `INSERT INTO ${quoted} (${list}) SELECT ${casts} FROM unnest(${arrays}) AS rows(${aliases})${conflict(mode, names, key)}`;
    return { columns, statement };
  }
}

function conflict(mode: PostgresWriterOptions['mode'], names: readonly string[], key: readonly string[]): string {
  if (mode === 'insert') return '';
  const target = key.length === 0 ? '' : ` (${key.map(quoteName).join(', ')})`;
  const updates = names
    .filter((name) => !key.includes(name))
    .map((name) => `${quoteName(name)} = excluded.${quoteName(name)}`);
  if (mode === 'ignore' || updates.length === 0) return ` ON CONFLICT${target} DO NOTHING`;
  return ` ON CONFLICT${target} DO UPDATE SET ${updates.join(', ')}`;
}
