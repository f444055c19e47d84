import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IoError, PipelineError } from '../../../sdk/errors.ts';
import { plainError, reviveError } from './plain-error.ts';

class DataError extends IoError {}

/** As an error gets from one thread to another. */
const across = (error: unknown): Error => reviveError(structuredClone(plainError(error)), { attempt: 2 });

test('an error of Millrace keeps class, code, context, cause and the frames of its stack', () => {
  const error = new IoError('GONE', 'The file is gone', { resource: 'a.txt', cause: new RangeError('why') });
  const revived = across(error);
  assert.ok(revived instanceof IoError);
  assert.equal(revived.code, 'GONE');
  assert.deepEqual(revived.context.resource, 'a.txt');
  assert.equal(revived.context.attempt, 2);
  assert.equal((revived.cause as Error).message, 'why');
  assert.match(revived.stack ?? '', /plain-error\.test\.ts/);
});

test('a subclass arrives as the nearest class that is known, under its own name', () => {
  const revived = across(new DataError('BAD_VALUE', 'No number'));
  assert.ok(revived instanceof IoError);
  assert.equal(revived.name, 'DataError');
});

test('other errors and thrown values stay readable', () => {
  const revived = across(new TypeError('no'));
  assert.deepEqual([revived.name, revived.message], ['TypeError', 'no']);
  assert.equal(across('text').message, 'text');
  assert.equal(across(null).message, 'null');
});

test('only a wrong pipeline is fatal', () => {
  assert.equal(plainError(new PipelineError('X', 'x')).fatal, true);
  assert.equal(plainError(new IoError('X', 'x')).fatal, false);
});

test('whatever is thrown becomes plain data', () => {
  const odd = new Error('odd');
  Object.defineProperties(odd, { stack: { value: [() => 1] }, name: { value: Symbol('name') } });
  for (const thrown of [Object.create(null), Symbol('s'), undefined, null, 5n, () => 1, odd]) {
    const plain = plainError(thrown);
    assert.deepEqual(structuredClone(plain), plain);
    assert.ok(reviveError(plain) instanceof Error);
  }
});
