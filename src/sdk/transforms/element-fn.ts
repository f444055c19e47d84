import type { WindowedValue } from '../coders/windowed-value-coder.ts';
import type { Timestamp } from '../windows/timestamp.ts';
import type { DoFn } from './do-fn.ts';
import type { SplittableDoFn } from './splittable-do-fn.ts';

/** Which failures of a user function go to an output instead of failing the bundle. */
export interface ErrorOutput {
  /** Tag of the dead-letter output. */
  readonly tag: string;
  /** Shortens or blanks the element before it is written anywhere. */
  readonly redact?: (element: unknown) => unknown;
}

/**
 * The user function of one ParDo, in the shape the harness compiles. The simple shapes exist because the harness turns
 * them into straight calls; each is a DoFn in the graph.
 */
export type ElementFn = (
  | { readonly kind: 'map'; readonly fn: (element: never) => unknown }
  | { readonly kind: 'filter'; readonly fn: (element: never) => unknown }
  | { readonly kind: 'flatMap'; readonly fn: (element: never) => unknown }
  | { readonly kind: 'keyBy'; readonly fn: (element: never) => unknown }
  | { readonly kind: 'mapValues'; readonly fn: (value: never) => unknown }
  | { readonly kind: 'withTimestamps'; readonly fn: (element: never) => Timestamp }
  | { readonly kind: 'partition'; readonly fn: (element: never) => number; readonly tags: readonly string[] }
  /** Emits elements with timestamps, windows and panes of their own; a step that runners have between two others. */
  | { readonly kind: 'restore'; readonly fn: (element: never) => Iterable<WindowedValue<unknown>> }
  | { readonly kind: 'doFn'; readonly fn: DoFn<never, unknown> }
  | { readonly kind: 'splittable'; readonly fn: SplittableDoFn<never, unknown, unknown, unknown> }
) & {
  readonly errors?: ErrorOutput;
  /** What comes too late goes to the output `late`, and is not dropped. */
  readonly keepsLate?: boolean;
  /** The function may change its elements: it is a step of the engine's, and nobody else reads them. */
  readonly ownsInput?: boolean;
  /** Describes what the function holds besides its code, for the comparison of graphs. */
  readonly holds?: () => string;
  /** Asynchronous calls under way at once; default 16. */
  readonly concurrency?: number;
};

/** What a dead-letter output holds. */
export interface FailedElement<T> {
  /** The element, or what `redact` made of it. */
  readonly element: T;
  /** Unique name of the transform that failed. */
  readonly transform: string;
  /** The message is as it was thrown, and may quote the element. */
  readonly error: { readonly name: string; readonly message: string; readonly code?: string; readonly stack?: string };
}
