import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { PipelineError, RunnerError, UserCodeError } from '../../sdk/errors.ts';
import type { FromWorker, PlainError, ToWorker } from '../core/coordination/messages.ts';
import { plainError, reviveError } from '../core/coordination/plain-error.ts';
import type { RunningShare } from '../core/coordination/stage-state.ts';
import { BundleControl } from '../worker/bundle-control.ts';
import { STOP_GRACE_MILLIS, type WorkerHost, type WorkerPosition } from './worker-host.ts';
import type { WorkerGone, WorkerReady, WorkerStart } from './worker-start.ts';

/** What happens to a worker thread. */
export interface ThreadEvents {
  ready(worker: string): void;
  /** The thread will not serve: the program cannot be imported, or builds another pipeline. */
  refused(error: PlainError): void;
  message(worker: string, message: FromWorker): void;
  /** The thread has died; `ready` tells whether it had come up. */
  lost(worker: string, error: PlainError, ready: boolean): void;
}

/** What a worker thread finds as its `workerData`. */
export interface ThreadData {
  readonly millrace: WorkerStart;
  /** A channel of its own: the thread's `parentPort` belongs to the user's program, whose libraries may talk there. */
  readonly port: MessagePort;
}

type Message = WorkerReady | WorkerGone | FromWorker;

const entry = new URL('./worker-main.ts', import.meta.url);

/** A worker on a thread of its own. */
export class ThreadWorker implements WorkerHost {
  readonly id: string;
  readonly #events: ThreadEvents;
  readonly #thread: Worker;
  readonly #port: MessagePort;
  readonly #control = new BundleControl();
  readonly #exited: Promise<void>;
  #stage: number | undefined;
  #ready = false;
  #stopping = false;
  #failure: unknown;
  /** What went wrong in teardown. */
  #last: PlainError | undefined;

  constructor(id: string, start: Omit<WorkerStart, 'control'>, events: ThreadEvents) {
    this.id = id;
    this.#events = events;
    const { port1, port2 } = new MessageChannel();
    const data: ThreadData = { millrace: { ...start, control: this.#control.memory }, port: port2 };
    this.#thread = new Worker(entry, {
      name: `millrace ${id}`,
      argv: [...start.program.argv],
      workerData: data,
      transferList: [port2],
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationOf(start.settings.bufferBytes) },
    });
    this.#port = port1.on('message', (message: Message) => this.#receive(message));
    this.#thread.on('error', (error) => {
      this.#failure = error;
    });
    this.#exited = new Promise((resolve) => {
      this.#thread.on('exit', (code) => {
        this.#receiveRest();
        if (this.#stopping && this.#failure !== undefined) this.#last ??= lostError(code, this.#failure, true);
        resolve();
        if (!this.#stopping) this.#events.lost(id, lostError(code, this.#failure, this.#ready), this.#ready);
      });
    });
  }

  /** What the thread has said last may be known after its end. */
  #receiveRest(): void {
    for (let rest = receiveMessageOnPort(this.#port); rest !== undefined; rest = receiveMessageOnPort(this.#port)) {
      this.#receive(rest.message as Message);
    }
    this.#port.close();
  }

  #receive(message: Message): void {
    switch (message.type) {
      case 'ready':
        this.#ready = true;
        this.#events.ready(this.id);
        return;
      case 'refused':
        this.#stopping = true;
        void this.#thread.terminate();
        this.#events.refused(message.error);
        return;
      case 'gone':
        this.#last = message.error;
        void this.#thread.terminate();
        return;
      default:
        if (message.type !== 'split') this.#stage = undefined;
        this.#events.message(this.id, message);
    }
  }

  share(bundle: number): RunningShare {
    return this.#control.share(bundle);
  }

  get position(): WorkerPosition | undefined {
    return this.#stage === undefined ? undefined : { stage: this.#stage, step: this.#control.currentStep };
  }

  send(message: ToWorker): void {
    // A busy thread takes no messages: what concerns the running bundle goes through shared memory.
    if (message.type === 'split') this.#control.requestSplit(message.bundle, message.attempt, message.fraction);
    else {
      if (message.type === 'end') this.#control.cancel();
      else this.#stage = message.work.stage;
      this.#port.postMessage(message);
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.send({ type: 'end' });
    // A thread that is still on its way has nothing to tear down.
    if (!this.#ready) void this.#thread.terminate();
    const force = setTimeout(() => void this.#thread.terminate(), STOP_GRACE_MILLIS);
    await this.#exited;
    clearTimeout(force);
    if (this.#last !== undefined) throw reviveError(this.#last);
  }
}

/**
 * Megabytes of young generation for a thread with so many bytes for its data. V8 itself lets it grow to 192 MB, most of
 * it garbage; a pipeline is as fast with an eighth of that, and memory is what it has been given a budget of.
 */
function youngGenerationOf(bufferBytes: number): number {
  return Math.min(48, Math.max(8, Math.round(bufferBytes / 2 ** 23)));
}

function lostError(code: number, cause: unknown, ready: boolean): PlainError {
  if ((cause as { code?: string } | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return plainError(
      new RunnerError('WORKER_OUT_OF_MEMORY', 'A worker thread ran out of memory', {
        cause,
        hint: 'an element, a group or a side input is too large for the heap: read grouped values as an iterable, or raise --max-old-space-size',
      }),
    );
  }
  if (cause !== undefined) {
    const { name, summary } = plainError(cause);
    return plainError(
      new UserCodeError('UNCAUGHT_ERROR', `An error that nobody caught ended a worker thread: ${name}: ${summary}`, {
        cause,
        hint: 'a promise was neither awaited nor returned, or a callback threw',
      }),
    );
  }
  if (!ready && code === 0) {
    return plainError(
      new PipelineError('PIPELINE_NOT_FOUND', 'On a worker thread the program ended before it came to the pipeline', {
        hint: 'it must reach run() on every worker; else run with threads: 0',
      }),
    );
  }
  return plainError(
    new RunnerError('WORKER_LOST', `A worker thread ended with the exit code ${code}`, {
      hint: ready
        ? 'a user function called process.exit(), or native code crashed'
        : 'the program ended it before it came to the pipeline: it must reach run() on every worker',
    }),
  );
}
