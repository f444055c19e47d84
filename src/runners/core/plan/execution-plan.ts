/** How data passes from stages to later stages. */
export type ChannelKind =
  /** Grouped by key and window: sorted runs. */
  | 'group'
  /** The same, holding accumulators of a lifted combine. */
  | 'combine'
  /** A stored collection: blocks of elements. */
  | 'blocks'
  /** Restrictions of a splittable transform, each processed as a bundle of its own. */
  | 'restrictions'
  /** Elements by key, for a stateful transform; only in steps. */
  | 'keyed';

/**
 * What is written by some stages and read by others. All writers end before the readers start, unless the channel keeps
 * partitions: then each partition is read as soon as it is complete.
 */
export interface Channel {
  readonly id: number;
  readonly kind: ChannelKind;
  /** The grouping, splittable or reshuffling transform, or the producer of the stored collection. */
  readonly transform: string;
  /** Collection that is written into the channel. */
  readonly collection: string;
  /**
   * All writers read groups by the same keys and windows, and what enters them from partition p leaves them for
   * partition p.
   */
  readonly keepsPartitions: boolean;
}

/** Where the elements of a stage come from. */
export type StageInput =
  | { readonly kind: 'impulse' }
  /** A test stream; only in steps. */
  | { readonly kind: 'testStream'; readonly transform: string }
  /** A transform of another SDK, of which no more is known here; only in plans that are shown. */
  | {
      readonly kind: 'external';
      readonly transform: string;
      readonly urn: string;
      /** `host:port` of its expansion service. */
      readonly endpoint: string;
      /** The stored collections that it reads, by local name. */
      readonly channels: Readonly<Record<string, number>>;
    }
  | { readonly kind: 'channel'; readonly channel: number };

/** A side input and the stored collection it is read from. */
export interface StageSide {
  readonly transform: string;
  readonly local: string;
  readonly channel: number;
}

/** Transforms fused to run as one, from a barrier to the next. */
export interface Stage {
  readonly id: number;
  /** For people: the transforms' names, shortened. */
  readonly name: string;
  readonly input: StageInput;
  /** Collection that enters the first steps. */
  readonly root: string;
  /** Topologically ordered. */
  readonly steps: readonly { readonly transform: string; readonly input: string }[];
  /** Channels written, in the order of the harness's sinks; each is fed by one collection of this stage. */
  readonly writes: readonly { readonly channel: number; readonly collection: string }[];
  readonly sides: readonly StageSide[];
  /** Stages that must be done first. */
  readonly after: readonly number[];
}

/** What a runner executes: stages in an order in which they can run, and the channels between them. */
export interface ExecutionPlan {
  readonly stages: readonly Stage[];
  /** All stages at work at once, in steps, and not one after the other. */
  readonly inSteps: boolean;
  readonly channels: readonly Channel[];
  /** Channels whose contents are kept for the program, by the transform that asked for it. */
  readonly kept: readonly { readonly transform: string; readonly channel: number }[];
  /** Rewrites that were applied, for `millrace explain`. */
  readonly notes: readonly string[];
}
