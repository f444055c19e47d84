import { RunnerError } from '../sdk/errors.ts';
import type { Pipeline } from '../sdk/pipeline/pipeline.ts';
import type { Job } from '../sdk/pipeline/pipeline-result.ts';
import { type RunOptions, startOnRunner } from '../sdk/pipeline/runner.ts';
import type { Reporter } from './progress/reporter.ts';

/** Starts the pipelines of a program with progress and cancellation attached, and knows which still run. */
export class JobWatcher {
  readonly #reporter: Reporter;
  readonly #abort = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #started = 0;

  constructor(reporter: Reporter) {
    this.#reporter = reporter;
  }

  /** Jobs started so far. */
  get started(): number {
    return this.#started;
  }

  get busy(): boolean {
    return this.#running.size > 0;
  }

  get cancelled(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Cancels all jobs, also those that are yet to start. */
  cancel(reason: string): void {
    this.#abort.abort(new RunnerError('CANCELLED', reason));
  }

  /** Starts a pipeline; `defaults` yield to the options that the program gives. */
  async start(pipeline: Pipeline, options: RunOptions, defaults: RunOptions): Promise<Job> {
    this.#started++;
    const settled = Promise.withResolvers<void>();
    this.#running.add(settled.promise);
    const end = (): void => {
      this.#running.delete(settled.promise);
      settled.resolve();
    };
    try {
      const given = Object.fromEntries(
        Object.entries(options).filter(([, value]) => value !== undefined),
      ) as RunOptions;
      const signals = [this.#abort.signal, ...(options.signal === undefined ? [] : [options.signal])];
      this.#reporter.started(pipeline.name);
      const job = await startOnRunner(pipeline, {
        ...defaults,
        ...given,
        signal: AbortSignal.any(signals),
        onProgress: (progress) => {
          this.#reporter.progress(progress);
          options.onProgress?.(progress);
        },
      });
      job
        .wait()
        .then(
          (result) => this.#reporter.finished(result),
          () => this.#reporter.stopped(),
        )
        .finally(end);
      return job;
    } catch (error) {
      this.#reporter.stopped();
      end();
      throw error;
    }
  }

  /** Resolves when no job runs any more, however each has ended. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
