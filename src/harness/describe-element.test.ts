import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeElement, ELEMENT_EXCERPT } from './describe-element.ts';

test('an element is described in one line, whatever it is', () => {
  const nested = { a: [{ b: [{ c: [1] }] }] };
  const unfriendly = Object.defineProperty({}, 'x', {
    enumerable: true,
    get() {
      throw new Error('no');
    },
  });
  const elements = [nested, ['k', [[[[1]]]]], 'two\nlines', unfriendly, Symbol('s'), 'x'.repeat(1000), undefined];
  for (const element of elements) {
    const text = describeElement(element);
    assert.ok(!text.includes('\n'), text);
    assert.ok(text.length <= ELEMENT_EXCERPT + 30, text);
  }
  assert.equal(describeElement(nested), '{ a: [ { b: [ [Object] ] } ] }');
});

test('grouped values are not read', () => {
  function* lazy() {
    yield 1;
  }
  assert.equal(describeElement(['k', lazy()]), "[ 'k', '<iterable>' ]");
});
