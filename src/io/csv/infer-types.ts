import type { CsvDialect } from './csv-dialect.ts';
import type { CsvColumn, CsvScalar } from './csv-schema.ts';
import { isNull, parseFloatText, textOf } from './field-values.ts';
import { ESCAPED, PLAIN, QUOTED, RecordTokens } from './record-tokens.ts';

/** What the values of a column have in common so far. */
type Guess = 'nothing' | CsvScalar;

/** What may stand in a column of one guess for the guess to widen instead of ending in text. */
const NUMERIC: readonly Guess[] = ['int', 'bigint', 'float'];

/** Narrows the types of columns down by their values. */
export class TypeInference {
  readonly #dialect: CsvDialect;
  readonly #guesses: Guess[];

  constructor(columns: number, dialect: CsvDialect) {
    this.#dialect = dialect;
    this.#guesses = new Array(columns).fill('nothing');
  }

  /** Looks at the whole rows in the first bytes of a file. */
  addSample(bytes: Buffer, start: number, last: boolean, fieldOfColumn: readonly number[]): void {
    const tokens = new RecordTokens(this.#dialect);
    for (let at = start; at < bytes.length; at = tokens.next) {
      const status = tokens.read(bytes, at, bytes.length, last);
      if (status === 'more') return;
      if (status !== 'row') continue;
      for (const [column, field] of fieldOfColumn.entries()) {
        if (field < tokens.count) this.#look(column, bytes, tokens, field);
      }
    }
  }

  #look(column: number, bytes: Buffer, tokens: RecordTokens, field: number): void {
    const guess = this.#guesses[column];
    if (guess === 'string') return;
    const [start, end, kind] = [tokens.starts[field], tokens.ends[field], tokens.kinds[field]];
    if (kind === PLAIN && isNull(this.#dialect.nulls, bytes, start, end)) return;
    if (kind === QUOTED && start === end) return;
    const text = kind === ESCAPED ? undefined : textOf(bytes, start, end);
    this.#guesses[column] = widen(guess, text === undefined ? 'string' : typeOf(text));
  }

  /** The columns with their types; all may be null, because rows behind the sample may have nulls. */
  columns(names: readonly string[]): CsvColumn[] {
    return names.map((name, column) => {
      const guess = this.#guesses[column];
      return { name, type: guess === 'nothing' ? 'string' : guess, nullable: true };
    });
  }
}

/** The narrowest type of a text. Numbers with leading zeros or a plus are identifiers more often than quantities. */
function typeOf(text: string): CsvScalar {
  if (/^(true|false)$/i.test(text)) return 'boolean';
  if (/^-?(0|[1-9]\d*)$/.test(text)) return Number.isSafeInteger(Number(text)) ? 'int' : 'bigint';
  if (/^(\+|-?0\d)/.test(text)) return 'string';
  return parseFloatText(text) === undefined ? 'string' : 'float';
}

function widen(guess: Guess, type: CsvScalar): Guess {
  if (guess === 'nothing' || guess === type) return type;
  if (!NUMERIC.includes(guess) || !NUMERIC.includes(type)) return 'string';
  // A column with fractions and integers beyond a double would lose digits as either.
  if (guess !== 'float' && type !== 'float') return 'bigint';
  return guess === 'bigint' || type === 'bigint' ? 'string' : 'float';
}
