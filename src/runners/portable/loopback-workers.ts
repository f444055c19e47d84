import { BeamFnExternalWorkerPool, type StartWorkerRequest } from '../../model/fn-execution.ts';
import { GrpcServer } from '../rpc/grpc-server.ts';
import type { SdkWorker } from '../sdk-worker/sdk-worker.ts';

/**
 * Workers in the submitting process, which the runner starts and stops by calling it: user functions are those of the
 * program, closures included. Only a runner on the same machine reaches them.
 */
export class LoopbackWorkers {
  readonly #server = new GrpcServer();
  readonly #workers = new Map<string, SdkWorker>();
  readonly #start: (request: StartWorkerRequest) => SdkWorker;
  readonly #onBroken: (error: unknown) => void;
  #isClosed = false;

  /** @param onBroken is told why a worker has ended before it was told to */
  constructor(start: (request: StartWorkerRequest) => SdkWorker, onBroken: (error: unknown) => void) {
    this.#start = start;
    this.#onBroken = onBroken;
  }

  /** Begins to answer. @returns `host:port` */
  listen(): Promise<string> {
    this.#server.add(BeamFnExternalWorkerPool, {
      startWorker: (request) => ({ error: this.#startWorker(request) }),
      stopWorker: async ({ workerId }) => {
        await this.#workers.get(workerId)?.stop();
        return {};
      },
    });
    return this.#server.listen();
  }

  /** @returns why it was not started, or nothing */
  #startWorker(request: StartWorkerRequest): string {
    const { workerId } = request;
    if (this.#isClosed) return 'The job has ended';
    if (this.#workers.has(workerId)) return `The worker ${workerId} is running`;
    const worker = this.#start(request);
    this.#workers.set(workerId, worker);
    worker.done
      .catch((error: unknown) => {
        if (!this.#isClosed) this.#onBroken(error);
      })
      .finally(() => this.#workers.delete(workerId));
    return '';
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(Array.from(this.#workers.values(), (worker) => worker.stop()));
    this.#server.close();
  }
}
