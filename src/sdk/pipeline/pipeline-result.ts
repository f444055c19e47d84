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
  readonly metrics: PipelineMetrics;
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
  readonly elapsedMillis: number;
  readonly stages: readonly StageProgress[];
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
  /** Event time in milliseconds up to which the stage has seen its input; only on unbounded input. */
  readonly watermark?: number;
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
  progress(): JobProgress;
  readonly error?: RunnerError;
}
