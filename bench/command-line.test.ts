import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCommandLine } from './command-line.ts';

test('all is every workload and check', () => {
  const options = parseCommandLine(['all', '--against', 'hand,duckdb', '--threads', '1', '--scale', '0.5']);
  assert.deepEqual(options?.what, ['W1', 'W2', 'W3', 'W4', 'W5', 'W6', 'W7', 'growth', 'start']);
  assert.deepEqual(options?.against, ['hand', 'duckdb']);
  assert.equal(options?.scale, 0.5);
});

test('without anything to run there is help', () => {
  assert.equal(parseCommandLine([]), undefined);
  assert.equal(parseCommandLine(['W1', '--help']), undefined);
});

test('what cannot be is named', () => {
  assert.throws(() => parseCommandLine(['W9']), /there is no W9; choose from W1, /);
  assert.throws(() => parseCommandLine(['W1', '--runs', '0']), /--runs must be a whole number above 0/);
  assert.throws(() => parseCommandLine(['W1', '--scale', 'big']), /--scale must be a number above 0/);
  assert.throws(() => parseCommandLine(['W1', '--against', 'spark']), /knows hand, duckdb, .* not spark/);
});
