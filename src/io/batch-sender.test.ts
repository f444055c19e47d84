import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchSender } from './batch-sender.ts';

test('one batch is under way while the next is gathered, and the end waits for the last', async () => {
  const sender = new BatchSender();
  const sent: string[] = [];
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const send = (name: string, arrival: Promise<void>) => () => {
    sent.push(name);
    return arrival.then(() => sent.push(`${name} arrived`));
  };
  await sender.start();
  await sender.send(send('a', first.promise));
  const next = sender.send(send('b', second.promise));
  await Promise.resolve();
  assert.deepEqual(sent, ['a']);
  first.resolve();
  await next;
  assert.deepEqual(sent, ['a', 'a arrived', 'b']);
  const end = sender.finish();
  second.resolve();
  await end;
  assert.deepEqual(sent, ['a', 'a arrived', 'b', 'b arrived']);
});

test('a failure is met at the next batch and at the end, and by the bundle that comes then no more', async () => {
  const sender = new BatchSender();
  const fail = () => Promise.reject(new Error('refused'));
  await sender.send(fail);
  await assert.rejects(
    sender.send(() => assert.fail('sent after a failure')),
    /refused/,
  );
  await assert.rejects(sender.finish(), /refused/);
  await sender.start();
  await sender.finish();
});
