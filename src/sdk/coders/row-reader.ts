import type { ByteReader } from './byte-reader.ts';
import type { RowField } from './row-coder.ts';
import { setField } from './shape-table.ts';

/** Reads the values of a row of which no field is null. */
export type ReadRow = (input: ByteReader) => Record<string, unknown>;

/**
 * A reader that makes the row as one object literal, so that all rows share a hidden class and every field has a call
 * site of its own. Where fields are encoded in another order than the schema's, or the process forbids code generation,
 * a loop does the same.
 */
export function compileRowReader(encoded: readonly RowField[], inSchema: readonly RowField[]): ReadRow {
  if (encoded.every((field, i) => field === inSchema[i])) {
    const names = encoded.map((_, i) => `c${i}`);
    const fields = encoded.map((field, i) => `[${JSON.stringify(field.name)}]: c${i}.decode(input, true)`);
    try {
      const make = new Function(...names, `return (input) => ({ ${fields.join(', ')} });`);
      return make(...encoded.map((field) => field.coder)) as ReadRow;
    } catch (error) {
      if (!(error instanceof EvalError)) throw error;
    }
  }
  return (input) => {
    const row: Record<string, unknown> = {};
    for (const field of inSchema) setField(row, field.name, undefined);
    for (const field of encoded) setField(row, field.name, field.coder.decode(input, true));
    return row;
  };
}
