import type { ErrorContext } from '../../../sdk/errors.ts';
import type { MetricCells } from '../../../sdk/metrics/metric-cells.ts';

/** A piece of a channel's content: a run, a block, a restriction. The coordinator passes it on and never looks inside. */
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

/** What enters a bundle. */
export type BundleSource =
  | { readonly kind: 'impulse' }
  | { readonly kind: 'partition'; readonly partition: number; readonly parts: readonly Part[] }
  | { readonly kind: 'blocks'; readonly parts: readonly Part[] }
  | { readonly kind: 'restriction'; readonly part: Part };

/** A unit of work: part of one stage, run on one worker, visible as a whole or not at all. */
export interface BundleWork {
  /** Grows with each assignment, so that a worker knows a late copy of an old message. */
  readonly sequence: number;
  readonly bundle: number;
  /** Counted from 1. */
  readonly attempt: number;
  readonly stage: number;
  readonly source: BundleSource;
  /** Contents of the stage's side inputs by channel. */
  readonly sides: Readonly<Record<number, readonly Part[]>>;
  /** Bytes of output the bundle may leave in memory; the rest goes to disk. */
  readonly memoryAllowance: number;
}

/** An error that crosses threads: plain data. */
export interface PlainError {
  readonly name: string;
  readonly code: string;
  readonly summary: string;
  readonly context: Omit<ErrorContext, 'cause'>;
  readonly stack?: string;
  readonly cause?: PlainError;
  /** Trying again cannot help. */
  readonly fatal: boolean;
}

/** A restriction that was divided while it was processed. */
export interface RestrictionSplit {
  /** Counted from 0 within the attempt. */
  readonly index: number;
  readonly primary: Part;
  readonly residual: Part;
  readonly residualSize: number;
}

/** What a bundle counted. */
export interface BundleCounts {
  readonly elements: Readonly<Record<string, number>>;
  readonly metrics: Readonly<Record<string, MetricCells>>;
}

export type ToWorker =
  | { readonly type: 'run'; readonly work: BundleWork }
  /** Asks for about `1 - fraction` of what is left of a restriction. */
  | { readonly type: 'split'; readonly bundle: number; readonly attempt: number; readonly fraction: number }
  /** The job is over: tear down. */
  | { readonly type: 'end' };

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
