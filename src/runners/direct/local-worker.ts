import type { FromWorker, ToWorker } from '../core/coordination/messages.ts';
import type { RunningShare } from '../core/coordination/stage-state.ts';
import { insideJob } from '../program/inside-job.ts';
import { BundleControl } from '../worker/bundle-control.ts';
import type { BundleExecutor } from '../worker/bundle-executor.ts';
import { PipelineWorker } from '../worker/pipeline-worker.ts';
import { STOP_GRACE_MILLIS, type WorkerHost } from './worker-host.ts';

/** A worker in the calling thread: breakpoints and stack traces are the user's own. */
export class LocalWorker implements WorkerHost {
  readonly id = 'local';
  readonly position = undefined;
  readonly #folder: string;
  readonly #control: BundleControl;
  readonly #worker: PipelineWorker;
  #work: { readonly stage: number; readonly startedAt: number } | undefined;

  /** `folder` holds the job's temporary files; `took` is told how long a bundle has run and what it has counted. */
  constructor(
    folder: string,
    makeExecutor: (control: BundleControl) => BundleExecutor,
    receive: (worker: string, message: FromWorker) => void,
    took: (stage: number, millis: number, elements: Readonly<Record<string, number>>) => void,
  ) {
    this.#folder = folder;
    this.#control = new BundleControl();
    this.#worker = new PipelineWorker(makeExecutor(this.#control), this.#control, (message) => {
      if (message.type === 'done' && this.#work !== undefined) {
        took(this.#work.stage, performance.now() - this.#work.startedAt, message.counts.elements);
      }
      // Between bundles the event loop gets its turn: signals, timers, the user's own servers.
      setImmediate(() => receive(this.id, message));
    });
  }

  share(bundle: number): RunningShare {
    return this.#control.share(bundle);
  }

  send(message: ToWorker): void {
    if (message.type === 'run') this.#work = { stage: message.work.stage, startedAt: performance.now() };
    insideJob(this.#folder, () => this.#worker.receive(message));
  }

  /** A user function that never comes back cannot be stopped here; then it is left behind. */
  async stop(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        process.emitWarning('A user function did not end with its job and goes on in the background');
        resolve();
      }, STOP_GRACE_MILLIS);
    });
    try {
      await Promise.race([insideJob(this.#folder, () => this.#worker.end()), grace]);
    } finally {
      clearTimeout(timer);
    }
  }
}
