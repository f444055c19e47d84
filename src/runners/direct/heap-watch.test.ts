import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeapWatch } from './heap-watch.ts';

test('the heap is kept small from an eighth of the budget on until it is down to a sixteenth', () => {
  const watch = new HeapWatch(1000);
  const states = [100, 126, 124, 63, 62, 125].map((bytes) => {
    watch.look(bytes);
    return watch.isTight;
  });
  assert.deepEqual(states, [false, true, true, true, false, false]);
});

test('a watch that is closed lets the heap alone', () => {
  const watch = new HeapWatch(1);
  watch.look();
  assert.equal(watch.isTight, true);
  watch.close();
  assert.equal(watch.isTight, false);
  watch.close();
});
