import { PipelineError } from '../../../sdk/errors.ts';
import type { Graph } from '../../../sdk/graph/graph.ts';
import { findMetrics } from '../../../sdk/metrics/find-metrics.ts';
import type { Job, PipelineResult } from '../../../sdk/pipeline/pipeline-result.ts';
import { type Collected, isForeignTicket } from '../../../sdk/transforms/collect.ts';

/** A job's result as plain data. */
export interface PlainResult extends Pick<PipelineResult, 'state' | 'millis' | 'resumed'> {
  readonly metrics: PlainMetrics;
  /** Collected elements by transform. */
  readonly collected: Readonly<Record<string, readonly unknown[]>>;
}

/** Metrics without their methods. */
export type PlainMetrics = Pick<PipelineResult['metrics'], 'user' | 'transforms'>;

const plain = new WeakMap<PipelineResult, PlainResult>();

/** A result with its methods, of the pipeline of that graph. */
export function resultOf(data: PlainResult, graph: Graph): PipelineResult {
  const { state, millis, resumed, collected } = data;
  const result: PipelineResult = {
    state,
    millis,
    ...(resumed === undefined ? {} : { resumed }),
    metrics: { ...data.metrics, ...findMetrics(data.metrics.user) },
    elements<T>(ticket: Collected<T>): readonly T[] {
      const transform = String(ticket?.transform);
      const isForeign = isForeignTicket(ticket, graph);
      const elements = !isForeign && Object.hasOwn(collected, transform) ? collected[transform] : undefined;
      if (elements === undefined) {
        const whose = isForeign ? ' of another pipeline' : '';
        throw new PipelineError('NOT_COLLECTED', `This run has no elements of '${transform}'${whose}`, {
          hint: 'the ticket is what collect() gave when this pipeline was built',
        });
      }
      return elements as readonly T[];
    },
  };
  plain.set(result, data);
  return result;
}

/** The same result as data that may cross threads. */
export function plainOf(result: PipelineResult): PlainResult {
  return plain.get(result) as PlainResult;
}

/** A job that has ended elsewhere, of the pipeline of that graph. */
export function finishedJob(data: PlainResult, graph: Graph): Job {
  const result = resultOf(data, graph);
  return {
    wait: () => Promise.resolve(result),
    cancel: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    drain: () => Promise.resolve(),
    progress: () => ({ state: result.state, elapsedMillis: result.millis, stages: [] }),
  };
}
