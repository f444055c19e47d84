import { Worker } from 'node:worker_threads';
import { RunnerError } from '../../sdk/errors.ts';
import type { FromWorker, PlainError, ToWorker } from '../core/coordination/messages.ts';
import { plainError } from '../core/coordination/plain-error.ts';
import { BundleControl } from '../worker/bundle-control.ts';
import type { WorkerHost } from './worker-host.ts';
import type { WorkerGone, WorkerReady, WorkerStart } from './worker-start.ts';

/** How long a worker may take to tear down before it is stopped by force. */
export const STOP_GRACE_MILLIS = 5000;

/** What happens to a worker thread. */
export interface ThreadEvents {
  ready(worker: string): void;
  /** The thread will not serve: the program cannot be imported, or builds another pipeline. */
  refused(error: PlainError): void;
  message(worker: string, message: FromWorker): void;
  /** The thread has died; `ready` tells whether it had come up. */
  lost(worker: string, error: PlainError, ready: boolean): void;
}

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const entry = new URL(`./worker-main.${extension}`, import.meta.url);

/** A worker on a thread of its own. */
export class ThreadWorker implements WorkerHost {
  readonly id: string;
  readonly #thread: Worker;
  readonly #control = new BundleControl();
  readonly #exited: Promise<void>;
  #stage: number | undefined;
  #stopping = false;

  constructor(id: string, start: Omit<WorkerStart, 'control'>, events: ThreadEvents) {
    this.id = id;
    let ready = false;
    let failure: unknown;
    const data: WorkerStart = { ...start, control: this.#control.memory };
    this.#thread = new Worker(entry, {
      name: `millrace ${id}`,
      argv: [...start.program.argv],
      workerData: { millrace: data },
    });
    this.#thread.on('message', (message: WorkerReady | WorkerGone | FromWorker) => {
      if (message.type === 'ready') {
        ready = true;
        events.ready(id);
      } else if (message.type === 'refused') {
        this.#stopping = true;
        events.refused(message.error);
      } else if (message.type === 'gone') void this.#thread.terminate();
      else {
        if (message.type !== 'split') this.#stage = undefined;
        events.message(id, message);
      }
    });
    this.#thread.on('error', (error) => {
      failure = error;
    });
    this.#exited = new Promise((resolve) => {
      this.#thread.on('exit', (code) => {
        resolve();
        if (!this.#stopping) events.lost(id, lostError(code, failure, ready), ready);
      });
    });
  }

  get share(): number {
    return this.#control.share;
  }

  get position(): { readonly stage: number; readonly step: number } | undefined {
    return this.#stage === undefined ? undefined : { stage: this.#stage, step: this.#control.currentStep };
  }

  send(message: ToWorker): void {
    // A busy thread takes no messages: what concerns the running bundle goes through shared memory.
    if (message.type === 'split') this.#control.requestSplit(message.bundle, message.attempt, message.fraction);
    else {
      if (message.type === 'end') this.#control.cancel();
      else this.#stage = message.work.stage;
      this.#thread.postMessage(message);
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.send({ type: 'end' });
    const force = setTimeout(() => void this.#thread.terminate(), STOP_GRACE_MILLIS);
    await this.#exited;
    clearTimeout(force);
  }
}

function lostError(code: number, cause: unknown, ready: boolean): PlainError {
  const memory = (cause as { code?: string } | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return plainError(
    new RunnerError(
      memory ? 'WORKER_OUT_OF_MEMORY' : 'WORKER_LOST',
      memory ? 'A worker thread ran out of memory' : `A worker thread ended with the exit code ${code}`,
      {
        ...(cause === undefined ? {} : { cause }),
        hint: memory
          ? 'an element, a group or a side input is too large for the heap: read grouped values as an iterable, or raise --max-old-space-size'
          : ready
            ? 'a user function called process.exit(), or native code crashed'
            : 'the program ended before it came to the pipeline: it must reach run() on every worker',
      },
    ),
  );
}
