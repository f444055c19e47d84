import { PipelineError } from '../../sdk/index.ts';
import { quoteName, quoteTable, type TableName } from './identifiers.ts';

/** A source of rows: the SELECT, and where it is a table its name and columns in quotes. */
export interface SourceText {
  readonly select: string;
  readonly table?: string;
  readonly columns: string;
}

/** @throws PipelineError `OPTION_INVALID` unless there is either a table or a query */
export function sourceText(
  options: { readonly table?: TableName; readonly query?: string; readonly columns?: readonly string[] },
  transform: string,
): SourceText {
  const { table, query, columns } = options;
  if ((table === undefined) === (query === undefined)) {
    throw new PipelineError('OPTION_INVALID', 'A source of rows has either a table or a query', { transform });
  }
  if (query !== undefined) {
    if (columns === undefined) return { select: query, columns: '*' };
    throw new PipelineError('OPTION_INVALID', 'columns belong to a table: name them in the query', { transform });
  }
  const quoted = quoteTable(table as TableName);
  const list = columns?.map(quoteName).join(', ') ?? '*';
  return { select: `SELECT ${list} FROM ${quoted}`, table: quoted, columns: list };
}
