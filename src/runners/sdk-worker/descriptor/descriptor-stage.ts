import type { StageShape } from '../../../harness/stage-shape.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import type { Graph } from '../../../sdk/graph/graph.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import type { PortCoder } from '../data/element-reader.ts';

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
}

/** The stateful DoFn of a stage. */
export interface StatefulRoot {
  readonly name: string;
  readonly id: string;
  /** As the runner knows keys and windows. */
  readonly keyCoder: Coder<unknown>;
  readonly windowCoder: Coder<Window>;
  readonly allowedLateness: number;
}

/** A side input of some step. */
export interface SideRoot {
  readonly transform: string;
  readonly id: string;
  readonly local: string;
  readonly collection: string;
}

/** A descriptor in the terms of the harness. */
export interface DescriptorStage {
  readonly graph: Graph;
  readonly shape: StageShape;
  readonly source: Port;
  /** By sink number; one without a port keeps its elements for the program that runs the pipeline. */
  readonly sinks: readonly ({ readonly port: Port } | { readonly collect: string })[];
  readonly restrictions: RestrictionRoot | undefined;
  readonly stateful: StatefulRoot | undefined;
  readonly sides: readonly SideRoot[];
  /** Coders of windows by collection, as the runner knows them. */
  readonly windowCoders: ReadonlyMap<string, Coder<Window>>;
  /** Ids in the descriptor by the harness's names, for metrics and state. */
  readonly transformIds: ReadonlyMap<string, string>;
  /** DoFns that may hold something from a bundle's start to its end: they are in one bundle at a time. */
  readonly holding: readonly string[];
}
