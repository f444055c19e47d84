import { endedText } from '../../runners/direct/status-text.ts';
import type { MetricResult, PipelineResult, TransformStats } from '../../sdk/pipeline/pipeline-result.ts';
import { formatBytes, formatCount, formatMillis } from './format.ts';

/** Most strings of a string set that are printed. */
const MAX_STRINGS = 10;

/** The end of a job in a few lines: state, time, the program's own metrics; with `verbose`, each transform as well. */
export function summaryLines({ state, millis, resumed, metrics }: PipelineResult, verbose: boolean): string[] {
  const lines = [
    resumed?.isEnded ? `${state} before this run: ${endedText(resumed)}` : `${state} in ${formatMillis(millis)}`,
  ];
  if (resumed?.isEnded && (verbose || metrics.user.length > 0)) lines.push('counted by the earlier runs:');
  if (metrics.user.length > 0) {
    const rows = metrics.user.map((metric): [string, string, string] => [
      metric.name,
      metricText(metric),
      metric.transform,
    ]);
    lines.push(...table(rows));
  }
  if (verbose) lines.push(...table([['transform', 'in', 'out', 'bytes', 'time'], ...metrics.transforms.map(statsRow)]));
  return lines;
}

function metricText(metric: MetricResult): string {
  switch (metric.kind) {
    case 'counter':
    case 'gauge':
      return String(metric.value);
    case 'distribution': {
      const { count, sum, min, max } = metric.value;
      return count === 0
        ? 'count 0'
        : `count ${count}, min ${min}, mean ${Number((sum / count).toPrecision(6))}, max ${max}`;
    }
    case 'stringSet': {
      const more = metric.value.length - MAX_STRINGS;
      return metric.value.slice(0, MAX_STRINGS).join(', ') + (more > 0 ? ` and ${more} more` : '');
    }
  }
}

function statsRow(stats: TransformStats): string[] {
  const out = Object.values(stats.elementsOut).reduce((sum, count) => sum + count, 0);
  return [
    stats.transform,
    formatCount(stats.elementsIn),
    formatCount(out),
    stats.bytesOut === 0 ? '' : formatBytes(stats.bytesOut),
    formatMillis(stats.millis),
  ];
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column])).join('  ')}`.trimEnd());
}
