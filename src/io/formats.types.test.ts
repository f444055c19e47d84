/** Type tests: what is inferred is checked by `Equal`, and what must not compile stands below `@ts-expect-error`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecordBatch } from 'apache-arrow';
import { coders, type PCollection, Pipeline } from '../sdk/index.ts';
import {
  type BadRecord,
  type Example,
  readArrow,
  readAvro,
  readCsv,
  readParquet,
  readTfExample,
  readTfRecord,
  readTfSequenceExample,
  type SequenceExample,
  writeArrow,
  writeParquet,
  writeTfExample,
  writeTfRecord,
} from './index.ts';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const check = <_T extends true>() => {};

test('the types of sources follow from their options', () => {
  const p = new Pipeline();
  const records = p.apply(readTfRecord('x'));
  check<Equal<typeof records, PCollection<Uint8Array>>>();
  const dead = p.apply(readTfRecord('x', { onError: 'deadLetter' }));
  check<Equal<typeof dead.errors, PCollection<BadRecord>>>();

  const examples = p.apply(readTfExample('x'));
  check<Equal<typeof examples, PCollection<Example<bigint, Uint8Array>>>>();
  const easy = p.apply(readTfExample('x', { int64: 'number', bytes: 'auto' }));
  check<Equal<typeof easy, PCollection<Example<number, string | Uint8Array>>>>();
  const sequences = p.apply(readTfSequenceExample('x', { bytes: 'string' }));
  check<Equal<typeof sequences, PCollection<SequenceExample<bigint, string>>>>();

  const rows = p.apply(readTfExample('x', { columns: { n: 'int', b: 'bigint?', s: 'string[]', raw: 'bytes' } }));
  type Row = {
    readonly n: number;
    readonly b: bigint | null;
    readonly s: readonly string[];
    readonly raw: Uint8Array;
  };
  check<Equal<typeof rows, PCollection<Row>>>();

  const untyped = p.apply(readAvro('x'));
  check<Equal<typeof untyped, PCollection<Readonly<Record<string, unknown>>>>>();
  const typed = p.apply(readParquet<{ a: number }>('x'));
  check<Equal<typeof typed, PCollection<{ a: number }>>>();
  const coded = p.apply(readParquet('x', { coder: coders.row({ a: coders.double }) }));
  check<Equal<typeof coded, PCollection<{ readonly a: number }>>>();
  const batches = p.apply(readArrow('x', { as: 'batches' }));
  check<Equal<typeof batches, PCollection<RecordBatch>>>();

  // @ts-expect-error no such kind
  assert.throws(() => readTfExample('x', { columns: { a: 'double' } }), { code: 'OPTION_INVALID' });
  // @ts-expect-error no such policy
  assert.throws(() => readTfRecord('x', { onError: 'ignore' }), { code: 'OPTION_INVALID' });
  // @ts-expect-error no such form
  assert.throws(() => readParquet('x', { as: 'columns' }), { code: 'OPTION_INVALID' });
});

test('sinks take what fits them', () => {
  const p = new Pipeline();
  const columns = { fare: 'float', company: 'string?' } as const;
  p.apply(readCsv('x', { schema: columns })).apply(writeTfExample('memory://types/a', { columns }));
  const batches = p.apply(readArrow('x', { as: 'batches' }));
  batches.apply(writeParquet('memory://types/b'));
  batches.apply(writeArrow('memory://types/c'));
  // @ts-expect-error the collection lacks a column
  p.create([{ fare: 1 }]).apply(writeTfExample('memory://types/d', { columns }));
  // @ts-expect-error strings are no records
  p.create(['text']).apply(writeTfRecord('memory://types/e'));
  // @ts-expect-error numbers are no rows
  p.create([1]).apply(writeParquet('memory://types/f'));
});
