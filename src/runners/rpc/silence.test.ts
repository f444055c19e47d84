import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Silence } from './silence.ts';

test('a call lasts as long as something moves', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let told = 0;
  const silence = new Silence(100, () => told++);
  for (let i = 0; i < 5; i++) {
    t.mock.timers.tick(99);
    silence.heard();
  }
  assert.equal(silence.isBroken, false);
  t.mock.timers.tick(100);
  assert.equal(silence.isBroken, true);
  silence.heard();
  t.mock.timers.tick(1000);
  assert.equal(told, 1);
});

test('nobody is told of the silence after a call', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const silence = new Silence(100, () => assert.fail());
  silence.end();
  silence.heard();
  t.mock.timers.tick(1000);
  assert.equal(silence.isBroken, false);
});
