import { checkColumnNames } from './identifiers.ts';
import type { TextResult } from './postgres-client.ts';
import { decoderOf, type PostgresColumn, type PostgresTypeOptions } from './postgres-types.ts';

/** The columns of a SELECT. */
export interface Layout {
  readonly columns: readonly PostgresColumn[];
}

/** Asks the server what a SELECT gives. @throws PipelineError `SQL_COLUMNS`, and what the query throws */
export async function describeSelect(
  select: string,
  query: (text: string, values: readonly unknown[]) => Promise<TextResult>,
): Promise<Layout> {
  const { fields } = await query(`SELECT * FROM (${select}) AS source LIMIT 0`, []);
  const oids = [...new Set(fields.map((field) => field.dataTypeID))];
  const types = await query(
    `SELECT t.oid, format('%I.%I', nspname, typname), CASE WHEN typcategory = 'A' THEN typelem END
       FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace WHERE t.oid = ANY($1::oid[])`,
    [`{${oids.join()}}`],
  );
  const byOid = new Map(
    types.rows.map(([oid, name, element]) => [
      Number(oid),
      { oid: Number(oid), name: name as string, ...(element === null ? {} : { element: Number(element) }) },
    ]),
  );
  checkColumnNames(fields.map(({ name }) => name));
  const columns = fields.map(({ name, dataTypeID }) => ({
    name,
    type: byOid.get(dataTypeID) ?? { oid: dataTypeID, name: String(dataTypeID) },
  }));
  return { columns };
}

/** From the texts of a row, beginning with its `first`, to an object. */
export function rowBuilder<T>(
  columns: readonly PostgresColumn[],
  options: PostgresTypeOptions,
  first = 0,
): (row: (string | null)[]) => T {
  const names = columns.map((column) => column.name);
  const decoders = columns.map((column) => decoderOf(column, options));
  return (row) => {
    const built: Record<string, unknown> = {};
    for (let i = 0; i < names.length; i++) {
      const text = row[first + i];
      built[names[i]] = text === null ? null : decoders[i](text);
    }
    return built as T;
  };
}
