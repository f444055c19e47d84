import type { Coder } from '../coders/coder.ts';
import type { CombineFn } from '../combine/combine-fn.ts';
import type { ElementFn } from '../transforms/element-fn.ts';
import type { SideInputView } from '../transforms/side-input.ts';
import type { TestStreamEvent } from '../transforms/test-stream.ts';
import type { WindowingStrategy } from '../windows/windowing-strategy.ts';

/** A side input as the graph holds it: which collection, read how. */
export interface SideInputNode {
  readonly collection: string;
  readonly view: SideInputView;
  readonly fallback?: { readonly value: unknown };
}

/** A transform of another SDK. What it is made of, an expansion service says when the pipeline is submitted. */
export interface ExternalSpec {
  readonly kind: 'external';
  /** `host:port` of the expansion service. */
  readonly endpoint: string;
  readonly urn: string;
  readonly payload: Uint8Array;
  /** Its outputs are unbounded, whatever its inputs are. */
  readonly unbounded: boolean;
}

/** What a transform does; composites without a meaning of their own have none. Each kind is one Beam URN. */
export type TransformSpec =
  | { readonly kind: 'impulse' }
  | { readonly kind: 'parDo'; readonly fn: ElementFn; readonly sides: Readonly<Record<string, SideInputNode>> }
  | { readonly kind: 'window'; readonly windowing: WindowingStrategy }
  | { readonly kind: 'flatten' }
  | { readonly kind: 'groupByKey' }
  | {
      /** A composite that holds a groupByKey and a combineGroupedValues; a runner may execute it as one. */
      readonly kind: 'combinePerKey';
      readonly fn: CombineFn<unknown, unknown, unknown>;
    }
  | { readonly kind: 'combineGroupedValues'; readonly fn: CombineFn<unknown, unknown, unknown> }
  /** Spreads elements over all workers and makes them stable: a retry sees the same elements. */
  | { readonly kind: 'reshuffle' }
  /** Plays a script of elements, watermark and processing time. */
  | { readonly kind: 'testStream'; readonly events: readonly TestStreamEvent[] }
  /** Keeps the elements for the program that runs the pipeline. */
  | { readonly kind: 'collect' }
  | ExternalSpec;

/** One node of the transform tree; field by field a Beam PTransform. */
export interface TransformNode {
  /** Full unique name, e.g. `Count words/Sum/GroupByKey`. */
  readonly name: string;
  readonly parent: string | undefined;
  readonly children: string[];
  spec: TransformSpec | undefined;
  /** Collections by local name. */
  readonly inputs: Record<string, string>;
  readonly outputs: Record<string, string>;
  /** Where the user's program applied it, `file:line:column`; for messages only. */
  readonly location: string | undefined;
}

/** A Beam PCollection. The coder may still be settled while the pipeline is built. */
export interface CollectionNode {
  readonly id: string;
  readonly producer: string;
  coder: Coder<unknown>;
  readonly windowing: WindowingStrategy;
  readonly bounded: boolean;
}

/**
 * A pipeline as a graph: the in-memory twin of Beam's Pipeline proto, with live functions and coders where the proto
 * has payloads. Transforms are in the order of their application, which is a topological order.
 */
export interface Graph {
  readonly transforms: Map<string, TransformNode>;
  readonly collections: Map<string, CollectionNode>;
  readonly roots: string[];
}

/** Name of the main input of transforms that have one. */
export const MAIN_INPUT = 'input';
/** Name of the main output. */
export const MAIN_OUTPUT = 'main';
/** Output of a grouping or a stateful DoFn for the elements that are too late, where it has one. */
export const LATE_OUTPUT = 'late';
