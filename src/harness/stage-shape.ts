/** One transform inside a fused stage. The same transform may stand in several stages (flatten unzipping). */
export interface StepShape {
  readonly transform: string;
  /** Collection the step reads: the root, or an output of an earlier step. */
  readonly input: string;
}

/** A collection that leaves the stage, and which of the bundle's sinks takes it. */
export interface SinkShape {
  readonly collection: string;
  readonly sink: number;
  /** For whom it is written, to be named in errors: a grouping, or the transform that made the collection. */
  readonly transform: string;
}

/** A splittable step at the border: its elements leave as restrictions, to be processed by a stage of their own. */
export interface SplitShape {
  readonly transform: string;
  readonly input: string;
  readonly sink: number;
}

/**
 * A fused stage as the harness sees it: elements of `root` enter, run through the steps, and leave through sinks.
 * Where they come from and where they go is the runner's business.
 */
export interface StageShape {
  readonly root: string;
  /** Topologically ordered. */
  readonly steps: readonly StepShape[];
  readonly sinks: readonly SinkShape[];
  readonly splits: readonly SplitShape[];
  /** The splittable transform whose restrictions enter the stage: its main output is the root, the others come in beside it. */
  readonly source?: string | undefined;
}
