import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { IoError, MillraceError, UserCodeError } from './errors.ts';

test('the message tells all that is known, and what to do last', () => {
  const error = new UserCodeError('USER_CODE', 'TypeError: no', {
    hint: 'say yes',
    attempt: 2,
    element: "'x'",
    resource: 'a.txt at byte 7',
    location: 'a.ts:1:2',
    transform: 'Parse',
  });
  assert.deepEqual(error.message.split('\n'), [
    'TypeError: no [USER_CODE]',
    '  transform: Parse',
    '  at:        a.ts:1:2',
    '  resource:  a.txt at byte 7',
    "  element:   'x'",
    '  attempt:   2',
    '  hint:      say yes',
  ]);
  assert.equal(error.name, 'UserCodeError');
  assert.equal(error.summary, 'TypeError: no');
});

test('the code stands behind the first line of a long summary', () => {
  const { message } = new MillraceError('DIFFERS', 'two lines differ:\n  - a\n  + b', { transform: 'T' });
  assert.equal(message, 'two lines differ: [DIFFERS]\n  - a\n  + b\n  transform: T');
});

test('what an error knows is kept when more is learnt', () => {
  const cause = new Error('why');
  const error = new IoError('IO', 'failed', { resource: 'a', cause });
  const more = error.with({ resource: 'b', transform: 'Read' });
  assert.ok(more instanceof IoError);
  assert.deepEqual(more.context, { resource: 'a', transform: 'Read', cause });
  assert.equal(more.cause, cause);
  assert.match(more.stack ?? '', /^IoError: failed \[IO\]\n {2}transform: Read\n {2}resource: {2}a\n {4}at /);
});

test('is printed without saying anything twice', () => {
  const printed = inspect(new IoError('IO', 'failed', { hint: 'try again', cause: new Error('why') }));
  assert.equal(printed.match(/try again/g)?.length, 1);
  assert.equal(printed.match(/failed/g)?.length, 1);
  assert.equal(printed.match(/Error: why/g)?.length, 1);
  assert.match(printed, /code: 'IO'/);
});
