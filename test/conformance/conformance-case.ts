import type { Pipeline, PipelineMetrics } from '../../src/sdk/index.ts';

/** What a case asks of a runner besides the plain batch model; a runner that lacks one is listed with its refusals. */
export type Feature =
  | 'custom-windows'
  | 'merging-windows'
  | 'custom-merging-windows'
  | 'splittable'
  | 'unbounded-splittable'
  | 'metrics'
  | 'retries'
  | 'test-stream'
  | 'triggers'
  | 'processing-time'
  | 'state'
  | 'event-timers'
  | 'processing-timers'
  | 'time-sorted-input'
  | 'window-expiration'
  | 'finalization'
  | 'panes'
  | 'several-test-streams';

/**
 * One rule of the Beam model as a small pipeline that proves it. The pipeline holds its own assertions, so that it can
 * run anywhere; nothing outside of it is looked at, except the metrics of the run and the error it must end with.
 */
export interface ConformanceCase {
  /** Unique path: topic, then what is pinned: `windowing/fixed/end-is-exclusive`. */
  readonly name: string;
  /** Where the rule is stated: a section of Beam's programming guide, a proto message, a class or published test. */
  readonly source: string;
  /** The rule in one sentence. */
  readonly rule: string;
  readonly needs: readonly Feature[];
  /** Code of the error that building or running the pipeline must end with; absent: it must succeed. */
  readonly fails?: string;
  /** Builds the pipeline with its assertions. */
  pipeline(p: Pipeline): void;
  /** Asserts, by throwing, what only the end of a successful run shows: metrics, and what happened outside of the pipeline. */
  afterwards?(metrics: PipelineMetrics): void;
}

/** A case within its topic. */
export interface TopicCase extends Omit<ConformanceCase, 'source' | 'needs'> {
  readonly source?: string;
  readonly needs?: readonly Feature[];
}

/**
 * Cases on one subject.
 *
 * @param path prefix of their names, @param source where their rules are stated unless a case says otherwise
 * @param needs features that all of them need
 */
export function topic(
  path: string,
  source: string,
  cases: readonly TopicCase[],
  needs: readonly Feature[] = [],
): ConformanceCase[] {
  return cases.map((each) => ({
    ...each,
    name: `${path}/${each.name}`,
    source: each.source ?? source,
    needs: [...new Set([...needs, ...(each.needs ?? [])])],
  }));
}

/** The topic of a case: the first two parts of its name. */
export function topicOf(name: string): string {
  return name.split('/').slice(0, 2).join('/');
}
