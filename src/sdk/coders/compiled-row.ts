import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { RowField } from './row-coder.ts';

/** The null bits of a row of so many fields are one small integer. */
const MAX_FIELDS = 31;

/** Straight-line code for rows of one schema. */
export interface CompiledRow {
  /**
   * Writes count, bitmap and fields. Returns false, with an unfinished row written, where a field that is not nullable
   * has no value.
   */
  readonly write: (row: object, out: ByteWriter) => boolean;
  /** Reads the fields; `nulls` has the bits of those that are null, which must be nullable ones. */
  readonly read: (input: ByteReader, nulls: number) => object;
  /** Bits of the fields that may be null. */
  readonly nullable: number;
}

/**
 * Reading makes the row as one object literal, so that all rows share a hidden class, and every field has call sites of
 * its own, which a loop over coders has not.
 *
 * @param fields in the order of the schema and of the encoding.
 * @returns undefined for too many fields, and where the process forbids code generation.
 */
export function compileRow(fields: readonly RowField[]): CompiledRow | undefined {
  if (fields.length > MAX_FIELDS) return undefined;
  let nullable = 0;
  for (const [i, field] of fields.entries()) if (field.absent !== undefined) nullable |= 1 << i;
  const coders = fields.map((_, i) => `c${i}`);
  const make = (body: string) => new Function(...coders, body)(...fields.map((field) => field.coder));
  try {
    return { write: make(writerBody(fields, nullable)), read: make(readerBody(fields)), nullable };
  } catch (error) {
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}

/** Names come from other systems: they are only ever string literals in the code. */
function writerBody(fields: readonly RowField[], nullable: number): string {
  const bytes = (fields.length + 7) >> 3;
  const bitmap = Array.from({ length: bytes }, (_, i) => `out.byte(nulls >> ${8 * i});`).join(' ');
  return `return (row, out) => {
    let nulls = 0;
    ${fields.map(({ name }, i) => `const v${i} = row[${JSON.stringify(name)}]; if (v${i} == null) nulls |= ${1 << i};`).join('\n')}
    if ((nulls & ${~nullable}) !== 0) return false;
    out.byte(${fields.length});
    if (nulls === 0) out.byte(0);
    else { out.byte(${bytes}); ${bitmap} }
    ${fields.map(({ absent }, i) => `${absent ? `if ((nulls & ${1 << i}) === 0) ` : ''}c${i}.encode(v${i}, out, true);`).join('\n')}
    return true;
  };`;
}

function readerBody(fields: readonly RowField[]): string {
  const literal = fields.map(({ name, absent }, i) => {
    const present = `c${i}.decode(input, true)`;
    const value = absent === undefined ? present : `(nulls & ${1 << i}) !== 0 ? ${absent.value} : ${present}`;
    // A computed name defines a property even where it is `__proto__`.
    return `[${JSON.stringify(name)}]: ${value}`;
  });
  return `return (input, nulls) => ({ ${literal.join(', ')} });`;
}
