import { PipelineError } from '../../sdk/index.ts';

/** A table, by name or by schema and name; `'sales.orders'` means the table `orders` of the schema `sales`. */
export type TableName = string | readonly [schema: string, table: string];

/** Longest name of a table or column. */
const MAX_NAME = 1024;

/** A name in double quotes, whatever characters it has. @throws PipelineError `SQL_NAME` for what cannot be a name */
export function quoteName(name: string): string {
  if (
    typeof name !== 'string' ||
    name === '' ||
    name.length > MAX_NAME ||
    name.includes('\0') ||
    !name.isWellFormed()
  ) {
    throw new PipelineError('SQL_NAME', `${JSON.stringify(name)} cannot be the name of a table or column`);
  }
  return `"${name.replaceAll('"', '""')}"`;
}

/** A table's name in quotes, with that of its schema. */
export function quoteTable(table: TableName): string {
  const parts = typeof table === 'string' ? table.split('.') : table;
  if (!Array.isArray(parts) || parts.length > 2) {
    throw new PipelineError('SQL_NAME', `${JSON.stringify(table)} is not the name of a table`, {
      hint: "Write 'table', 'schema.table', or ['schema', 'table'] where a name has dots.",
    });
  }
  return parts.map(quoteName).join('.');
}

/** A text in single quotes, for statements that take no parameters. */
export function quoteText(text: string): string {
  if (text.includes('\0')) throw new PipelineError('SQL_NAME', 'A text in a statement has a NUL character');
  return `'${text.replaceAll("'", "''")}'`;
}

/** @throws PipelineError `SQL_COLUMNS` for names that cannot all be fields of one object */
export function checkColumnNames(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name) || name === '__proto__') {
      throw new PipelineError(
        'SQL_COLUMNS',
        `The rows have ${seen.has(name) ? 'two columns' : 'a column'} called ${name}`,
        {
          hint: 'Name the columns apart in the query, with AS.',
        },
      );
    }
    seen.add(name);
  }
}
