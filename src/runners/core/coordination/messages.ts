import type { ErrorContext } from '../../../sdk/errors.ts';
import type { MetricCells } from '../../../sdk/metrics/metric-cells.ts';

/**
 * A piece of a channel's content: a run, a block, a restriction. The coordinator passes it on and never looks inside.
 */
export type Part = unknown;

/** What one bundle wrote into one channel. */
export interface ChannelOutput {
  readonly channel: number;
  readonly parts: readonly Part[];
  /** Size of each part in bytes (of work, for restrictions). */
  readonly sizes: readonly number[];
  /** Bytes held in memory; the rest is on disk. */
  readonly memoryBytes: number;
  readonly bytes: number;
  /** Names of the files that hold the rest. */
  readonly files: readonly string[];
  /** Bytes per partition, for grouped channels. */
  readonly partitionBytes?: readonly number[];
}

/** Restrictions to be processed one after another. */
export interface Restrictions {
  readonly parts: readonly Part[];
  /** Work in each, as the splittable transform measures it. */
  readonly sizes: readonly number[];
}

/** What enters a bundle. */
export type BundleSource =
  | { readonly kind: 'impulse' }
  | { readonly kind: 'partition'; readonly partition: number; readonly parts: readonly Part[] }
  | { readonly kind: 'blocks'; readonly parts: readonly Part[] }
  | ({ readonly kind: 'restrictions' } & Restrictions);

/** A unit of work: part of one stage, run on one worker, visible as a whole or not at all. */
export interface BundleWork {
  /** Grows with each assignment, so that a worker knows a late copy of an old message. */
  readonly sequence: number;
  readonly bundle: number;
  /** Counted from 1. */
  readonly attempt: number;
  readonly stage: number;
  readonly source: BundleSource;
  /** Contents of the stage's side inputs by channel; those the worker has been sent before are left out. */
  readonly sides: Readonly<Record<number, readonly Part[]>>;
  /** Stages with side inputs that are done: the worker forgets what it keeps for them. */
  readonly finished: readonly number[];
  /** Bytes of output the bundle may leave in memory; the rest goes to disk. */
  readonly memoryAllowance: number;
}

/** An error that crosses threads: plain data. */
export interface PlainError {
  readonly name: string;
  /** The class of Millrace that it is of; `undefined` for other errors. */
  readonly type:
    | 'PipelineError'
    | 'CoderError'
    | 'UserCodeError'
    | 'IoError'
    | 'RunnerError'
    | 'MillraceError'
    | undefined;
  readonly code: string;
  readonly summary: string;
  readonly context: Omit<ErrorContext, 'cause'>;
  readonly stack?: string;
  readonly cause?: PlainError;
  /** Trying again cannot help. */
  readonly fatal: boolean;
}

/** Restrictions that were divided while they were processed: what the bundle keeps, and what it gives away. */
export interface RestrictionSplit {
  /** Counted from 0 within the attempt. */
  readonly index: number;
  /** How many restrictions of the bundle's list it keeps, from the first on. */
  readonly kept: number;
  /** The one of these, if any, of which only a part is left. */
  readonly shortened?: { readonly at: number; readonly part: Part; readonly size: number };
  readonly residual: Restrictions;
}

/** What a bundle counted. */
export interface BundleCounts {
  readonly elements: Readonly<Record<string, number>>;
  readonly metrics: Readonly<Record<string, MetricCells>>;
}

/** Messages of the coordinator. */
export type ToWorker =
  | { readonly type: 'run'; readonly work: BundleWork }
  /** Asks for about `1 - fraction` of what is left of a bundle of restrictions. */
  | { readonly type: 'split'; readonly bundle: number; readonly attempt: number; readonly fraction: number }
  /** The job is over: tear down. */
  | { readonly type: 'end' };

/** Messages of a worker. */
export type FromWorker =
  | {
      readonly type: 'done';
      readonly bundle: number;
      readonly attempt: number;
      readonly outputs: readonly ChannelOutput[];
      readonly counts: BundleCounts;
      /** All of the attempt's splits: a split message may be lost, this one is repeated until it is not. */
      readonly splits: readonly RestrictionSplit[];
    }
  | { readonly type: 'failed'; readonly bundle: number; readonly attempt: number; readonly error: PlainError }
  | { readonly type: 'split'; readonly bundle: number; readonly attempt: number; readonly split: RestrictionSplit };
