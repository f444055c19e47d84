import type { DistributionResult } from '../pipeline/pipeline-result.ts';

/** Most strings a string set keeps. */
export const MAX_STRING_SET = 1000;

/** The value of one metric as it travels from a bundle to the runner; a plain object. */
export type MetricCell =
  | { readonly kind: 'counter'; value: number }
  | { readonly kind: 'distribution'; value: DistributionResult }
  | { readonly kind: 'gauge'; value: number; at: number }
  | { readonly kind: 'stringSet'; value: string[] };

/** Cells of one transform by metric name. */
export type MetricCells = Record<string, MetricCell>;

/** Adds the cells of one bundle to those of others. */
export function mergeCells(into: MetricCells, from: MetricCells): void {
  for (const [name, cell] of Object.entries(from)) {
    if (Object.hasOwn(into, name)) mergeCell(into[name], cell);
    else into[name] = structuredClone(cell);
  }
}

function mergeCell(into: MetricCell, from: MetricCell): void {
  if (into.kind === 'counter' && from.kind === 'counter') into.value += from.value;
  else if (into.kind === 'gauge' && from.kind === 'gauge') {
    if (from.at >= into.at) {
      into.value = from.value;
      into.at = from.at;
    }
  } else if (into.kind === 'distribution' && from.kind === 'distribution') {
    const a = into.value;
    const b = from.value;
    into.value = {
      count: a.count + b.count,
      sum: a.sum + b.sum,
      min: b.min >= a.min || Number.isNaN(b.min) ? a.min : b.min,
      max: b.max <= a.max || Number.isNaN(b.max) ? a.max : b.max,
    };
  } else if (into.kind === 'stringSet' && from.kind === 'stringSet') {
    into.value = [...new Set([...into.value, ...from.value])].slice(0, MAX_STRING_SET);
  }
}
