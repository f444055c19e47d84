import { IoError } from '../../../sdk/errors.ts';
import { MAX_TABLES, NOTHING, TABLE } from './log-format.ts';
import type { LogSegments } from './log-segments.ts';

/**
 * The tables of a log: a number for each name, and how many keys each has.
 *
 * What must stay true: a number is given once and stays, since records have numbers for names; the name is in the log before
 * the first record with its number. Numbers begin at 1.
 */
export class LogTables {
  readonly #log: LogSegments;
  #numbers = new Map<string, number>();
  /** Keys by table. */
  #counts: number[] = [];

  constructor(log: LogSegments) {
    this.#log = log;
  }

  /** Names with their numbers. */
  get names(): ReadonlyMap<string, number> {
    return this.#numbers;
  }

  /** By number, without gaps. */
  get counts(): readonly number[] {
    return Array.from(this.#counts, (count) => count ?? 0);
  }

  /** Begins with what a copy of the index says, or with nothing. */
  reset(names: Iterable<readonly [name: string, number: number]> = [], counts: readonly number[] = []): void {
    this.#numbers = new Map(names);
    this.#counts = [...counts];
  }

  /** `undefined` of a table that nothing was ever written to. */
  find(name: string): number | undefined {
    return this.#numbers.get(name);
  }

  /** Gives the table a number when it has none. @throws IoError `STATE_FULL` */
  number(name: string): number {
    let number = this.#numbers.get(name);
    if (number !== undefined) return number;
    number = this.#numbers.size + 1;
    if (number > MAX_TABLES) throw new IoError('STATE_FULL', `A state backend holds at most ${MAX_TABLES} tables`);
    this.#append(name, number);
    this.#numbers.set(name, number);
    return number;
  }

  /** Takes up a name from the log. */
  replay(name: string, number: number): void {
    this.#numbers.set(name, number);
  }

  /** Appends all names. Segments go in the order in which they came, so each has all of them. */
  repeat(): void {
    for (const [name, number] of this.#numbers) this.#append(name, number);
  }

  #append(name: string, table: number): void {
    this.#log.append({ ...NOTHING, op: TABLE, table, key: Buffer.from(name, 'utf8') }, 0);
  }

  count(table: number): number {
    return this.#counts[table] ?? 0;
  }

  added(table: number): void {
    this.#counts[table] = (this.#counts[table] ?? 0) + 1;
  }

  removed(table: number): void {
    this.#counts[table]--;
  }
}
