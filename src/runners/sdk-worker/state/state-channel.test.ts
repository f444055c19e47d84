import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { keyName, type StateService, startStateService } from '../../../../test/support/state-service.ts';
import { RunnerError } from '../../../sdk/errors.ts';
import { StateChannels } from './state-channels.ts';

let service: StateService;
let channels: StateChannels;

before(async () => {
  service = await startStateService();
  channels = new StateChannels({ workerId: 'worker-7', answerMillis: 20_000 });
});

after(async () => {
  await channels.close();
  await service.close();
});

const NONE = new Uint8Array();
const bag = (userStateId: string, transformId = 't') => ({
  stateKey: { bagUserState: { transformId, userStateId, window: NONE, key: Buffer.from('k') } },
});
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();
const failsWith = (code: string, message?: RegExp) => (error: unknown) => {
  assert.ok(error instanceof RunnerError);
  assert.equal(error.code, code);
  if (message !== undefined) assert.match(error.message, message);
  return true;
};

test('a request is answered at once, and sees the writes before it', async () => {
  const channel = channels.of(service.endpoint);
  assert.equal(text(channel.request('i', { ...bag('plain'), get: {} }).get?.data), '');
  for (const data of ['a', 'b', 'c']) channel.write('i', { ...bag('plain'), append: { data: Buffer.from(data) } });
  assert.equal(text(channel.request('i', { ...bag('plain'), get: {} }).get?.data), 'abc');
  channel.write('i', { ...bag('plain'), clear: {} });
  channel.write('i', { ...bag('plain'), append: { data: Buffer.from('d') } });
  await channel.flush('i');
  const contents = await service.contents('t');
  assert.equal(text(contents.get(keyName('t', 'plain', NONE, Buffer.from('k')))), 'd');
  assert.deepEqual(await service.workers(), ['worker-7']);
});

test('many things can be asked for at once, while others are asked for', async () => {
  const channel = channels.of(service.endpoint);
  await service.put(keyName('t', 'one', NONE, Buffer.from('k')), Buffer.from('1'));
  await service.put(keyName('t', 'two', NONE, Buffer.from('k')), Buffer.from('2'));
  const both = channel.fetch('i', [
    { ...bag('one'), get: {} },
    { ...bag('two'), get: {} },
  ]);
  assert.equal(text(channel.request('i', { ...bag('two'), get: {} }).get?.data), '2');
  assert.deepEqual(
    (await both).map(({ get }) => text(get?.data)),
    ['1', '2'],
  );
  assert.deepEqual(await channel.fetch('i', []), []);
});

test('what the runner refuses is an error with its words', async () => {
  const channel = channels.of(service.endpoint);
  assert.throws(() => channel.request('i', { ...bag('refuse'), get: {} }), failsWith('STATE_FAILED', /no such state/));
  await assert.rejects(channel.fetch('i', [{ ...bag('refuse'), get: {} }]), failsWith('STATE_FAILED'));
  channel.write('i', { ...bag('refuse'), clear: {} });
  await assert.rejects(channel.flush('i'), failsWith('STATE_FAILED', /no such state/));
  // Another bundle is none the worse for it.
  await channel.flush('i');
  channel.write('j', { ...bag('refuse'), clear: {} });
  channel.forget('j');
  await channel.flush('j');
});

test('a runner that does not answer is an error in the end', async () => {
  const hasty = new StateChannels({ workerId: 'hasty', answerMillis: 50 });
  const channel = hasty.of(service.endpoint);
  assert.throws(() => channel.request('i', { ...bag('silent'), get: {} }), failsWith('STATE_TIMEOUT'));
  await assert.rejects(channel.fetch('i', [{ ...bag('silent'), get: {} }]), failsWith('STATE_TIMEOUT'));
  channel.write('i', { ...bag('silent'), clear: {} });
  await assert.rejects(channel.flush('i'), failsWith('STATE_TIMEOUT'));
  await hasty.close();
});

test('a stream that breaks wakes who waits, and the next bundle gets a new one', async () => {
  const own = new StateChannels({ workerId: 'own', answerMillis: 20_000 });
  const channel = own.of(service.endpoint);
  const waiting = channel.fetch('i', [{ ...bag('silent'), get: {} }]);
  const rejected = assert.rejects(waiting, failsWith('RPC_UNAVAILABLE', /fallen over/));
  assert.throws(() => channel.request('i', { ...bag('break'), get: {} }), failsWith('RPC_UNAVAILABLE', /fallen over/));
  await rejected;
  assert.equal(channel.isBroken, true);
  assert.throws(() => channel.write('i', { ...bag('one'), clear: {} }), failsWith('RPC_UNAVAILABLE'));
  await assert.rejects(channel.flush('i'), failsWith('RPC_UNAVAILABLE'));
  const next = own.of(service.endpoint);
  assert.notEqual(next, channel);
  assert.equal(next.request('j', { ...bag('plain'), get: {} }).error, '');
  assert.equal(own.of(service.endpoint), next);
  await own.close();
});

test('where nobody listens, the error says so', async () => {
  const own = new StateChannels({ workerId: 'own', answerMillis: 20_000 });
  assert.throws(() => own.of('127.0.0.1:1').request('i', { ...bag('one'), get: {} }), failsWith('RPC_UNAVAILABLE'));
  await own.close();
});

test('another thread wakes who waits when the runner has stopped the worker', async () => {
  const own = new StateChannels({ workerId: 'stopped', answerMillis: 20_000 });
  const channel = own.of(service.endpoint);
  const module = JSON.stringify(new URL('./wake-signal.ts', import.meta.url).href);
  const code = `import(${module}).then(({ WakeSignal }) => new WakeSignal(require('node:worker_threads').workerData).stop())`;
  const thread = new Worker(code, { eval: true, workerData: own.signal.memory });
  assert.throws(
    () => channel.request('i', { ...bag('silent'), get: {} }),
    failsWith('STATE_CLOSED', /The runner has stopped the worker/),
  );
  await once(thread, 'exit');
  await own.close();
});

test('the end closes the streams, and what waits fails', async () => {
  const own = new StateChannels({ workerId: 'ending', answerMillis: 20_000 });
  const channel = own.of(service.endpoint);
  channel.request('i', { ...bag('plain'), get: {} });
  const waiting = channel.fetch('i', [{ ...bag('silent'), get: {} }]);
  const rejected = assert.rejects(waiting, failsWith('STATE_CLOSED'));
  await own.close();
  await rejected;
  assert.throws(() => channel.request('i', { ...bag('plain'), get: {} }), failsWith('STATE_CLOSED'));
  await new StateChannels({ workerId: 'never' }).close();
});

test('large values and many unconfirmed writes go through', async () => {
  const channel = channels.of(service.endpoint);
  const piece = Buffer.alloc(1024 * 1024, 'x');
  for (let i = 0; i < 40; i++) channel.write('big', { ...bag('big'), append: { data: piece } });
  await channel.flush('big');
  assert.equal(channel.request('big', { ...bag('big'), get: {} }).get?.data.length, 40 * piece.length);
  channel.write('big', { ...bag('big'), clear: {} });
  await channel.flush('big');
});
