import { RunnerError } from '../../sdk/errors.ts';
import type { Graph } from '../../sdk/graph/graph.ts';
import type { Job, JobProgress, PipelineResult } from '../../sdk/pipeline/pipeline-result.ts';
import type { RunOptions } from '../../sdk/pipeline/runner.ts';
import { Coordinator, type JobOutcome } from '../core/coordination/coordinator.ts';
import type { PlainError, ToWorker } from '../core/coordination/messages.ts';
import { plainError, reviveError } from '../core/coordination/plain-error.ts';
import { abortReason } from '../core/job/abort-reason.ts';
import { resultOf } from '../core/job/job-result.ts';
import type { ExecutionPlan } from '../core/plan/execution-plan.ts';
import type { SpillDisk } from '../core/spill-disk.ts';
import { attemptPrefix } from '../worker/bundle-executor.ts';
import { ChannelReader } from '../worker/channel-reader.ts';
import { jobMetrics } from './job-metrics.ts';
import type { RunSettings } from './run-settings.ts';
import { TimeProfile } from './time-profile.ts';
import type { WorkerHost } from './worker-host.ts';

const TICK_MILLIS = 20;
const PROGRESS_MILLIS = 250;
/** Threads that may be lost and replaced before the job is given up, per worker. */
const RESPAWNS = 8;
/** Time in which at least one worker must have come up. */
const START_MILLIS = 60_000;

/** Makes a worker that reports to the job. */
export type SpawnWorker = (id: string, job: DirectJob) => WorkerHost;

/** What a job is made of. */
export interface DirectJobParts {
  readonly graph: Graph;
  readonly plan: ExecutionPlan;
  readonly settings: RunSettings;
  readonly options: RunOptions;
  /** Holds the temporary files. */
  readonly disk: SpillDisk;
  readonly spawn: SpawnWorker;
  /** Removes what is left on disk; called when all workers have ended. */
  readonly cleanUp: () => void;
}

/** A pipeline running on this machine: a coordinator, its workers, and what they leave behind. */
export class DirectJob implements Job {
  readonly coordinator: Coordinator;
  readonly profile: TimeProfile;
  readonly #parts: DirectJobParts;
  readonly #workers = new Map<string, WorkerHost>();
  readonly #startedAt = performance.now();
  readonly #result = Promise.withResolvers<PipelineResult>();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #onAbort = () => this.coordinator.cancel(abortReason(this.#parts.options.signal));
  #spawned = 0;
  #respawns: number;
  #anyReady = false;
  #ended = false;

  constructor(parts: DirectJobParts) {
    this.#parts = parts;
    const { plan, settings, disk } = parts;
    const workers = Math.max(1, settings.threads);
    this.#respawns = RESPAWNS * workers;
    this.profile = new TimeProfile(plan);
    // Whoever started the job may never wait for it; a failure is then no unhandled rejection.
    this.#result.promise.catch(() => {});
    this.coordinator = new Coordinator(
      plan,
      {
        maxAttempts: settings.maxAttempts,
        // A quarter of the budget is for what is committed: its readers and the bundles at work need the rest.
        memory: settings.memory / 4,
        workers,
        resendMillis: Number.POSITIVE_INFINITY,
      },
      {
        now: () => performance.now(),
        send: (worker: string, message: ToWorker) => this.#workers.get(worker)?.send(message),
        discardAttempt: (bundle, attempt) => removeAll(disk, () => disk.list(attemptPrefix(bundle, attempt))),
        discardParts: (files) => removeAll(disk, () => files),
        ended: (outcome) => void this.#end(outcome),
      },
    );
  }

  /** Brings up the workers and begins. */
  begin(): void {
    const { settings, options } = this.#parts;
    this.#timers.push(setInterval(() => this.#tick(), TICK_MILLIS));
    if (options.onProgress !== undefined) {
      this.#timers.push(setInterval(() => this.#tellProgress(), PROGRESS_MILLIS));
    }
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.coordinator.start();
    if (options.signal?.aborted) this.#onAbort();
    for (let i = 0; i < Math.max(1, settings.threads) && !this.#ended; i++) this.#addWorker();
  }

  #addWorker(): void {
    const id = `worker-${this.#spawned++}`;
    try {
      const worker = this.#parts.spawn(id, this);
      this.#workers.set(worker.id, worker);
    } catch (cause) {
      const summary = `A worker could not be started: ${plainError(cause).summary}`;
      this.coordinator.abort(new RunnerError('WORKER_NOT_STARTED', summary, { cause }));
    }
  }

  /** A worker can take work. */
  ready(worker: string): void {
    this.#anyReady = true;
    this.coordinator.addWorker(worker);
  }

  /** The workers cannot build the pipeline: nothing will run. */
  refused(error: PlainError): void {
    this.coordinator.abort(reviveError(error));
  }

  /** A worker has died; another takes its place. */
  lost(worker: string, error: PlainError, ready: boolean): void {
    const position = this.#workers.get(worker)?.position;
    // An error that nobody caught may come from any of the stage's functions, whichever was at work just then.
    const isAtWork = position !== undefined && error.code !== 'UNCAUGHT_ERROR';
    const transform = isAtWork ? this.profile.transformAt(position) : undefined;
    const named = transform === undefined ? error : { ...error, context: { transform, ...error.context } };
    this.#workers.delete(worker);
    // Without a bundle to run again there is nothing that would report the error.
    const unowned = position === undefined && error.code === 'UNCAUGHT_ERROR';
    if (!ready || unowned || this.#respawns-- <= 0) return this.refused(named);
    this.coordinator.removeWorker(worker, named);
    if (!this.#ended) this.#addWorker();
  }

  #tick(): void {
    this.profile.sample(this.#workers.values());
    this.coordinator.tick();
    if (this.#anyReady || performance.now() - this.#startedAt < START_MILLIS) return;
    this.coordinator.abort(
      new RunnerError('WORKERS_NOT_READY', `No worker thread has come to the pipeline in ${START_MILLIS / 1000} s`, {
        hint: 'each worker imports the program up to run(): what it waits for before that must come on every thread',
      }),
    );
  }

  #tellProgress(): void {
    try {
      this.#parts.options.onProgress?.(this.progress());
    } catch (error) {
      if (this.#ended) process.emitWarning(`onProgress has failed: ${String(error)}`);
      else this.coordinator.abort(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #end(outcome: JobOutcome): Promise<void> {
    const { graph, plan, options, cleanUp } = this.#parts;
    this.#ended = true;
    for (const timer of this.#timers) clearInterval(timer);
    options.signal?.removeEventListener('abort', this.#onAbort);
    const stopped = await Promise.allSettled([...this.#workers.values()].map((worker) => worker.stop()));
    let failure: unknown = stopped.find((result) => result.status === 'rejected')?.reason;
    let collected: Readonly<Record<string, readonly unknown[]>> = {};
    try {
      if (outcome.state === 'DONE') collected = this.#collect();
    } catch (error) {
      failure ??= error;
    }
    try {
      cleanUp();
    } catch (error) {
      process.emitWarning(`Temporary files could not be removed: ${String(error)}`);
    }
    this.#tellProgress();
    if (outcome.error !== undefined) return this.#result.reject(outcome.error);
    if (failure !== undefined) return this.#result.reject(failure);
    this.#result.resolve(
      resultOf(
        {
          state: outcome.state,
          metrics: jobMetrics(graph, plan, this.coordinator.counts, this.profile.millis),
          millis: performance.now() - this.#startedAt,
          collected,
        },
        graph,
      ),
    );
  }

  /** Reads what the program asked for with `collect()`. */
  #collect(): Record<string, readonly unknown[]> {
    const { graph, plan, settings, disk } = this.#parts;
    const reader = new ChannelReader(graph, disk);
    const collected: Record<string, readonly unknown[]> = {};
    let total = 0;
    for (const { transform, channel } of plan.kept) {
      const { parts, bytes } = this.coordinator.contents(channel);
      total += bytes;
      if (total > settings.memory) {
        throw new RunnerError('COLLECT_TOO_LARGE', 'The collected elements exceed the memory budget', {
          transform,
          hint: `${total} bytes so far, ${settings.memory} allowed: write large results to files, or raise the option memory`,
        });
      }
      const next = reader.blocks(plan.channels[channel], parts);
      const elements: unknown[] = [];
      for (let block = next(); block !== undefined; block = next())
        for (const value of block.values) elements.push(value);
      collected[transform] = elements;
    }
    return collected;
  }

  wait(): Promise<PipelineResult> {
    return this.#result.promise;
  }

  async cancel(reason = 'cancel() was called'): Promise<void> {
    this.coordinator.cancel(reason);
    await this.#result.promise.catch(() => {});
  }

  stop(reason?: string): Promise<void> {
    return this.cancel(reason);
  }

  async drain(): Promise<void> {
    await this.#result.promise.catch(() => {});
  }

  progress(): JobProgress {
    return this.coordinator.progress(
      (worker, bundle) => this.#workers.get(worker)?.share(bundle) ?? { fraction: 0, elements: 0 },
    );
  }
}

/** What cannot be removed now goes with the folder at the end. */
function removeAll(disk: SpillDisk, files: () => readonly string[]): void {
  try {
    for (const file of files()) disk.remove(file);
  } catch (error) {
    process.emitWarning(`A temporary file could not be removed: ${String(error)}`);
  }
}
