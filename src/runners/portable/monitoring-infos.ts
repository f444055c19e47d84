import type { MetricResults } from '../../model/job-management.ts';
import type { MonitoringInfo } from '../../model/pipeline.ts';
import { MetricLabel, MetricTypeUrn, MetricUrn } from '../../model/urns.ts';
import { ByteReader } from '../../sdk/coders/byte-reader.ts';
import type { Graph } from '../../sdk/graph/graph.ts';
import { MAX_STRING_SET, type MetricCell } from '../../sdk/metrics/metric-cells.ts';
import type { MetricResult } from '../../sdk/pipeline/pipeline-result.ts';
import { JobCounts } from '../core/coordination/job-counts.ts';
import type { PlainMetrics } from '../core/job/job-result.ts';
import { transformStats } from '../core/job/transform-stats.ts';

/**
 * A job's metrics from what its runner reports: of committed bundles, or of all attempts where it does not tell these
 * apart. Metrics of kinds that Millrace has not are left out.
 */
export function metricsOf(graph: Graph, results: MetricResults | undefined): PlainMetrics {
  const { committed = [], attempted = [] } = results ?? {};
  const counts = new JobCounts();
  const millis = new Map<string, number>();
  for (const info of committed.length > 0 ? committed : attempted) {
    const transform = info.labels[MetricLabel.TRANSFORM] ?? '';
    if (info.urn === MetricUrn.ELEMENT_COUNT)
      add(counts.elements, info.labels[MetricLabel.PCOLLECTION], integerOf(info));
    else if (info.urn === MetricUrn.TOTAL_MSECS) add(millis, transform, integerOf(info));
    else if (info.urn.startsWith('beam:metric:user:')) {
      const cell = cellOf(info);
      if (cell === undefined) continue;
      counts.add({ elements: {}, metrics: { [transform]: { [info.labels[MetricLabel.NAME] ?? '']: cell } } });
    }
  }
  const user: MetricResult[] = [];
  for (const [transform, ofTransform] of counts.metrics) {
    for (const [name, cell] of Object.entries(ofTransform)) user.push({ transform, name, ...cell });
  }
  return { user, transforms: transformStats(graph, counts.elements, new Map(), millis) };
}

function add(counts: Map<string, number>, key: string | undefined, value: number): void {
  if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + value);
}

function integerOf({ payload }: MonitoringInfo): number {
  return Number(new ByteReader(payload).varint64());
}

/** The value of a user metric; undefined of a kind that is not ours. */
function cellOf({ type, payload }: MonitoringInfo): MetricCell | undefined {
  const reader = new ByteReader(payload);
  const integer = (): number => Number(reader.varint64());
  const double = (): number => reader.float64();
  switch (type) {
    case MetricTypeUrn.SUM_INT64_TYPE:
      return { kind: 'counter', value: integer() };
    case MetricTypeUrn.SUM_DOUBLE_TYPE:
      return { kind: 'counter', value: double() };
    case MetricTypeUrn.LATEST_INT64_TYPE:
      return { kind: 'gauge', at: integer(), value: integer() };
    case MetricTypeUrn.LATEST_DOUBLE_TYPE:
      return { kind: 'gauge', at: integer(), value: double() };
    case MetricTypeUrn.DISTRIBUTION_INT64_TYPE:
      return distribution(integer(), integer(), integer(), integer());
    case MetricTypeUrn.DISTRIBUTION_DOUBLE_TYPE:
      return distribution(integer(), double(), double(), double());
    case MetricTypeUrn.SET_STRING_TYPE:
      return { kind: 'stringSet', value: stringsOf(reader) };
    default:
      return undefined;
  }
}

function distribution(count: number, sum: number, min: number, max: number): MetricCell {
  return {
    kind: 'distribution',
    value: count === 0 ? { count, sum, min: Number.NaN, max: Number.NaN } : { count, sum, min, max },
  };
}

/** An iterable of strings: a big-endian count, then each with its length. */
function stringsOf(reader: ByteReader): string[] {
  const count = reader.int32();
  const strings: string[] = [];
  // Malformed UTF-8 in a name is no reason to lose a job's result.
  for (let i = 0; i < count && strings.length < MAX_STRING_SET; i++)
    strings.push(reader.view(reader.varint()).toString());
  return strings;
}
