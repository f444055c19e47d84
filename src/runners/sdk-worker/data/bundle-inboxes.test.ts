import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunnerError } from '../../../sdk/errors.ts';
import { BundleInboxes } from './bundle-inboxes.ts';

const MIB = 1024 * 1024;
const READS = { source: 'in', timers: [] };

/** With what the streams were told. */
function inboxes(): { all: BundleInboxes; told: boolean[] } {
  const told: boolean[] = [];
  return { all: new BundleInboxes((isFull) => told.push(isFull)), told };
}

/** As a stream gives it when it has come. */
function receive(all: BundleInboxes, instruction: string, bytes: number, isLast = false): void {
  all.of(instruction)?.data('in', new Uint8Array(bytes), isLast);
  all.weigh();
}

test('what a bundle at work does not take stops all streams, until it has taken half of it', async () => {
  const { all, told } = inboxes();
  const inbox = all.open('b', READS);
  for (let i = 0; i < 64; i++) receive(all, 'b', MIB);
  assert.deepEqual(told, []);
  receive(all, 'b', 1);
  assert.deepEqual(told, [true]);
  for (let i = 0; i < 33; i++) await inbox.next();
  assert.deepEqual(told, [true, false]);
});

test('what waits for a bundle that has not begun stops the streams only while those at work need nothing more', () => {
  const { all, told } = inboxes();
  receive(all, 'later', 65 * MIB);
  assert.deepEqual(told, [], 'none is at work');
  all.open('first', READS);
  all.open('second', READS);
  receive(all, 'first', 1, true);
  assert.deepEqual(told, [], 'the second has not come whole');
  receive(all, 'second', 1, true);
  assert.deepEqual(told, [true]);
  all.close('first');
  assert.deepEqual(told, [true]);
  all.close('second');
  assert.deepEqual(told, [true, false]);
  receive(all, 'later', 1, true);
  all.open('later', READS);
  assert.deepEqual(told, [true, false, true], 'it is at work now');
});

test('a bundle that takes its turn lets the streams go on, where not all of it has come', () => {
  const { all, told } = inboxes();
  all.open('first', READS);
  receive(all, 'first', 0, true);
  receive(all, 'later', 10 * MIB);
  receive(all, 'last', 60 * MIB);
  assert.deepEqual(told, [true]);
  all.open('later', READS);
  assert.deepEqual(told, [true, false]);
});

test('what comes for a bundle that failed before it began is dropped, but not that of one at work', () => {
  const { all } = inboxes();
  receive(all, 'failed', MIB);
  all.drop('failed');
  assert.equal(all.of('failed'), undefined);
  all.open('b', READS);
  receive(all, 'b', MIB);
  all.drop('b');
  assert.equal(all.of('b')?.bytes, MIB);
});

test('a bundle whose elements have come in part by a stream that broke fails when it begins', async () => {
  const { all } = inboxes();
  const [broken, other] = [{}, {}];
  receive(all, 'b', MIB);
  all.of('b')?.readFrom(broken);
  all.of('c')?.readFrom(other);
  all.fail(broken, new RunnerError('RUNNER_GONE', 'It is gone'));
  assert.equal(all.of('b')?.bytes, 0);
  await assert.rejects(all.open('b', READS).next(), { code: 'RUNNER_GONE' });
  receive(all, 'c', 1, true);
  const inbox = all.open('c', READS);
  assert.equal((await inbox.next())?.bytes.length, 1);
  assert.equal(await inbox.next(), undefined);
});
