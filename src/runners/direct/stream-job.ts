import { breather } from '../../harness/breather.ts';
import { RunnerError } from '../../sdk/errors.ts';
import type { Graph } from '../../sdk/graph/graph.ts';
import type { Job, JobProgress, JobState, PipelineResult } from '../../sdk/pipeline/pipeline-result.ts';
import type { RunOptions } from '../../sdk/pipeline/runner.ts';
import { durationMillis } from '../../sdk/windows/timestamp.ts';
import { abortReason } from '../core/job/abort-reason.ts';
import { resultOf } from '../core/job/job-result.ts';
import type { ExecutionPlan } from '../core/plan/execution-plan.ts';
import type { StateBackend } from '../core/state/state-backend.ts';
import { LateWarnings } from '../stream/late-warnings.ts';
import { StreamEngine } from '../stream/stream-engine.ts';
import { StreamRun } from '../stream/stream-run.ts';
import type { CheckpointFolder } from './checkpoint-folder.ts';
import { jobMetrics } from './job-metrics.ts';
import type { RunSettings } from './run-settings.ts';
import { type ScratchState, scratchState } from './scratch-state.ts';
import { StreamProgress } from './stream-progress.ts';
import { transformAt } from './time-profile.ts';

const PROGRESS_MILLIS = 250;
const LOOK_MILLIS = 1000;
const CHECKPOINT_INTERVAL = '10s';
/** Longest sleep that a timer of the event loop takes. */
const MAX_SLEEP = 2 ** 31 - 1;

/** What a streaming job is made of. */
export interface StreamJobParts {
  readonly graph: Graph;
  readonly plan: ExecutionPlan;
  readonly settings: RunSettings;
  readonly options: RunOptions;
  /** Keeps the checkpoints; without it there are none. */
  readonly checkpoints: CheckpointFolder | undefined;
  /** Nothing has moved for a minute. */
  readonly onStall?: () => void;
}

/** A pipeline that runs in steps, in the calling thread. */
export class StreamJob implements Job {
  readonly #parts: StreamJobParts;
  readonly #run: StreamRun;
  /** For state that no memory is left for, where there are no checkpoints. */
  readonly #scratch: ScratchState | undefined;
  readonly #startedAt = performance.now();
  readonly #progress = new StreamProgress(this.#startedAt);
  readonly #lateWarnings = new LateWarnings((text) => process.emitWarning(text));
  readonly #currentStep = new Int32Array(1);
  readonly #result = Promise.withResolvers<PipelineResult>();
  readonly #onAbort = () => this.#cancel(abortReason(this.#parts.options.signal));
  #state: JobState = 'RUNNING';
  #cancelled: RunnerError | undefined;
  #stopReason: string | undefined;
  #woken = false;
  #wake: (() => void) | undefined;

  constructor(parts: StreamJobParts) {
    this.#parts = parts;
    const { checkpoints, settings, options } = parts;
    const backend = checkpoints?.backend;
    this.#scratch = backend === undefined ? scratchState(settings.tempDir) : undefined;
    // Whoever started the job may never wait for it; a failure is then no unhandled rejection.
    this.#result.promise.catch(() => {});
    this.#run = new StreamRun({
      makeEngine: () => this.#makeEngine((checkpoints ?? (this.#scratch as ScratchState)).backend),
      now: Date.now,
      sleepUntil: (time) => this.#sleepUntil(time),
      breathe: breather(),
      throwIfCancelled: () => this.#throwIfCancelled(),
      checkpointing:
        backend === undefined
          ? undefined
          : { backend, interval: durationMillis(options.checkpointInterval ?? CHECKPOINT_INTERVAL) },
      maxAttempts: settings.maxAttempts,
      onFailure: (error, attempt) =>
        process.emitWarning(`The pipeline goes back to its last checkpoint (failure ${attempt}): ${String(error)}`),
    });
  }

  #makeEngine(backend: StateBackend): StreamEngine {
    const { graph, plan, settings } = this.#parts;
    return new StreamEngine(graph, plan, {
      now: Date.now,
      wake: () => this.#wakeUp(),
      signal: { throwIfAborted: () => this.#throwIfCancelled() },
      currentStep: this.#currentStep,
      strict: settings.strict,
      redactErrors: settings.redactErrors,
      memory: settings.memory,
      backend,
      commits: this.#parts.checkpoints !== undefined,
      lateWarnings: this.#lateWarnings,
    });
  }

  /** Begins; the steps follow as the event loop comes to them. */
  begin(): void {
    const { options, checkpoints } = this.#parts;
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (options.signal?.aborted) this.#onAbort();
    // They also keep the process alive while only promises of user code are waited for.
    const timers = [setInterval(() => this.#look(), LOOK_MILLIS)];
    if (options.onProgress !== undefined) timers.push(setInterval(() => this.#tellProgress(), PROGRESS_MILLIS));
    const end = (...failure: [error?: unknown]): void => {
      for (const timer of timers) clearInterval(timer);
      // Whoever waits for the job may go on with its folder.
      checkpoints?.close();
      this.#scratch?.close();
      if (this.#run.resumed?.isEnded) process.emitWarning(hasEnded(checkpoints?.path));
      this.#end(...failure);
    };
    setImmediate(() => {
      void this.#run.run().then(
        (how) => (how === 'done' ? end() : end(this.#stopped())),
        (error: unknown) => end(error),
      );
    });
  }

  /** Until a source has something, or a time comes. */
  async #sleepUntil(time: number): Promise<void> {
    if (!this.#woken) {
      const wait = Math.min(Math.max(0, time - Date.now()), MAX_SLEEP);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, wait);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    this.#woken = false;
  }

  #wakeUp(): void {
    this.#woken = true;
    this.#wake?.();
  }

  #look(): void {
    if (this.#progress.look(this.#run.engine, performance.now())) this.#parts.onStall?.();
  }

  #cancel(reason: string): void {
    if (this.#cancelled === undefined) {
      this.#cancelled = new RunnerError('CANCELLED', `The job was cancelled: ${reason}`);
      this.#run.cancel(this.#cancelled);
    }
    this.#wakeUp();
  }

  #throwIfCancelled(): void {
    if (this.#cancelled !== undefined) throw this.#cancelled;
  }

  #end(...failure: [error?: unknown]): void {
    const { graph, plan, options } = this.#parts;
    const { engine, resumed } = this.#run;
    options.signal?.removeEventListener('abort', this.#onAbort);
    const [error] = failure;
    const isEnded = error === this.#cancelled || (error instanceof RunnerError && error.code === 'STOPPED');
    this.#state = failure.length === 0 ? 'DONE' : isEnded ? 'CANCELLED' : 'FAILED';
    this.#tellProgress();
    if (failure.length > 0) return this.#result.reject(error);
    this.#result.resolve(
      resultOf(
        {
          state: this.#state,
          ...(resumed === undefined ? {} : { resumed }),
          metrics: jobMetrics(graph, plan, engine.counts, new Map()),
          millis: performance.now() - this.#startedAt,
          collected: engine.collected(),
        },
        graph,
      ),
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
    this.#cancel(reason);
    await this.#result.promise.catch(() => {});
  }

  async drain(): Promise<void> {
    this.#run.drain();
    this.#wakeUp();
    await this.#result.promise.catch(() => {});
  }

  async stop(reason = 'stop() was called'): Promise<void> {
    if (this.#parts.checkpoints === undefined) return this.cancel(reason);
    this.#stopReason ??= reason;
    this.#run.stop();
    this.#wakeUp();
    await this.#result.promise.catch(() => {});
  }

  #stopped(): RunnerError {
    return new RunnerError('STOPPED', `The job was stopped after a last checkpoint: ${this.#stopReason}`, {
      hint: 'the same program with the same checkpointDir goes on from there',
    });
  }

  progress(): JobProgress {
    const { engine, resumed, lastCheckpoint, waitsFor } = this.#run;
    const { checkpoints } = this.#parts;
    const isRunning = this.#state === 'RUNNING';
    return {
      state: this.#state,
      elapsedMillis: performance.now() - this.#startedAt,
      stages: this.#progress.stages(engine, Date.now(), () => this.#functionAtWork()),
      ...(resumed === undefined ? {} : { resumed }),
      ...(lastCheckpoint === undefined || checkpoints === undefined
        ? {}
        : { checkpoint: { ...lastCheckpoint, stateBytes: checkpoints.stateBytes } }),
      ...(isRunning && waitsFor !== undefined ? { waitsFor } : {}),
    };
  }

  /** Asynchronous functions of a step are waited for at its end: the last one that was called is a good guess. */
  #functionAtWork(): string | undefined {
    const { atWork } = this.#run.engine;
    if (atWork === undefined) return undefined;
    const transform = transformAt(this.#parts.plan, { stage: atWork.stage.id, step: this.#currentStep[0] });
    return transform === undefined ? 'its functions' : `a function of ${transform}`;
  }
}

function hasEnded(folder: string | undefined): string {
  return (
    "This folder's pipeline has ended; nothing is left to do: take a new checkpointDir to run it again, " +
    `or delete ${folder}. Metrics and collected elements are those of the earlier runs`
  );
}
