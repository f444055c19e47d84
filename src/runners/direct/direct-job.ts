import { RunnerError } from '../../sdk/errors.ts';
import type { Graph } from '../../sdk/graph/graph.ts';
import type { Job, JobProgress, PipelineResult } from '../../sdk/pipeline/pipeline-result.ts';
import type { RunOptions } from '../../sdk/pipeline/runner.ts';
import { Coordinator, type JobOutcome } from '../core/coordination/coordinator.ts';
import type { PlainError, ToWorker } from '../core/coordination/messages.ts';
import { reviveError } from '../core/coordination/plain-error.ts';
import type { ExecutionPlan } from '../core/plan/execution-plan.ts';
import type { SpillDisk } from '../core/spill-disk.ts';
import { attemptPrefix } from '../worker/bundle-executor.ts';
import { jobMetrics } from './job-metrics.ts';
import type { RunSettings } from './run-settings.ts';
import { TimeProfile } from './time-profile.ts';
import type { WorkerHost } from './worker-host.ts';

const TICK_MILLIS = 20;
const PROGRESS_MILLIS = 250;
/** Threads that may be lost and replaced before the job is given up, per worker. */
const RESPAWNS = 8;

/** Makes a worker that reports to the job. */
export type SpawnWorker = (id: string, job: DirectJob) => WorkerHost;

/** A pipeline running on this machine: a coordinator, its workers, and what they leave behind. */
export class DirectJob implements Job {
  readonly coordinator: Coordinator;
  readonly #graph: Graph;
  readonly #plan: ExecutionPlan;
  readonly #workers = new Map<string, WorkerHost>();
  readonly #spawn: SpawnWorker;
  readonly #profile: TimeProfile;
  readonly #startedAt = performance.now();
  readonly #result: Promise<PipelineResult>;
  readonly #onProgress: RunOptions['onProgress'];
  #resolve: (result: PipelineResult) => void = () => {};
  #reject: (error: Error) => void = () => {};
  #timers: NodeJS.Timeout[] = [];
  #spawned = 0;
  #respawns: number;
  #ended = false;
  readonly #cleanUp: () => void;

  constructor(
    graph: Graph,
    plan: ExecutionPlan,
    settings: RunSettings,
    options: RunOptions,
    disk: SpillDisk,
    spawn: SpawnWorker,
    cleanUp: () => void,
  ) {
    this.#graph = graph;
    this.#plan = plan;
    this.#spawn = spawn;
    this.#cleanUp = cleanUp;
    this.#respawns = RESPAWNS * Math.max(1, settings.threads);
    this.#profile = new TimeProfile(plan);
    this.#onProgress = options.onProgress;
    this.#result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever started the job may never wait for it; a failure is then no unhandled rejection.
    this.#result.catch(() => {});
    this.coordinator = new Coordinator(
      plan,
      // Half of the budget is for what bundles have in their hands.
      { maxAttempts: settings.maxAttempts, memory: settings.memory / 2, resendMillis: Number.POSITIVE_INFINITY },
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
  begin(workers: number, signal: AbortSignal | undefined): void {
    for (let i = 0; i < workers; i++) this.#addWorker();
    this.#timers.push(setInterval(() => this.#tick(), TICK_MILLIS));
    if (this.#onProgress !== undefined) {
      this.#timers.push(setInterval(() => this.#onProgress?.(this.progress()), PROGRESS_MILLIS));
    }
    signal?.addEventListener('abort', () => this.coordinator.cancel(reasonOf(signal)), { once: true });
    this.coordinator.start();
    if (signal?.aborted) this.coordinator.cancel(reasonOf(signal));
  }

  #addWorker(): void {
    const id = `worker-${this.#spawned++}`;
    const worker = this.#spawn(id, this);
    this.#workers.set(worker.id, worker);
  }

  /** A worker can take work. */
  ready(worker: string): void {
    this.coordinator.addWorker(worker);
  }

  /** The workers cannot build the pipeline: nothing will run. */
  refused(error: PlainError): void {
    this.coordinator.abort(reviveError(error));
  }

  /** A worker has died; another takes its place. */
  lost(worker: string, error: PlainError, ready: boolean): void {
    this.#workers.delete(worker);
    if (!ready || this.#respawns-- <= 0) return this.refused(error);
    this.coordinator.removeWorker(worker, error);
    if (!this.#ended) this.#addWorker();
  }

  #tick(): void {
    this.#profile.sample(this.#workers.values());
    this.coordinator.tick();
  }

  async #end(outcome: JobOutcome): Promise<void> {
    this.#ended = true;
    for (const timer of this.#timers) clearInterval(timer);
    const stopped = await Promise.allSettled([...this.#workers.values()].map((worker) => worker.stop()));
    const failure = stopped.find((result) => result.status === 'rejected');
    try {
      this.#cleanUp();
    } catch (error) {
      process.emitWarning(`Temporary files could not be removed: ${String(error)}`);
    }
    this.#onProgress?.(this.progress());
    if (outcome.error !== undefined) return this.#reject(outcome.error);
    if (failure !== undefined) return this.#reject(failure.reason as Error);
    this.#resolve({
      state: outcome.state,
      metrics: jobMetrics(this.#graph, this.#plan, this.coordinator.counts, this.#profile.millis),
      millis: performance.now() - this.#startedAt,
    });
  }

  wait(): Promise<PipelineResult> {
    return this.#result;
  }

  async cancel(reason = 'cancel() was called'): Promise<void> {
    this.coordinator.cancel(reason);
    await this.#result.catch(() => {});
  }

  progress(): JobProgress {
    return this.coordinator.progress((worker) => this.#workers.get(worker)?.share ?? 0);
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

function reasonOf(signal: AbortSignal): string {
  const reason: unknown = signal.reason;
  return reason instanceof RunnerError ? reason.summary : reason instanceof Error ? reason.message : String(reason);
}
