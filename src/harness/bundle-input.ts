import type { RestrictionTracker } from '../sdk/transforms/restriction.ts';
import type { Batch } from '../sdk/transforms/splittable-do-fn.ts';
import { NO_FIRING, type PaneInfo } from '../sdk/windows/pane-info.ts';
import { MIN_TIMESTAMP } from '../sdk/windows/timestamp.ts';
import { GLOBAL_WINDOW, type Window } from '../sdk/windows/window.ts';
import type { CombinedReader, GroupReader } from './stage-program.ts';

/** Elements with their columns; a column that is the same for all is a single value. */
export interface ElementBlock {
  readonly values: readonly unknown[];
  readonly timestamps: number | ArrayLike<number>;
  readonly windows: Window | readonly Window[];
  readonly panes: PaneInfo | readonly PaneInfo[];
}

/** The one empty element that a pipeline begins with (Beam's Impulse). */
export const IMPULSE: ElementBlock = {
  values: [new Uint8Array(0)],
  timestamps: MIN_TIMESTAMP,
  windows: GLOBAL_WINDOW,
  panes: NO_FIRING,
};

/** Gives a block, and after that nothing. */
export function onlyBlock(block: ElementBlock): () => ElementBlock | undefined {
  let next: ElementBlock | undefined = block;
  return () => {
    const given = next;
    next = undefined;
    return given;
  };
}

/** The outputs of a splittable DoFn's call as elements of its element's window. */
export function elementBlock(batch: Batch<unknown>, timestamp: number, windows: Window, panes: PaneInfo): ElementBlock {
  if ('timestamps' in batch) return { values: batch.values, timestamps: batch.timestamps, windows, panes };
  return { values: batch, timestamps: timestamp, windows, panes };
}

/** What a call of a splittable DoFn has emitted to an additional output, in the window of its element. */
export interface TaggedOutput {
  readonly collection: string;
  readonly value: unknown;
  readonly timestamp: number;
}

/** A part of one element's work, for a splittable transform. */
export interface OpenRestriction {
  readonly element: unknown;
  readonly restriction: unknown;
  readonly timestamp: number;
  readonly window: Window;
  readonly pane: PaneInfo;
  /** How far earlier calls of the restriction have come; absent before the first. */
  readonly watermark?: number;
}

/** A call that is under way, as far as a runner may interfere with it. */
export interface OpenCall {
  readonly tracker: RestrictionTracker<unknown, unknown>;
  /** Nothing earlier than this will come out of the restriction. */
  readonly watermark: number;
  /** Tells the call that its rest is taken away. */
  stop(): void;
}

/** Restrictions to be processed one after another, by a runner that may take some of them back. */
export interface RestrictionReader {
  next(): OpenRestriction | undefined | Promise<OpenRestriction | undefined>;
  /** Asked between batches: the fraction of the rest to keep, when a part of the restriction at hand is to be given up. */
  splitWanted(): number | undefined;
  /** Hands the runner the part that was given up. */
  onSplit(primary: unknown, residual: unknown): void;
  /** Told between batches how much of the restriction at hand is done and how much is left. */
  onProgress(completed: number, remaining: number): void;
  /** Is given each call as it begins, by a runner that splits at any time. */
  onCall?(call: OpenCall): void;
  /** Takes what a call has left for later, to be taken up after so long. Where absent, the harness waits and goes on. */
  onResume?(residual: unknown, delayMillis: number, watermark: number): void;
}

/** The next elements, none at the end of the bundle; a promise where they are still to come. */
export type NextBlock = ElementBlock | undefined | Promise<ElementBlock | undefined>;
/** The same; or what is due is to fire before elements that come later. */
export type NextKeyedBlock = NextBlock | 'due' | Promise<ElementBlock | 'due' | undefined>;

/** What enters the stage in one bundle. */
export type BundleInput =
  | { readonly kind: 'blocks'; next(): NextBlock }
  /** Elements for a stateful DoFn; once they are through, what is due fires. */
  | { readonly kind: 'keyed'; next(): NextKeyedBlock }
  | { readonly kind: 'groups'; readonly reader: GroupReader }
  | { readonly kind: 'combined'; readonly reader: CombinedReader }
  | { readonly kind: 'restrictions'; readonly reader: RestrictionReader }
  /** What a call for a restriction has given, where calls go on beside the bundles. */
  | { readonly kind: 'outputs'; readonly tagged: readonly TaggedOutput[]; readonly block: ElementBlock };
