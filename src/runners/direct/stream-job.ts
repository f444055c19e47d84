import { RunnerError } from '../../sdk/errors.ts';
import type { Graph } from '../../sdk/graph/graph.ts';
import type { Job, JobProgress, JobState, PipelineResult } from '../../sdk/pipeline/pipeline-result.ts';
import type { RunOptions } from '../../sdk/pipeline/runner.ts';
import type { ExecutionPlan } from '../core/plan/execution-plan.ts';
import { MemoryStateBackend } from '../core/state/memory-state-backend.ts';
import { StreamEngine } from '../stream/stream-engine.ts';
import { breather } from './breather.ts';
import { jobMetrics } from './job-metrics.ts';
import { resultOf } from './job-result.ts';
import type { RunSettings } from './run-settings.ts';
import { stageProgress } from './stream-progress.ts';

const PROGRESS_MILLIS = 250;
/** Longest sleep that a timer of the event loop takes. */
const MAX_SLEEP = 2 ** 31 - 1;

/** What a streaming job is made of. */
export interface StreamJobParts {
  readonly graph: Graph;
  readonly plan: ExecutionPlan;
  readonly settings: RunSettings;
  readonly options: RunOptions;
}

/** A pipeline that runs in steps, in the calling thread. */
export class StreamJob implements Job {
  readonly #parts: StreamJobParts;
  readonly #engine: StreamEngine;
  readonly #startedAt = performance.now();
  readonly #result = Promise.withResolvers<PipelineResult>();
  readonly #breathe = breather();
  readonly #onAbort = () => this.#stop(reasonOf(this.#parts.options.signal));
  #state: JobState = 'RUNNING';
  #cancelled: RunnerError | undefined;
  #woken = false;
  #wake: (() => void) | undefined;

  constructor(parts: StreamJobParts) {
    this.#parts = parts;
    const { graph, plan, settings } = parts;
    // Whoever started the job may never wait for it; a failure is then no unhandled rejection.
    this.#result.promise.catch(() => {});
    this.#engine = new StreamEngine(graph, plan, {
      now: Date.now,
      wake: () => this.#wakeUp(),
      signal: { throwIfAborted: () => this.#throwIfCancelled() },
      currentStep: new Int32Array(1),
      strict: settings.strict,
      redactErrors: settings.redactErrors,
      memory: settings.memory,
      backend: new MemoryStateBackend(),
    });
  }

  /** Begins; the steps follow as the event loop comes to them. */
  begin(): void {
    const { options } = this.#parts;
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (options.signal?.aborted) this.#onAbort();
    const timer =
      options.onProgress === undefined ? undefined : setInterval(() => this.#tellProgress(), PROGRESS_MILLIS);
    setImmediate(() => {
      void this.#run()
        .then(
          () => this.#end(),
          (error: unknown) => this.#end(error),
        )
        .finally(() => clearInterval(timer));
    });
  }

  async #run(): Promise<void> {
    for (;;) {
      this.#throwIfCancelled();
      this.#woken = false;
      const worked = await this.#engine.step();
      await this.#engine.committed();
      if (this.#engine.isDone) return;
      if (worked) await this.#breathe();
      else if (!this.#engine.play()) await this.#sleep();
    }
  }

  /** Until a source has something, or a time comes. */
  async #sleep(): Promise<void> {
    if (this.#woken) return;
    const wait = Math.max(0, this.#engine.nextProcessingTime() - Date.now());
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      // Keeps the process alive while only promises of user code are waited for.
      timer = setTimeout(resolve, Math.min(wait, MAX_SLEEP));
    });
    clearTimeout(timer);
    this.#wake = undefined;
  }

  #wakeUp(): void {
    this.#woken = true;
    this.#wake?.();
  }

  #stop(reason: string): void {
    this.#cancelled ??= new RunnerError('CANCELLED', `The job was cancelled: ${reason}`);
    this.#wakeUp();
  }

  #throwIfCancelled(): void {
    if (this.#cancelled !== undefined) throw this.#cancelled;
  }

  async #end(...failure: [error?: unknown]): Promise<void> {
    const { graph, plan, options } = this.#parts;
    options.signal?.removeEventListener('abort', this.#onAbort);
    let failed = failure.length > 0;
    let error = failure[0];
    try {
      await this.#engine.close();
    } catch (cause) {
      if (!failed) error = cause;
      failed = true;
    }
    this.#state = !failed ? 'DONE' : error === this.#cancelled ? 'CANCELLED' : 'FAILED';
    this.#tellProgress();
    if (failed) return this.#result.reject(error);
    this.#result.resolve(
      resultOf({
        state: this.#state,
        metrics: jobMetrics(graph, plan, this.#engine.counts, new Map()),
        millis: performance.now() - this.#startedAt,
        collected: this.#engine.collected(),
      }),
    );
  }

  #tellProgress(): void {
    try {
      this.#parts.options.onProgress?.(this.progress());
    } catch (error) {
      process.emitWarning(`onProgress has failed: ${String(error)}`);
    }
  }

  wait(): Promise<PipelineResult> {
    return this.#result.promise;
  }

  async cancel(reason = 'cancel() was called'): Promise<void> {
    this.#stop(reason);
    await this.#result.promise.catch(() => {});
  }

  progress(): JobProgress {
    return {
      state: this.#state,
      elapsedMillis: performance.now() - this.#startedAt,
      stages: stageProgress(this.#engine),
    };
  }
}

function reasonOf(signal: AbortSignal | undefined): string {
  const reason: unknown = signal?.reason;
  return reason instanceof RunnerError ? reason.summary : reason instanceof Error ? reason.message : String(reason);
}
