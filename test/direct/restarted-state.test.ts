import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshFolder } from '../support/fresh-folder.ts';
import { runProgram } from './run-program.ts';

test('another process reads the objects that state and groups have kept', async (t) => {
  const folder = freshFolder(t);
  const first = await runProgram('objects-in-state.ts', { args: [folder, '5'] });
  assert.equal(first.stderr, '');
  assert.equal(first.stdout.trim().split('\n').length, 6);
  const second = await runProgram('objects-in-state.ts', { args: [folder, '7'] });
  assert.equal(second.stderr, '');
  assert.deepEqual(second.stdout.trim().split('\n').sort(), [
    'customer 0 has item 0 0 EUR,item 3 3 EUR,item 6 6 EUR',
    'customer 0: item 0 0,item 3 3,item 6 6',
    'customer 1 has item 1 1 EUR,item 4 4 EUR,item 7 7 EUR',
    'customer 1: item 1 1,item 4 4',
    'customer 2: item 2 2,item 5 5',
  ]);
});
