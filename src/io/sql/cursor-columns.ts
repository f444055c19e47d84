import { IoError } from '../../sdk/index.ts';
import { quoteName } from './identifiers.ts';

/** A value of a cursor or key: what SQLite holds, and of Postgres the text that it prints. */
export type CursorValue = string | number | bigint;

/** How far a table has been read: the cursor of the last row, and its key among equal ones. Part of checkpoints. */
export type CursorPosition = readonly [cursor: CursorValue, key?: CursorValue];

/** The columns by which a table is polled: the cursor, and the key if there is one. */
export class CursorColumns {
  readonly names: readonly string[];
  /** In quotes, of a subquery called `source`. */
  readonly quoted: readonly string[];

  /** @throws PipelineError `SQL_NAME` */
  constructor(cursor: string, key: string | undefined) {
    this.names = key === undefined ? [cursor] : [cursor, key];
    this.quoted = this.names.map((name) => `source.${quoteName(name)}`);
  }

  /** The condition for rows behind a position, whose values are the parameters that are named. */
  behind(parameters: readonly string[]): string {
    // A position that names a cursor alone means: behind all rows with this cursor.
    return `(${this.quoted.slice(0, parameters.length).join(', ')}) > (${parameters.join(', ')})`;
  }

  /** What the columns of a row say. @throws IoError `SQL_VALUE` for null, which lies neither before nor behind anything */
  position(values: readonly (CursorValue | null)[]): CursorPosition {
    if (!values.includes(null)) return values as unknown as CursorPosition;
    throw new IoError('SQL_VALUE', `The cursor ${this.names.join(', ')} of a row is null`);
  }
}
