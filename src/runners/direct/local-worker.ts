import type { FromWorker, ToWorker } from '../core/coordination/messages.ts';
import { BundleControl } from '../worker/bundle-control.ts';
import type { BundleExecutor } from '../worker/bundle-executor.ts';
import { PipelineWorker } from '../worker/pipeline-worker.ts';
import type { WorkerHost } from './worker-host.ts';

/** A worker in the calling thread: breakpoints and stack traces are the user's own. */
export class LocalWorker implements WorkerHost {
  readonly id = 'local';
  readonly position = undefined;
  readonly #control: BundleControl;
  readonly #worker: PipelineWorker;

  constructor(
    makeExecutor: (control: BundleControl) => BundleExecutor,
    receive: (worker: string, message: FromWorker) => void,
  ) {
    this.#control = new BundleControl();
    this.#worker = new PipelineWorker(makeExecutor(this.#control), this.#control, (message) => {
      // Between bundles the event loop gets its turn: signals, timers, the user's own servers.
      setImmediate(() => receive(this.id, message));
    });
  }

  get share(): number {
    return this.#control.share;
  }

  send(message: ToWorker): void {
    this.#worker.receive(message);
  }

  stop(): Promise<void> {
    return this.#worker.end();
  }
}
