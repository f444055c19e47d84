import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { StartWorkerRequest } from '../../model/fn-execution.ts';
import { messageOf, RunnerError } from '../../sdk/errors.ts';
import type { SdkWorker, SdkWorkerOptions } from '../sdk-worker/sdk-worker.ts';
import type { FromLoopbackThread, LoopbackThreadData, ToLoopbackThread } from './loopback-messages.ts';

/** Time that the thread has to end by itself. */
const CLOSE_MILLIS = 2000;

const entry = new URL('./loopback-thread.ts', import.meta.url);

/**
 * Workers in the submitting process, which the runner starts and stops by calling it: user functions are those of the
 * program, closures included. Only a runner on the same machine reaches them. The calls come to a thread of their own: user
 * code blocks this one while a runner looks state up, and Prism, when a job fails, answers no more and waits until its worker
 * has been stopped.
 */
export class LoopbackWorkers {
  readonly #workers = new Map<string, SdkWorker>();
  readonly #start: (request: StartWorkerRequest) => SdkWorker;
  readonly #onBroken: (error: unknown) => void;
  #thread: { readonly worker: Worker; readonly port: MessagePort; readonly exited: Promise<void> } | undefined;
  #isClosed = false;

  /** @param onBroken is told why a worker has ended before it was told to */
  constructor(start: (request: StartWorkerRequest) => SdkWorker, onBroken: (error: unknown) => void) {
    this.#start = start;
    this.#onBroken = onBroken;
  }

  /** Begins to answer. @returns `host:port` */
  listen(): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const { port1, port2 } = new MessageChannel();
    const data: LoopbackThreadData = { port: port2 };
    const worker = new Worker(entry, { name: 'millrace loopback', workerData: data, transferList: [port2] });
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    this.#thread = { worker, port: port1, exited };
    worker.on('error', (cause) => {
      const error = new RunnerError('LOOPBACK_LOST', 'The thread that a runner starts workers by has failed', {
        cause,
      });
      reject(error);
      if (!this.#isClosed) this.#onBroken(error);
    });
    port1.on('message', (message: FromLoopbackThread) => {
      if (message.type === 'listening') resolve(message.endpoint);
      else void this.#answer(message);
    });
    return promise;
  }

  async #answer(message: Exclude<FromLoopbackThread, { type: 'listening' }>): Promise<void> {
    const { call } = message;
    if (message.type === 'start') return this.#post(this.#startWorker(call, message.request));
    await this.#workers.get(message.workerId)?.stop();
    this.#post({ type: 'stopped', call });
  }

  #post(message: ToLoopbackThread): void {
    this.#thread?.port.postMessage(message);
  }

  /** Says why it was not started, or nothing. */
  #startWorker(call: number, request: StartWorkerRequest): ToLoopbackThread {
    const { workerId } = request;
    const refused = (error: string): ToLoopbackThread => ({ type: 'started', call, error });
    if (this.#isClosed) return refused('The job has ended');
    if (this.#workers.has(workerId)) return refused(`The worker ${workerId} is running`);
    let worker: SdkWorker;
    try {
      worker = this.#start(request);
    } catch (error) {
      return refused(messageOf(error));
    }
    this.#workers.set(workerId, worker);
    worker.done
      .catch((error: unknown) => {
        if (!this.#isClosed) this.#onBroken(error);
      })
      .finally(() => this.#workers.delete(workerId));
    return { type: 'started', call, error: '', signal: worker.signal };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(Array.from(this.#workers.values(), (worker) => worker.stop()));
    const thread = this.#thread;
    if (thread === undefined) return;
    // Node dies of a thread that is ended while it reads from a connection, so it ends by itself where it can.
    this.#post({ type: 'end' });
    const force = setTimeout(() => void thread.worker.terminate(), CLOSE_MILLIS);
    await thread.exited;
    clearTimeout(force);
    thread.port.close();
  }
}

/** How the worker that a runner asks for reaches it. */
export function reachOf({
  workerId,
  controlEndpoint,
  loggingEndpoint,
}: StartWorkerRequest): Pick<SdkWorkerOptions, 'id' | 'controlEndpoint' | 'loggingEndpoint'> {
  return { id: workerId, controlEndpoint: controlEndpoint?.url ?? '', loggingEndpoint: loggingEndpoint?.url };
}
