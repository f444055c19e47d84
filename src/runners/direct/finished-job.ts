import type { Job, MetricResult, PipelineMetrics, PipelineResult } from '../../sdk/pipeline/pipeline-result.ts';
import type { PlainMetrics, PlainResult } from './worker-start.ts';

/** Metrics with their methods. */
export function metricsOf(plain: PlainMetrics): PipelineMetrics {
  return {
    ...plain,
    counter: (name) =>
      plain.user
        .filter(
          (metric): metric is MetricResult & { kind: 'counter' } => metric.kind === 'counter' && metric.name === name,
        )
        .reduce((sum, { value }) => sum + value, 0),
  };
}

/** A job that has ended elsewhere. */
export function finishedJob(plain: PlainResult): Job {
  const result: PipelineResult = { ...plain, metrics: metricsOf(plain.metrics) };
  return {
    wait: () => Promise.resolve(result),
    cancel: () => Promise.resolve(),
    progress: () => ({ state: result.state, elapsedMillis: result.millis, stages: [] }),
  };
}
