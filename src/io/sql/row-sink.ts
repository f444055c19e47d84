import { type PCollection, PipelineError, type PTransform, type Window } from '../../sdk/index.ts';
import { checkChoiceOption, checkIntegerOption, checkOptions, type OptionNames } from '../check-options.ts';
import { quoteName, quoteTable, type TableName } from './identifiers.ts';
import { type OnRowError, type RowSinkOutput, type RowWriter, writeRows } from './write-rows.ts';

/** What happens to a row whose key is in the table already. */
export type WriteMode = 'insert' | 'upsert' | 'ignore';

/** Options that the sinks of all databases share. */
export interface RowWriteOptions<E extends OnRowError = 'fail'> {
  readonly table: TableName;
  /** The fields of a row that are written, which are the columns of the table; the default of a column takes the place of others. */
  readonly columns: readonly string[];
  /**
   * `'insert'` (default): an error, by the table's constraints. `'upsert'`: the row of the table is replaced, in the given
   * columns. `'ignore'`: the row of the table stays.
   */
  readonly mode?: WriteMode;
  /** The columns of a unique constraint by which a row is found again; needed for `'upsert'`. */
  readonly key?: readonly string[];
  /** Rows of one statement; default 1,000. */
  readonly batchSize?: number;
  /** What happens to rows that the database refuses (constraints, values out of range); default `'fail'`. */
  readonly onError?: E;
}

/** The names of {@link RowWriteOptions}. */
export const ROW_WRITE_OPTIONS: OptionNames<RowWriteOptions<OnRowError>> = {
  table: true,
  columns: true,
  mode: true,
  key: true,
  batchSize: true,
  onError: true,
};

/** Where rows go, and what becomes of those that are there. */
export interface RowTarget {
  readonly table: TableName;
  readonly columns: readonly string[];
  readonly mode: WriteMode;
  readonly key: readonly string[];
}

/** What the sinks of two databases differ in. */
interface RowSinkFrame {
  readonly name: string;
  /** All options of the sink. */
  readonly names: Readonly<Record<string, true>>;
  /** Rows of a batch, when nothing is said and at the most. */
  readonly batchSize: number;
  readonly mostRows: number;
}

/** The sink of a database: the frame around its writer. @throws PipelineError `OPTION_UNKNOWN`, `OPTION_INVALID`, `SQL_NAME` */
export function rowSink<T extends object, W extends Window>(
  options: RowWriteOptions<OnRowError>,
  { name, names, batchSize: usual, mostRows }: RowSinkFrame,
  makeWriter: (target: RowTarget) => RowWriter<T>,
): PTransform<PCollection<T, W>, RowSinkOutput<T, OnRowError>> {
  checkOptions(options, names, name);
  const { batchSize = usual } = options;
  checkIntegerOption('batchSize', batchSize, 1, mostRows, name);
  checkRowWrite(options, name);
  const { table, columns, mode = 'insert', key = [], onError = 'fail' } = options;
  return writeRows(() => makeWriter({ table, columns, mode, key }), {
    name,
    table: quoteTable(table),
    batchSize,
    onError,
  });
}

function checkRowWrite(options: RowWriteOptions<OnRowError>, transform: string): void {
  const { table, columns, key = [], mode = 'insert' } = options;
  const invalid = (message: string): never => {
    throw new PipelineError('OPTION_INVALID', message, { transform });
  };
  quoteTable(table);
  if (!Array.isArray(columns) || columns.length === 0) invalid('columns names the fields to be written, at least one');
  for (const column of [...columns, ...key]) quoteName(column);
  if (new Set(columns).size < columns.length) invalid('columns names a field twice');
  checkChoiceOption('mode', mode, ['insert', 'upsert', 'ignore'], transform);
  if (mode === 'upsert' && key.length === 0) invalid("mode 'upsert' needs the key by which a row is found again");
  for (const column of key) if (!columns.includes(column)) invalid(`The key ${column} is not one of the columns`);
}
