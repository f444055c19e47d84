import { IoError } from '../sdk/index.ts';

/** Checks that a file has the columns asked for. @throws IoError `COLUMN_NOT_FOUND` */
export function checkColumns(columns: readonly string[] | undefined, present: readonly string[], path: string): void {
  const missing = columns?.find((column) => !present.includes(column));
  if (missing === undefined) return;
  throw new IoError('COLUMN_NOT_FOUND', `The file has no column '${missing}'`, {
    final: true,
    resource: path,
    hint: `It has ${present.join(', ').slice(0, 400)}.`,
  });
}
