import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stringCoder } from '../coders/string-coder.ts';
import { int64Coder } from '../coders/varint-coder.ts';
import { Pipeline } from '../pipeline/pipeline.ts';
import { asIterable, asList } from '../transforms/side-input.ts';
import { fixed } from '../windows/fixed-windows.ts';
import type { Duration } from '../windows/timestamp.ts';
import { describeGraph, firstDifference } from './fingerprint.ts';

const sum = {
  name: 'Sum',
  create: () => 0,
  add: (a: number, b: number) => a + b,
  merge: (parts: Iterable<number>) => [...parts].reduce((a, b) => a + b, 0),
  extract: (a: number) => a,
};

interface Variation {
  readonly step?: string;
  readonly filter?: boolean;
  readonly coder?: boolean;
  readonly size?: Duration;
  readonly timestampCombiner?: 'latest';
  readonly combiner?: string;
  readonly accumulator?: boolean;
  readonly list?: boolean;
  readonly extra?: boolean;
}

function lines(variation: Variation = {}, options?: Record<string, unknown>): string[] {
  const p = new Pipeline();
  const numbers = p.create([1, 2, 3]);
  const named = variation.coder ? p.create(['a'], stringCoder) : p.create(['a']);
  const step = variation.filter
    ? numbers.filter(variation.step ?? 'step', (n) => n > 1)
    : numbers.map(variation.step ?? 'step', (n) => n + 1);
  step
    .keyBy('key', (n) => n % 2)
    .window(
      fixed(variation.size ?? '1h'),
      variation.timestampCombiner === undefined ? {} : { timestampCombiner: variation.timestampCombiner },
    )
    .combinePerKey(
      {
        ...sum,
        name: variation.combiner ?? 'Sum',
        ...(variation.accumulator ? { coder: int64Coder as never } : {}),
      },
      { name: 'Total' },
    );
  const names = variation.list ? asList(named) : asIterable(named);
  numbers.parDo('named', { sides: { names }, process: (n) => [n] });
  if (variation.extra) numbers.map('extra', (n) => n);
  return describeGraph(p.graph, options);
}

describe('describeGraph', () => {
  it('is the same for the same program', () => {
    assert.deepEqual(lines(), lines());
    assert.equal(firstDifference(lines(), lines()), undefined);
  });

  it('does not depend on the order of options', () => {
    assert.deepEqual(lines({}, { a: 1n, b: ['x'] }), lines({}, { b: ['x'], a: 1n }));
  });

  const variations: readonly (readonly [what: string, variation: Variation, message: RegExp])[] = [
    ['a name', { step: 'other' }, /only this program has: transform 'step'/],
    ['a kind', { filter: true }, /transform 'step' parDo map .*; the other one: transform 'step' parDo filter/],
    ['a coder', { coder: true }, /collection 'Create#2\/Elements\.main' of millrace:coder:value.*string_utf8/],
    ['a window size', { size: '2h' }, /collection 'Window\.main' .*fixed_windows.*the other one: .*fixed_windows/],
    ['a timestamp combiner', { timestampCombiner: 'latest' }, /endOfWindow.*latest/],
    ['a combiner', { combiner: 'Max' }, /combinePerKey Sum .*combinePerKey Max/],
    ['an accumulator coder', { accumulator: true }, /the other one: .*accumulators beam:coder:varint:v1/],
    ['a side input view', { list: true }, /side 'names' iterable.*side 'names' list/],
    ['a transform more', { extra: true }, /only the other program has: transform 'extra'/],
  ];
  for (const [what, variation, message] of variations) {
    it(`shows the difference in ${what}`, () => {
      assert.match(firstDifference(lines(), lines(variation)) ?? '', message);
      assert.notEqual(firstDifference(lines(variation), lines()), undefined);
    });
  }

  it('shows the difference in an option', () => {
    const difference = firstDifference(lines({}, { n: 1, s: 'a' }), lines({}, { n: 2, s: 'a' }));
    assert.equal(difference, "this program has: option 'n' = 1; the other one: option 'n' = 2");
    assert.match(firstDifference(lines(), lines({}, { n: 1 })) ?? '', /only the other program has: option 'n' = 1/);
  });
});
