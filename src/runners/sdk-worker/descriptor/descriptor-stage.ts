import type { StageShape } from '../../../harness/stage-shape.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import type { Graph } from '../../../sdk/graph/graph.ts';
import type { StatefulDoFn } from '../../../sdk/state/check-stateful.ts';
import type { SplittableDoFn } from '../../../sdk/transforms/splittable-do-fn.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import type { PortCoder } from '../data/element-reader.ts';
import type { RemoteSide } from '../state/remote-side-inputs.ts';

/** An end of the data plane: which transform of the descriptor, with which encoding, at which address. */
export interface Port {
  readonly transform: string;
  readonly coder: PortCoder;
  readonly endpoint: string;
}

/** The splittable DoFn whose restrictions enter a stage. */
export interface RestrictionRoot {
  /** As the harness knows it. */
  readonly name: string;
  /** As the descriptor does. */
  readonly id: string;
  /** Local name of its input. */
  readonly input: string;
  /** Local names of its outputs. */
  readonly outputs: readonly string[];
  readonly fn: SplittableDoFn<unknown, unknown, unknown, unknown>;
}

/** The stateful DoFn of a stage. */
export interface StatefulRoot {
  readonly name: string;
  readonly id: string;
  readonly fn: StatefulDoFn;
  /** As the runner knows keys, values and windows. */
  readonly keyCoder: Coder<unknown>;
  readonly valueCoder: Coder<unknown>;
  readonly windowCoder: Coder<Window>;
  readonly allowedLateness: number;
  /** Whether its input ends. */
  readonly isBounded: boolean;
}

/** A descriptor in the terms of the harness. */
export interface DescriptorStage {
  readonly graph: Graph;
  /** Ids of collections that the descriptor has: the graph may have more. */
  readonly collections: ReadonlySet<string>;
  readonly shape: StageShape;
  readonly source: Port;
  /** By sink number; one without a port keeps its elements for the program that runs the pipeline. */
  readonly sinks: readonly ({ readonly port: Port } | { readonly collect: string })[];
  readonly restrictions: RestrictionRoot | undefined;
  readonly stateful: StatefulRoot | undefined;
  readonly sides: readonly RemoteSide[];
  /** Ids in the descriptor by the harness's names, for metrics and state. */
  readonly transformIds: ReadonlyMap<string, string>;
  /** DoFns that may hold something from a bundle's start to its end: they are in one bundle at a time. */
  readonly holding: readonly string[];
}
