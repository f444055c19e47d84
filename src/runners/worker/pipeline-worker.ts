import { RunnerError } from '../../sdk/errors.ts';
import type { BundleWork, FromWorker, RestrictionSplit, ToWorker } from '../core/coordination/messages.ts';
import { plainError } from '../core/coordination/plain-error.ts';
import type { BundleControl } from './bundle-control.ts';
import type { BundleExecutor } from './bundle-executor.ts';

type Final = Extract<FromWorker, { type: 'done' | 'failed' }>;

/**
 * The worker's side of the protocol: runs one bundle at a time and answers. A message may come twice: the same work is
 * not begun again, and an answer that may be lost is given again.
 */
export class PipelineWorker {
  readonly #executor: BundleExecutor;
  readonly #control: BundleControl;
  readonly #send: (message: FromWorker) => void;
  #running = false;
  /** Of the assignment taken last. */
  #sequence = 0;
  #last: Final | undefined;
  #ended: Promise<void> | undefined;
  #idle: Promise<void> = Promise.resolve();

  constructor(executor: BundleExecutor, control: BundleControl, send: (message: FromWorker) => void) {
    this.#executor = executor;
    this.#control = control;
    this.#send = send;
  }

  /** Takes a message; work goes on in the background. */
  receive(message: ToWorker): void {
    if (message.type === 'run') this.#run(message.work);
    else if (message.type === 'split') this.#control.requestSplit(message.bundle, message.attempt, message.fraction);
    else void this.end();
  }

  /** Stops at the next block and tears down. Resolves when all user functions have ended their lives. */
  end(): Promise<void> {
    this.#ended ??= (async () => {
      this.#control.cancel();
      this.#executor.cancel(new RunnerError('CANCELLED', 'The job has ended'));
      await this.#idle;
      await this.#executor.end();
    })();
    return this.#ended;
  }

  #run(work: BundleWork): void {
    if (this.#ended !== undefined || work.sequence < this.#sequence) return;
    if (work.sequence === this.#sequence) {
      if (this.#last !== undefined) this.#send(this.#last);
      return;
    }
    if (this.#running) throw new Error(`Bundle ${work.bundle} came while another one runs`);
    this.#sequence = work.sequence;
    this.#running = true;
    this.#last = undefined;
    this.#idle = this.#execute(work);
  }

  async #execute(work: BundleWork): Promise<void> {
    const { bundle, attempt } = work;
    const splits: RestrictionSplit[] = [];
    this.#control.begin(bundle, attempt);
    let final: Final;
    try {
      const { outputs, counts } = await this.#executor.execute(work, this.#control, (split) => {
        splits.push(split);
        this.#send({ type: 'split', bundle, attempt, split });
      });
      final = { type: 'done', bundle, attempt, outputs, counts, splits };
    } catch (error) {
      final = { type: 'failed', bundle, attempt, error: plainError(error) };
    }
    this.#running = false;
    this.#last = final;
    this.#send(final);
  }
}
