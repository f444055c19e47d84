import { resumptionText } from '../runners/direct/status-text.ts';
import { RunnerError } from '../sdk/errors.ts';
import { runnerRefusal } from '../sdk/options/check-runner.ts';
import type { Pipeline } from '../sdk/pipeline/pipeline.ts';
import type { Job, JobProgress } from '../sdk/pipeline/pipeline-result.ts';
import { type RunOptions, startOnRunner } from '../sdk/pipeline/runner.ts';
import type { Reporter } from './progress/reporter.ts';
import { isStream } from './progress/stream-stages.ts';

/** A job that was started and has not ended. */
interface Running {
  readonly ended: Promise<void>;
  readonly abort: AbortController;
  /** Goes on from a checkpoint when it is run again. */
  readonly isDurable: boolean;
  /** Absent while it starts. */
  job?: Job;
}

/** Starts the pipelines of a program with progress and an end on request, and knows which still run. */
export class JobWatcher {
  readonly #reporter: Reporter;
  readonly #running = new Set<Running>();
  #started = 0;
  #stopReason: string | undefined;
  #isInterrupted = false;

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

  /** A job has not come to its end because it was told to stop. One that was done by then is done. */
  get interrupted(): boolean {
    return this.#isInterrupted;
  }

  /** Jobs are running that would write a last checkpoint when they are told to stop. */
  get isDurable(): boolean {
    for (const { isDurable, job } of this.#running) {
      if (isDurable && job !== undefined && isStream(job.progress())) return true;
    }
    return false;
  }

  /** Ends all jobs, with a last checkpoint where they have checkpoints, also those that are yet to start. */
  stop(reason: string): void {
    this.#stopReason ??= reason;
    for (const { job, abort } of this.#running) {
      if (job === undefined) abort.abort(new RunnerError('CANCELLED', reason));
      else void job.stop(reason);
    }
  }

  /** Starts a pipeline; `defaults` yield to the options that the program gives. */
  async start(pipeline: Pipeline, options: RunOptions, defaults: RunOptions): Promise<Job> {
    this.#started++;
    const settled = Promise.withResolvers<void>();
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as RunOptions;
    const wanted: RunOptions = { ...defaults, ...given };
    const settings = wanted.runner === 'portable' ? wanted : { attachable: true, ...wanted };
    const abort = new AbortController();
    const running: Running = { ended: settled.promise, abort, isDurable: settings.checkpointDir !== undefined };
    this.#running.add(running);
    const end = (error?: unknown): void => {
      if (error !== undefined) {
        if (this.#stopReason !== undefined) this.#isInterrupted = true;
        this.#reporter.stopped();
        if (isStopped(error))
          this.#reporter.note('Stopped with a last checkpoint; the same command goes on from there.');
      }
      this.#running.delete(running);
      settled.resolve();
    };
    if (this.#stopReason !== undefined) abort.abort(new RunnerError('CANCELLED', this.#stopReason));
    let isKnown = !running.isDurable;
    try {
      // What is refused has not started; the runner says why.
      if (runnerRefusal(settings) === undefined) this.#reporter.started(pipeline.name);
      const job = await startOnRunner(pipeline, {
        ...settings,
        signal: AbortSignal.any([abort.signal, ...(options.signal === undefined ? [] : [options.signal])]),
        onMessage: (message) => {
          this.#reporter.message(message);
          options.onMessage?.(message);
        },
        onProgress: (progress) => {
          if (!isKnown) this.#tellBeginning(pipeline.name, progress);
          isKnown = true;
          this.#reporter.progress(progress);
          options.onProgress?.(progress);
        },
      });
      running.job = job;
      job
        .wait()
        .then((result) => this.#reporter.finished(result))
        .then(
          () => end(),
          (error: unknown) => end(error),
        );
      return job;
    } catch (error) {
      end(error);
      throw error;
    }
  }

  /** Of pipelines that run in steps: others have no checkpoints. */
  #tellBeginning(name: string, progress: JobProgress): void {
    const { state, resumed } = progress;
    if (resumed?.isEnded || !isStream(progress)) return;
    if (resumed !== undefined) this.#reporter.began(`${name} ${resumptionText(resumed)}`);
    // One that was refused has not begun.
    else if (state !== 'FAILED') {
      this.#reporter.began(`${name} begins anew: its folder held no checkpoint`);
    }
  }

  /** Resolves when no job runs any more, however each has ended. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(Array.from(this.#running, ({ ended }) => ended));
  }
}

/** Whether a job has ended in good order because it was told to. */
export function isStopped(error: unknown): boolean {
  return error instanceof RunnerError && error.code === 'STOPPED';
}
