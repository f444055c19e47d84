import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns } from './turns.ts';

test('who shares a name waits for those who came before, and nobody else', async () => {
  const turns = new Turns();
  const log: string[] = [];
  const gates = new Map<string, () => void>();
  const work = (id: string, names: readonly string[]) =>
    turns.take(names, async () => {
      log.push(`${id} begins`);
      await new Promise<void>((resolve) => gates.set(id, resolve));
      log.push(`${id} ends`);
    });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const all = [work('1', ['a', 'b']), work('2', ['b', 'c']), work('3', ['c']), work('4', ['d']), work('5', [])];
  await settled();
  assert.deepEqual(log.sort(), ['1 begins', '4 begins', '5 begins']);
  gates.get('1')?.();
  await settled();
  assert.equal(log.at(-1), '2 begins');
  gates.get('2')?.();
  await settled();
  assert.equal(log.at(-1), '3 begins');
  for (const id of ['3', '4', '5']) gates.get(id)?.();
  await Promise.all(all);
});

test('a failure gives the turn on', async () => {
  const turns = new Turns();
  const failing = turns.take(['a'], () => Promise.reject(new Error('no')));
  const next = turns.take(['a'], async () => 'done');
  await assert.rejects(failing, /no/);
  assert.equal(await next, 'done');
});
