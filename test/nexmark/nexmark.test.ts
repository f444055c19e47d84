import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NexmarkQuery } from '../../examples/nexmark/queries/index.ts';
import { queries } from '../../examples/nexmark/queries/index.ts';
import { readNexmark } from '../../examples/nexmark/source.ts';
import { Pipeline, timestamp } from '../../src/sdk/index.ts';
import { referenceAnswers } from './reference.ts';

const EVENTS = 12_000;
const STREAM = { start: timestamp('2026-01-01T12:00:00Z'), rate: 300 };

async function answer(query: NexmarkQuery, bounded: boolean): Promise<readonly unknown[]> {
  const p = new Pipeline({ threads: 0 });
  const kept = query(p.apply(readNexmark({ ...STREAM, events: EVENTS, bounded }))).collect('Answer');
  return (await p.run()).elements(kept);
}

/** Answers come in any order; averages may differ in their last digits. */
function canonical(results: readonly unknown[]): string[] {
  const rounded = (_: string, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(12)) : value);
  return results.map((result) => JSON.stringify(result, rounded)).sort();
}

const expected = referenceAnswers(STREAM, EVENTS);

for (const [name, query] of Object.entries(queries)) {
  test(`Nexmark ${name} gives the answer of a plain computation`, async () => {
    assert.ok(expected[name].length > 0, 'the answer must not be empty');
    assert.deepEqual(canonical(await answer(query, false)), canonical(expected[name]), 'as a stream');
    assert.deepEqual(canonical(await answer(query, true)), canonical(expected[name]), 'as a batch');
  });
}
