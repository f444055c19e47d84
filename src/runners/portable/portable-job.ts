import type { JobState } from '../../model/job-management.ts';
import { type MillraceError, messageOf, RunnerError } from '../../sdk/errors.ts';
import type { Graph } from '../../sdk/graph/graph.ts';
import type { Job, JobProgress, PipelineResult } from '../../sdk/pipeline/pipeline-result.ts';
import type { RunnerMessage, RunOptions } from '../../sdk/pipeline/runner.ts';
import { abortReason } from '../core/job/abort-reason.ts';
import { resultOf } from '../core/job/job-result.ts';
import type { CollectedElements } from './collected-elements.ts';
import type { JobClient, JobListener } from './job-client.ts';
import { type JobFailure, stateName, watchFailure } from './job-failure.ts';
import { metricsOf } from './monitoring-infos.ts';

const PROGRESS_MILLIS = 250;
/**
 * How long a runner that was told to cancel a job has to say that it has ended; less than `millrace run` gives a job to
 * stop, which is 20 s, so that it still says what has become of it.
 */
const END_MILLIS = 15_000;

/** What a job is made of. */
export interface PortableJobParts {
  readonly id: string;
  readonly client: JobClient;
  readonly graph: Graph;
  readonly options: RunOptions;
  readonly failure: JobFailure;
  readonly collected: CollectedElements;
  /** Lets go of workers and connections. */
  readonly close: () => Promise<void>;
}

/** A pipeline that runs on a runner reached by Beam's Job API. */
export class PortableJob implements Job {
  readonly #parts: PortableJobParts;
  readonly #startedAt = performance.now();
  readonly #result: Promise<PipelineResult>;
  readonly #onAbort = () => void this.cancel(abortReason(this.#parts.options.signal)).catch(warn);
  /** Ends the calls about a job whose end the runner does not tell. */
  readonly #givenUp = new AbortController();
  #lastWait: NodeJS.Timeout | undefined;
  #state = 'STARTING';
  #ended: JobProgress['state'] | undefined;
  #cancelReason: string | undefined;

  constructor(parts: PortableJobParts) {
    this.#parts = parts;
    this.#result = this.#run();
    // Whoever started the job may never wait for it; a failure is then no unhandled rejection.
    this.#result.catch(() => {});
  }

  async #run(): Promise<PipelineResult> {
    const { id, client, graph, options, collected, failure, close } = this.#parts;
    const { signal, onProgress } = options;
    const timer = onProgress === undefined ? undefined : setInterval(() => this.#tellProgress(), PROGRESS_MILLIS);
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (signal?.aborted) this.#onAbort();
    // A runner that tries failures again need not: it may have ended the job before it is asked to.
    failure.whenFinal(() => {
      this.#expectEnd();
      client.cancel(id, this.#givenUp.signal).catch(() => {});
    });
    try {
      const state = stateName(await this.#follow());
      this.#state = state;
      if (state !== 'DONE' && this.#cancelReason === undefined && failure.final !== undefined) throw failure.final;
      if (state === 'CANCELLED' || (this.#cancelReason !== undefined && state === 'FAILED')) {
        this.#ended = 'CANCELLED';
        throw new RunnerError('CANCELLED', this.#cancelReason ?? 'The job was cancelled on its runner', {
          resource: `job ${id}`,
        });
      }
      if (state === 'FAILED') throw failure.error(id);
      const metrics = await client.metrics(id).catch((error: Error) => void warn(error));
      this.#ended = 'DONE';
      return resultOf(
        {
          state: 'DONE',
          metrics: metricsOf(graph, metrics),
          millis: performance.now() - this.#startedAt,
          collected: collected.byTransform,
        },
        graph,
      );
    } finally {
      this.#ended ??= 'FAILED';
      clearInterval(timer);
      clearTimeout(this.#lastWait);
      signal?.removeEventListener('abort', this.#onAbort);
      this.#tellProgress();
      await close();
    }
  }

  async #follow(): Promise<JobState> {
    const { id, client, options } = this.#parts;
    const listener: JobListener = {
      state: (next) => void (this.#state = stateName(next)),
      message: (message) => this.#tell(message),
    };
    try {
      return await client.follow(id, listener, this.#givenUp.signal);
    } catch (error) {
      throw this.#givenUp.signal.aborted ? this.#untoldEnd() : watchFailure(error, id, options);
    }
  }

  /** From now on the runner is to tell soon that the job has ended. */
  #expectEnd(): void {
    this.#lastWait ??= setTimeout(() => this.#givenUp.abort(), END_MILLIS);
  }

  #goOn(): void {
    clearTimeout(this.#lastWait);
    this.#lastWait = undefined;
  }

  /** What a job ends with whose end the runner has not told. */
  #untoldEnd(): MillraceError {
    const { id, failure } = this.#parts;
    if (this.#cancelReason === undefined && failure.final !== undefined) return failure.final;
    this.#ended = 'CANCELLED';
    return new RunnerError('CANCELLED', this.#cancelReason ?? 'The job was cancelled', {
      resource: `job ${id}`,
      hint: `in ${END_MILLIS / 1000} s the runner has not told that the job has ended, and may still run it: look there`,
    });
  }

  /** Passes on what the runner says; where nobody listens, what ought not to be missed. */
  #tell(message: RunnerMessage): void {
    this.#parts.failure.message(message);
    const { onMessage } = this.#parts.options;
    if (onMessage !== undefined) onMessage(message);
    else if (message.importance === 'warning') process.emitWarning(message.text);
  }

  #tellProgress(): void {
    try {
      this.#parts.options.onProgress?.(this.progress());
    } catch (error) {
      warn(error);
    }
  }

  wait(): Promise<PipelineResult> {
    return this.#result;
  }

  async cancel(reason = 'cancel() was called'): Promise<void> {
    const { id, client, options, failure } = this.#parts;
    if (this.#ended === undefined) {
      this.#cancelReason ??= reason;
      this.#expectEnd();
      try {
        await client.cancel(id, this.#givenUp.signal);
      } catch (error) {
        // Who has called learns that the job goes on; after a signal nobody but the job's end is left to tell.
        const hasToEnd = options.signal?.aborted === true || failure.final !== undefined;
        if (!hasToEnd) this.#goOn();
        if (!this.#givenUp.signal.aborted) throw error;
      }
    }
    await this.#result.catch(() => {});
  }

  stop(reason?: string): Promise<void> {
    return this.cancel(reason);
  }

  async drain(): Promise<void> {
    if (this.#ended === undefined) await this.#parts.client.drain(this.#parts.id);
    await this.#result.catch(() => {});
  }

  progress(): JobProgress {
    return {
      state: this.#ended ?? 'RUNNING',
      runnerState: this.#state,
      elapsedMillis: performance.now() - this.#startedAt,
      stages: [],
    };
  }
}

function warn(error: unknown): void {
  process.emitWarning(messageOf(error));
}
