/** The thread that hears a runner start and stop the workers of another thread, which may be blocked at that time. */
import { workerData } from 'node:worker_threads';
import { BeamFnExternalWorkerPool } from '../../model/fn-execution.ts';
import { GrpcServer } from '../rpc/grpc-server.ts';
import { WakeSignal } from '../sdk-worker/state/wake-signal.ts';
import type { FromLoopbackThread, LoopbackThreadData, ToLoopbackThread } from './loopback-messages.ts';

const { port } = workerData as LoopbackThreadData;
const post = (message: FromLoopbackThread): void => port.postMessage(message);

const signals = new Map<string, SharedArrayBuffer>();
const calls = new Map<number, (answer: ToLoopbackThread) => void>();
let numbers = 0;

/** Has a call answered by the other thread. */
function ask(message: (call: number) => FromLoopbackThread): Promise<ToLoopbackThread> {
  return new Promise((resolve) => {
    const call = numbers++;
    calls.set(call, resolve);
    post(message(call));
  });
}

const server = new GrpcServer();
server.add(BeamFnExternalWorkerPool, {
  async startWorker(request) {
    const answer = await ask((call) => ({ type: 'start', call, request }));
    if (answer.type !== 'started') return { error: 'The job has ended' };
    if (answer.signal !== undefined) signals.set(request.workerId, answer.signal);
    return { error: answer.error };
  },
  async stopWorker({ workerId }) {
    const signal = signals.get(workerId);
    signals.delete(workerId);
    if (signal !== undefined) new WakeSignal(signal).stop();
    await ask((call) => ({ type: 'stop', call, workerId }));
    return {};
  },
});

port.on('message', (message: ToLoopbackThread) => {
  if (message.type === 'end') {
    server.close();
    port.close();
    return;
  }
  calls.get(message.call)?.(message);
  calls.delete(message.call);
});
post({ type: 'listening', endpoint: await server.listen() });
