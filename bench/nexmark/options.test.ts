import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseNexmarkOptions } from './options.ts';

test('everything is measured unless the command line says otherwise', () => {
  const options = parseNexmarkOptions([]);
  assert.equal(options?.queries.length, 15);
  assert.deepEqual(options?.parts, ['throughput', 'latency', 'checkpoint', 'restart', 'keys']);
  const some = parseNexmarkOptions(['--queries', 'q5,q0', '--parts', 'keys', '--events', '1000']);
  assert.deepEqual(some?.queries, ['q0', 'q5']);
  assert.deepEqual(some?.parts, ['keys']);
  assert.equal(some?.events, 1000);
  assert.equal(parseNexmarkOptions(['--help']), undefined);
});

test('what cannot be is named', () => {
  assert.throws(() => parseNexmarkOptions(['--queries', 'q0,q99']), /--queries knows q0, .* not q99/);
  assert.throws(() => parseNexmarkOptions(['--parts', 'speed']), /--parts knows throughput, .* not speed/);
  assert.throws(() => parseNexmarkOptions(['--runs', '0']), /--runs must be a whole number above 0/);
});
