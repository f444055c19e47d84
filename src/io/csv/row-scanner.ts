import type { CsvDialect } from './csv-dialect.ts';
import type { CsvColumn } from './csv-schema.ts';
import { bigintOf, booleanOf, floatOf, isNull } from './field-values.ts';

/**
 * Reads rows from `at` on that start before `stop` and appends them to `out`; gives the index of the first row not
 * taken. The bytes before `whole` are valid UTF-8 and end with a line end. Rows of unusual form are left to `slow`, which
 * takes one row and gives the index behind it, or −1 if the row goes on behind the bytes at hand.
 */
export type RowScanner = (
  bytes: Buffer,
  at: number,
  stop: number,
  whole: number,
  out: unknown[],
  slow: (at: number) => number,
) => number;

/** Builds a row from the values of its columns. */
export type RowMaker = (values: readonly unknown[]) => unknown;

/** Where the columns that are read stand in a file. */
export interface RowLayout {
  readonly columns: readonly CsvColumn[];
  /** For each field of the file the index of its column, −1 for those that are not read. */
  readonly fields: readonly number[];
}

/** The compiler gives up on longer functions; such rows are read by the slow way. */
const MAX_GENERATED_FIELDS = 100;
/** See the piece size of the line parser: values are slices of decoded pieces. */
const PIECE_BYTES = 8 * 1024;

/** Scanners by source: a range that reads the same columns runs code that is warm already. */
const scanners = new Map<string, RowScanner>();
const MAX_SCANNERS = 256;

/**
 * A scanner made for these columns, so that rows are literals of one shape and each field is parsed by straight code;
 * `undefined` where code cannot be generated. Rows that are too long are left to the slow way, as all that is unusual. All names are written as JSON strings, so that data does not become code.
 */
export function generateScanner(layout: RowLayout, dialect: CsvDialect, maxRowBytes: number): RowScanner | undefined {
  if (layout.fields.length > MAX_GENERATED_FIELDS) return undefined;
  const source = scannerSource(layout, dialect, maxRowBytes);
  const id = JSON.stringify([source, dialect.nulls.map((value) => value.latin1Slice())]);
  const known = scanners.get(id);
  if (known !== undefined) return known;
  try {
    const nulls = (bytes: Buffer, start: number, end: number) => isNull(dialect.nulls, bytes, start, end);
    const make = new Function('floatOf', 'bigintOf', 'booleanOf', 'isNull', source);
    const scanner = make(floatOf, bigintOf, booleanOf, nulls) as RowScanner;
    if (scanners.size >= MAX_SCANNERS) scanners.clear();
    scanners.set(id, scanner);
    return scanner;
  } catch (error) {
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}

/** A maker of rows with the shape of the scanner's. */
export function rowMaker(columns: readonly CsvColumn[]): RowMaker {
  try {
    return new Function('v', `return ${literal(columns, (slot) => `v[${slot}]`)};`) as RowMaker;
  } catch (error) {
    if (!(error instanceof EvalError)) throw error;
    return (values) => Object.fromEntries(columns.map(({ name }, slot) => [name, values[slot]]));
  }
}

function literal(columns: readonly CsvColumn[], value: (slot: number) => string): string {
  return `{${columns.map(({ name }, slot) => `${key(name)}: ${value(slot)}`).join(', ')}}`;
}

/** A computed key where the plain one would set the prototype: a column named __proto__ is a column like any other. */
function key(name: string): string {
  return name === '__proto__' ? '["__proto__"]' : JSON.stringify(name);
}

function scannerSource({ columns, fields }: RowLayout, dialect: CsvDialect, maxRowBytes: number): string {
  const { delimiter, comment } = dialect;
  const code: string[] = [];
  let skipped = 0;
  fields.forEach((slot, field) => {
    const last = field === fields.length - 1;
    if (slot < 0 && !last) {
      skipped++;
      return;
    }
    if (skipped > 0) code.push(`for (let k = 0; k < ${skipped}; k++) { ${skip(dialect)} ${nextField(delimiter)} }`);
    skipped = 0;
    code.push(slot < 0 ? skip(dialect) : read(columns[slot], slot, last, dialect));
    if (last) {
      code.push('if (c === 13) { if (at + 1 >= whole) break fast; c = bytes[++at]; }');
      code.push('if (c !== 10) break fast;');
    } else code.push(nextField(delimiter));
  });
  const values = columns.map((_, slot) => `v${slot}`);
  return `return function (bytes, at, stop, whole, out, slow) {
  let text = '', base = 0, top = 0;
  while (at < stop) {
    const row = at;
    let c = bytes[at], s = 0, e = 0, high = 0, value = 0;
    let ${values.join(', ')};
    fast: {
      if (c === 10 || c === 13${comment < 0 ? '' : ` || c === ${comment}`}) break fast;
      ${code.join('\n      ')}
      at++;
      if (at - row > ${maxRowBytes}) break fast;
      out.push(${literal(columns, (slot) => values[slot])});
      continue;
    }
    at = slow(row);
    if (at < 0) return row;
  }
  return at;
};`;
}

/** Moves to the first byte of the next field. */
function nextField(delimiter: number): string {
  return `if (c !== ${delimiter} || ++at >= whole) break fast; c = bytes[at];`;
}

/** Moves behind a field that is not read. */
function skip(dialect: CsvDialect): string {
  const plain = `while (c !== ${dialect.delimiter} && c !== 10) c = bytes[++at];`;
  return dialect.quote < 0 ? plain : `if (c === ${dialect.quote}) { ${quoted(dialect, '')} } else { ${plain} }`;
}

/**
 * From an opening quote to the byte behind the closing one. Behind the first of two quotes no delimiter stands, so that
 * escapes end up on the slow way.
 */
function quoted(dialect: CsvDialect, each: string): string {
  const { quote } = dialect;
  const bail: string[] = [];
  if (dialect.escapedBy !== quote && dialect.escapedBy >= 0) bail.push(`c === ${dialect.escapedBy}`);
  if (!dialect.quotedNewlines) bail.push('c === 10');
  const check = bail.length === 0 ? '' : `if (${bail.join(' || ')}) break fast; `;
  return `s = ++at; while (at < whole && (c = bytes[at]) !== ${quote}) { ${check}${each}at++; }
      e = at; if (++at >= whole) break fast; c = bytes[at];`;
}

function read(column: CsvColumn, slot: number, last: boolean, dialect: CsvDialect): string {
  return column.type === 'string' ? readString(column, slot, last, dialect) : readOther(column, slot, last, dialect);
}

function readString({ nullable }: CsvColumn, slot: number, last: boolean, dialect: CsvDialect): string {
  const { delimiter, quote } = dialect;
  const target = `v${slot}`;
  const trim = last ? 'if (c === 10 && e > s && bytes[e - 1] === 13) e--;' : '';
  const plain = `s = at; while (c !== ${delimiter} && c !== 10) { high |= c; c = bytes[++at]; } e = at; ${trim}`;
  const refill = `base = s; top = Math.max(e, Math.min(s + ${PIECE_BYTES}, whole)); text = bytes.latin1Slice(base, top);`;
  const slice = `if (high < 128) { if (e > top) { ${refill} } ${target} = text.slice(s - base, e - base); }
      else ${target} = bytes.utf8Slice(s, e);`;
  const take = nullable ? `if (${nullTest(dialect)}) ${target} = null; else { ${slice} }` : slice;
  if (quote < 0) return `high = 0; ${plain} ${take}`;
  return `high = 0;
      if (c === ${quote}) { ${quoted(dialect, 'high |= c; ')} ${slice} }
      else { ${plain} ${take} }`;
}

/** Condition under which the plain field from `s` to `e` is null. */
function nullTest({ nulls }: CsvDialect): string {
  if (nulls.length === 0) return 'false';
  if (nulls.every((value) => value.length === 0)) return 's === e';
  const lengths = [...new Set(nulls.map((value) => value.length))].map((length) => `e - s === ${length}`);
  return `(${lengths.join(' || ')}) && isNull(bytes, s, e)`;
}

function readOther({ type, nullable }: CsvColumn, slot: number, last: boolean, dialect: CsvDialect): string {
  const { delimiter, nulls } = dialect;
  const target = `v${slot}`;
  const endsHere = last ? 'c === 10 || c === 13' : `c === ${delimiter}`;
  const empty = nullable && nulls.some((value) => value.length === 0) ? `${target} = null;` : 'break fast;';
  // Only null values that could be taken for values are looked for here: the others are no values, so the slow way gets
  // to see them.
  const look = nullable && nulls.some((value) => /^([\d.+-]|true$|false$)/i.test(value.latin1Slice()));
  const check = look ? `if (isNull(bytes, s, at)) ${target} = null; else ` : '';
  if (type === 'int') {
    return `s = at; if (c === 45) c = bytes[++at];
      e = at; value = 0; while (c >= 48 && c <= 57) { value = value * 10 + (c - 48); c = bytes[++at]; }
      if (at === e) { if (at === s && (${endsHere})) { ${empty} } else break fast; }
      else if (at - e > 15) break fast;
      else ${check}${target} = e === s ? value : 0 - value;`;
  }
  const parse = type === 'float' ? 'floatOf' : type === 'bigint' ? 'bigintOf' : 'booleanOf';
  const failed = type === 'float' ? `${target} !== ${target}` : `${target} === undefined`;
  return `s = at; while (c !== ${delimiter} && c !== 10 && c !== 13) c = bytes[++at];
      if (at === s) { ${empty} }
      else ${check}{ ${target} = ${parse}(bytes, s, at); if (${failed}) break fast; }`;
}
