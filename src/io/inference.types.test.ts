/** Type tests: what is inferred is checked by `Equal`, and what must not compile stands below `@ts-expect-error`. */
import { test } from 'node:test';
import { type PCollection, Pipeline } from '../sdk/index.ts';
import {
  type BadRecord,
  type CsvInferredRow,
  readCsv,
  readJsonLines,
  readText,
  type WrittenFile,
  writeCsv,
  writeText,
} from './index.ts';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const check = <_T extends true>() => {};

test('the types of sources follow from their options', () => {
  const p = new Pipeline();
  const lines = p.apply(readText('x'));
  check<Equal<typeof lines, PCollection<string>>>();
  const skipped = p.apply(readText('x', { onError: 'skip' }));
  check<Equal<typeof skipped, PCollection<string>>>();
  const dead = p.apply(readText('x', { onError: 'deadLetter' }));
  check<Equal<typeof dead, { readonly main: PCollection<string>; readonly errors: PCollection<BadRecord> }>>();

  const rows = p.apply(
    readCsv('x', { schema: { name: 'string', age: 'int?', id: 'bigint', ok: 'boolean', x: 'float?' } }),
  );
  type Row = {
    readonly name: string;
    readonly age: number | null;
    readonly id: bigint;
    readonly ok: boolean;
    readonly x: number | null;
  };
  check<Equal<typeof rows, PCollection<Row>>>();
  const inferred = p.apply(readCsv('x'));
  check<Equal<typeof inferred, PCollection<CsvInferredRow>>>();
  const both = p.apply(readCsv('x', { schema: { a: 'int' }, onError: 'deadLetter' }));
  check<Equal<typeof both.main, PCollection<{ readonly a: number }>>>();
  const json = p.apply(readJsonLines<{ n: number }>('x'));
  check<Equal<typeof json, PCollection<{ n: number }>>>();
  const deadJson = p.apply(readJsonLines<{ n: number }>('x', { onError: 'deadLetter' }));
  check<Equal<typeof deadJson.main, PCollection<{ n: number }>>>();
  const validated = p.apply(readJsonLines('x', { validate: () => ({ n: 1 }), onError: 'deadLetter' }));
  check<Equal<typeof validated.main, PCollection<{ n: number }>>>();

  const written = rows.apply(writeCsv('memory://types/rows', { columns: ['name', 'age'] }));
  check<Equal<typeof written, PCollection<WrittenFile>>>();
  rows.apply('ByName', writeCsv<Row>('memory://types/by-name', { destination: (row) => row.name }));

  // What does not compile need not run.
  void (() => {
    // @ts-expect-error not a type of CSV columns
    readCsv('x', { schema: { a: 'number' } });
    // @ts-expect-error the schema says which columns are read
    readCsv('x', { schema: { a: 'int' }, columns: ['a'] });
    // @ts-expect-error without dead letters there are no errors
    p.apply(readText('x')).errors;
    // @ts-expect-error rows have no column of that name
    writeCsv<Row>('x', { columns: ['nome'] });
    // @ts-expect-error lines are strings
    rows.apply(writeText('x'));
    // @ts-expect-error an unknown way to deal with errors
    readText('x', { onError: 'ignore' });
  });
});
