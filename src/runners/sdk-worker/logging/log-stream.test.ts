import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { BeamFnLogging, type LogControl, type LogEntryList, LogEntrySeverity } from '../../../model/fn-execution.ts';
import { GrpcChannel } from '../../rpc/grpc-channel.ts';
import { GrpcServer } from '../../rpc/grpc-server.ts';
import { LogStream } from './log-stream.ts';

test('a runner that takes nothing is told later how much was dropped', async () => {
  const called = Promise.withResolvers<ServerDuplexStream<LogEntryList, Partial<LogControl>>>();
  const server = new GrpcServer();
  server.add(BeamFnLogging, { logging: (call) => called.resolve(call) });
  const log = new LogStream(new GrpcChannel(await server.listen()), () => 0);
  const COUNT = 1000;
  // What has no room in connections and buffers is four times what may wait.
  for (let i = 0; i < COUNT; i++) log.tell(LogEntrySeverity.INFO, 'x'.repeat(100_000));
  const call = await called.promise;
  let received = 0;
  for await (const { logEntries } of call as AsyncIterable<LogEntryList>) {
    const told = logEntries.map(({ message }) => /^(\d+) messages were dropped$/.exec(message)?.[1]);
    received += told.filter((dropped) => dropped === undefined).length;
    const dropped = told.find((each) => each !== undefined);
    if (dropped === undefined) continue;
    assert.equal(received + Number(dropped), COUNT);
    assert.ok(Number(dropped) > COUNT / 2, dropped);
    break;
  }
  log.end();
  server.close();
});
