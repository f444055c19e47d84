import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { IoError } from '../../sdk/index.ts';

/** How values of SQLite come. */
export interface SqliteTypeOptions {
  /**
   * `'number'` (default): an integer beyond ±(2^53 − 1) fails the job; `'bigint'`: every integer is a bigint.
   */
  readonly integers?: 'number' | 'bigint';
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** The rows of a statement as arrays, whose integers are bigints. */
export function arrayRows(statement: StatementSync, values: SQLInputValue[]): Iterator<unknown[]> {
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  return statement.iterate(...values) as unknown as Iterator<unknown[]>;
}

/** Makes objects of such rows, beginning with their `first` value; what is behind the names is left out. */
export function rowBuilder<T>(
  names: readonly string[],
  { integers = 'number' }: SqliteTypeOptions,
  file: string,
  first = 0,
): (row: readonly unknown[]) => T {
  return (row) => {
    const built: Record<string, unknown> = {};
    for (let i = 0; i < names.length; i++) {
      const value = row[first + i];
      built[names[i]] = typeof value === 'bigint' && integers === 'number' ? safe(value, names[i], file) : value;
    }
    return built as T;
  };
}

function safe(value: bigint, column: string, file: string): number {
  if (value <= MAX_SAFE && value >= -MAX_SAFE) return Number(value);
  throw new IoError('SQL_VALUE', `Column ${column} has the value ${value}, beyond ±(2^53 − 1)`, {
    resource: file,
    hint: "Pass integers: 'bigint'.",
  });
}
