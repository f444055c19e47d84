import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeRunner } from '../../../../test/support/fake-runner.ts';
import { Elements } from '../../../model/fn-execution.ts';
import { GrpcChannel } from '../../rpc/grpc-channel.ts';
import { BundleInboxes } from './bundle-inboxes.ts';
import { DataStream } from './data-stream.ts';

test('timers that come in one message with elements come before them', async (t) => {
  const runner = new FakeRunner();
  await runner.start();
  const inboxes = new BundleInboxes(() => {});
  const stream = new DataStream(new GrpcChannel(runner.endpoint), inboxes);
  t.after(() => {
    stream.end();
    runner.stop();
  });
  const inbox = inboxes.open('b', { source: 'in', timers: [{ transform: 'step', family: 'due' }] });
  const message = Elements.encode({
    data: [{ instructionId: 'b', transformId: 'in', data: Uint8Array.of(1), isLast: true }],
    timers: [
      { instructionId: 'b', transformId: 'step', timerFamilyId: 'due', timers: Uint8Array.of(2), isLast: false },
      { instructionId: 'b', transformId: 'step', timerFamilyId: 'due', timers: Uint8Array.of(3), isLast: true },
    ],
  });
  stream.receive(Elements.decode(message));
  const bytes: number[] = [];
  for (let chunk = await inbox.next(); chunk !== undefined; chunk = await inbox.next()) bytes.push(chunk.bytes[0]);
  assert.deepEqual(bytes, [2, 3, 1]);
});
