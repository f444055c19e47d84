import type { RunnerError } from '../errors.ts';
import type { Collected } from '../transforms/collect.ts';

/** States of a job, as Beam names them. */
export type JobState = 'RUNNING' | 'DONE' | 'FAILED' | 'CANCELLED';

/** A distribution's four numbers; `min` and `max` are NaN when nothing was seen. */
export interface DistributionResult {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

/** One user metric of one transform, from committed bundles only. */
export type MetricResult = { readonly transform: string; readonly name: string } & (
  | { readonly kind: 'counter'; readonly value: number }
  | { readonly kind: 'distribution'; readonly value: DistributionResult }
  /** `at` is when it was set, in milliseconds since 1970. */
  | { readonly kind: 'gauge'; readonly value: number; readonly at: number }
  | { readonly kind: 'stringSet'; readonly value: readonly string[] }
);

/** What the system counts for each transform. */
export interface TransformStats {
  readonly transform: string;
  /** Elements that entered the transform. */
  readonly elementsIn: number;
  /** Elements by output tag. */
  readonly elementsOut: Readonly<Record<string, number>>;
  /** Bytes written to a shuffle or to storage between stages, 0 for fused steps. */
  readonly bytesOut: number;
  /**
   * Milliseconds, the sum over all workers: sampled on worker threads; with `threads: 0` the time of a stage is shared
   * out among its transforms by the elements they have seen.
   */
  readonly millis: number;
}

/**
 * Metrics of a job. The methods look a metric up by its name, in one transform and all inside it (by its full name,
 * `Parse/ParDo`), or in all; where several have it they are put together.
 */
export interface PipelineMetrics {
  readonly user: readonly MetricResult[];
  readonly transforms: readonly TransformStats[];
  /** The sum; 0 of none. */
  counter(name: string, transform?: string): number;
  /** A count of 0 of none. */
  distribution(name: string, transform?: string): DistributionResult;
  /** What was set last; undefined of none. */
  gauge(name: string, transform?: string): number | undefined;
  /** All strings, sorted, 1,000 at most; empty of none. */
  stringSet(name: string, transform?: string): readonly string[];
}

/** The end of a job. */
export interface PipelineResult {
  readonly state: JobState;
  /** Of a run that has begun with a checkpoint, what was counted before that is included. */
  readonly metrics: PipelineMetrics;
  /**
   * The checkpoint of an earlier run that this one began with; absent when it began anew. With `isEnded` this run had nothing to
   * do: its metrics and elements are those of the earlier ones.
   */
  readonly resumed?: Resumption;
  /** Milliseconds from start to end. */
  readonly millis: number;
  /**
   * The elements of a collection that was kept with `collect()`, in no particular order.
   *
   * @throws PipelineError `NOT_COLLECTED` when the ticket is another pipeline's.
   */
  elements<T>(collected: Collected<T>): readonly T[];
}

/** How far a running job is. */
export interface JobProgress {
  readonly state: JobState;
  /** On a portable runner, its own name of the state, e.g. `STARTING`. */
  readonly runnerState?: string;
  readonly elapsedMillis: number;
  readonly stages: readonly StageProgress[];
  /** The checkpoint of an earlier run that this one began with; absent when it began anew. */
  readonly resumed?: Resumption;
  /** The last checkpoint of this run; absent until there is one. */
  readonly checkpoint?: CheckpointProgress;
  /** What the whole job waits for, in words: before a checkpoint, for calls of sources to come to their end. */
  readonly waitsFor?: string;
}

/** A checkpoint that a run has begun with. */
export interface Resumption {
  /** Which one, counted from 1 over all runs with its folder. */
  readonly version: number;
  /** When it was written, in milliseconds since 1970; absent when an earlier version of Millrace wrote it without a time. */
  readonly at?: number;
  /** The earlier run had come to its end: nothing is left to do. */
  readonly isEnded: boolean;
}

/** A checkpoint that has been written. */
export interface CheckpointProgress {
  /** When it was complete, in milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds that it took, with what sources needed to stop. */
  readonly millis: number;
  /** Bytes on disk that a restart reads: the whole state, of which a checkpoint writes what has changed. */
  readonly stateBytes: number;
}

/** How far one stage is. */
export interface StageProgress {
  readonly name: string;
  readonly state: 'waiting' | 'running' | 'done';
  /** Share of the stage's known work that is done, 0 to 1. */
  readonly fraction: number;
  /**
   * Work of the stage, in bytes that it reads, or in what its source counts; an estimate until the stages before it are
   * done, and absent where there is no end of it.
   */
  readonly work?: number;
  readonly elements: number;
  readonly bytes: number;
  readonly bundlesDone: number;
  readonly bundlesTotal: number;
  /**
   * Event time in milliseconds before which nothing comes out of the stage any more, but late; `MIN_TIMESTAMP` before it
   * has begun, `MAX_TIMESTAMP` at its end. This and what follows only of pipelines that run in steps: those with unbounded
   * input, state, timers or test streams.
   */
  readonly watermark?: number;
  /** Time of day minus watermark, in milliseconds; absent while the watermark is no date, and with test streams. */
  readonly lagMillis?: number;
  /** Over the last five seconds; absent in the first ones. */
  readonly elementsPerSecond?: number;
  /**
   * What has come and waits before the stage: elements held back for a side input or a checkpoint, restrictions that wait
   * for their turn; of a source, also what it knows to be left to read, in its own units (offsets, bytes).
   */
  readonly backlog?: number;
  /** Keys with open windows, state or timers; absent where nothing is kept by key. */
  readonly keys?: number;
  /** Elements that came too late and were dropped (metric `droppedDueToLateness`); absent of none. */
  readonly dropped?: number;
  /** What the stage waits for, in words; absent when that is only its input. */
  readonly waitsFor?: string;
}

/** A job under way. */
export interface Job {
  /** Ends when the job ends. @throws the job's error when it failed. */
  wait(): Promise<PipelineResult>;
  /** Stops the job; `wait` then throws `RunnerError` with the code `CANCELLED`. */
  cancel(reason?: string): Promise<void>;
  /**
   * Lets a pipeline with unbounded input come to its end: sources are given up, open windows finished. A pipeline whose
   * input is bounded ends by itself.
   */
  drain(): Promise<void>;
  /**
   * Ends a job that has a `checkpointDir` with a last checkpoint, from which the same program goes on; `wait` then throws
   * `RunnerError` with the code `STOPPED`. Without checkpoints, the same as `cancel`.
   */
  stop(reason?: string): Promise<void>;
  progress(): JobProgress;
  readonly error?: RunnerError;
}
