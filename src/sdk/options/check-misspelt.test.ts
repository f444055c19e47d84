import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pipeline } from '../index.ts';
import { checkMisspelt } from './check-misspelt.ts';

const KNOWN = ['process', 'setup', 'finishBundle', 'requiresTimeSortedInput', 'state'];

test("members that are all but one of those that are looked for are refused, others are the user's own", () => {
  for (const [typed, meant] of [
    ['finishBundel', 'finishBundle'],
    ['requireTimeSortedInput', 'requiresTimeSortedInput'],
    ['states', 'state'],
  ]) {
    assert.throws(() => checkMisspelt('it', { [typed]: 1 }, KNOWN), {
      code: 'MEMBER_UNKNOWN',
      message: new RegExp(`'${typed}' of it[\\s\\S]*did you mean '${meant}'`),
    });
  }
  for (const own of ['processOne', 'set', 'first', 'bundle', 'sorted', 'toString', 'constructor']) {
    checkMisspelt('it', { [own]: 1 }, KNOWN);
  }
});

test('methods of classes are looked at, too', () => {
  class Base {
    proces() {}
  }
  class Own extends Base {
    helper() {}
  }
  assert.throws(() => checkMisspelt('it', new Own(), KNOWN), { code: 'MEMBER_UNKNOWN' });
});

test('a misspelt member of a DoFn is refused when it is applied', () => {
  const numbers = new Pipeline().create([1]);
  const fn = { process: (n: number) => [n], teardwn() {} };
  assert.throws(() => numbers.parDo('x', fn), { code: 'MEMBER_UNKNOWN', message: /did you mean 'teardown'/ });
});
