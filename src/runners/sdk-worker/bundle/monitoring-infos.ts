import type { BundleReport } from '../../../harness/stage-runner.ts';
import type { MonitoringInfo } from '../../../model/pipeline.ts';
import type { Init } from '../../../model/proto/message-type.ts';
import { MetricLabel, MetricTypeUrn, MetricUrn } from '../../../model/urns.ts';
import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { MetricCell } from '../../../sdk/metrics/metric-cells.ts';
import type { ElementSizes } from '../data/element-samples.ts';

/** Namespace of user metrics: they have none in the SDK, and runners want one. */
const METRIC_NAMESPACE = 'millrace';

type Labels = Readonly<Record<string, string>>;

/** What a bundle has counted, as runners take it. */
export interface BundleFigures {
  readonly report: BundleReport;
  /** Ids in the descriptor by the harness's names of transforms. */
  readonly transformIds: ReadonlyMap<string, string>;
  /** Collections by the harness's names of transforms. */
  readonly outputs: ReadonlyMap<string, readonly string[]>;
  /** Ids of collections that the descriptor has. */
  readonly collections: ReadonlySet<string>;
  /** Sizes of elements that have left the stage, by collection. */
  readonly sizes: ReadonlyMap<string, Readonly<ElementSizes>>;
  /** Milliseconds that the stage was at work, and what ran in it. */
  readonly workMillis: number;
  /** The transform that reads the data channel, and the elements that it has taken. */
  readonly read: { readonly transform: string; readonly index: number };
  /** Of the restriction at hand. */
  readonly work?: { readonly transform: string; readonly completed: number; readonly remaining: number } | undefined;
}

/** Every metric, with its labels and payload. */
export function monitoringInfos(figures: BundleFigures): Init<MonitoringInfo>[] {
  const { report, transformIds, collections, sizes, read, work } = figures;
  const infos: Init<MonitoringInfo>[] = [];
  for (const [id, count] of Object.entries(report.elements)) {
    if (!collections.has(id)) continue;
    infos.push(
      info(MetricUrn.ELEMENT_COUNT, MetricTypeUrn.SUM_INT64_TYPE, { [MetricLabel.PCOLLECTION]: id }, integers([count])),
    );
  }
  for (const [id, { count, sum, min, max }] of sizes) {
    if (count === 0) continue;
    const payload = integers([count, sum, min, max]);
    const type = MetricTypeUrn.DISTRIBUTION_INT64_TYPE;
    infos.push(info(MetricUrn.SAMPLED_BYTE_SIZE, type, { [MetricLabel.PCOLLECTION]: id }, payload));
  }
  infos.push(...times(figures));
  for (const [name, cells] of Object.entries(report.metrics)) {
    const transform = transformIds.get(name);
    if (transform === undefined) continue;
    for (const [metric, cell] of Object.entries(cells)) {
      const labels = {
        [MetricLabel.TRANSFORM]: transform,
        [MetricLabel.NAMESPACE]: METRIC_NAMESPACE,
        [MetricLabel.NAME]: metric,
      };
      const made = userMetric(cell, labels);
      if (made !== undefined) infos.push(made);
    }
  }
  infos.push(
    info(
      MetricUrn.DATA_CHANNEL_READ_INDEX,
      MetricTypeUrn.SUM_INT64_TYPE,
      { [MetricLabel.TRANSFORM]: read.transform },
      integers([read.index]),
    ),
  );
  if (work !== undefined) {
    const labels = { [MetricLabel.TRANSFORM]: work.transform };
    infos.push(info(MetricUrn.WORK_COMPLETED, MetricTypeUrn.PROGRESS_TYPE, labels, progress(work.completed)));
    infos.push(info(MetricUrn.WORK_REMAINING, MetricTypeUrn.PROGRESS_TYPE, labels, progress(work.remaining)));
  }
  return infos;
}

/** The time of the stage, shared out among its transforms by the elements that they have emitted. */
function times({ report, transformIds, outputs, workMillis }: BundleFigures): Init<MonitoringInfo>[] {
  const weights = new Map<string, number>();
  let total = 0;
  for (const [name, id] of transformIds) {
    const weight = (outputs.get(name) ?? []).reduce((sum, each) => sum + (report.elements[each] ?? 0), 1);
    weights.set(id, weight);
    total += weight;
  }
  return [...weights].map(([id, weight]) => {
    const payload = integers([Math.round((workMillis * weight) / total)]);
    return info(MetricUrn.TOTAL_MSECS, MetricTypeUrn.SUM_INT64_TYPE, { [MetricLabel.TRANSFORM]: id }, payload);
  });
}

function info(urn: string, type: string, labels: Labels, payload: Uint8Array): Init<MonitoringInfo> {
  return { urn, type, labels, payload };
}

function userMetric(cell: MetricCell, labels: Labels): Init<MonitoringInfo> | undefined {
  switch (cell.kind) {
    case 'counter':
      return Number.isSafeInteger(cell.value)
        ? info(MetricUrn.USER_SUM_INT64, MetricTypeUrn.SUM_INT64_TYPE, labels, integers([cell.value]))
        : info(MetricUrn.USER_SUM_DOUBLE, MetricTypeUrn.SUM_DOUBLE_TYPE, labels, doubles([cell.value]));
    case 'distribution': {
      const { count, sum, min, max } = cell.value;
      if (count === 0) return undefined;
      if ([sum, min, max].every(Number.isSafeInteger)) {
        const payload = integers([count, sum, min, max]);
        return info(MetricUrn.USER_DISTRIBUTION_INT64, MetricTypeUrn.DISTRIBUTION_INT64_TYPE, labels, payload);
      }
      const payload = Buffer.concat([integers([count]), doubles([sum, min, max])]);
      return info(MetricUrn.USER_DISTRIBUTION_DOUBLE, MetricTypeUrn.DISTRIBUTION_DOUBLE_TYPE, labels, payload);
    }
    case 'gauge': {
      if (Number.isNaN(cell.value)) return undefined;
      const at = integers([cell.at]);
      return Number.isSafeInteger(cell.value)
        ? info(
            MetricUrn.USER_LATEST_INT64,
            MetricTypeUrn.LATEST_INT64_TYPE,
            labels,
            Buffer.concat([at, integers([cell.value])]),
          )
        : info(
            MetricUrn.USER_LATEST_DOUBLE,
            MetricTypeUrn.LATEST_DOUBLE_TYPE,
            labels,
            Buffer.concat([at, doubles([cell.value])]),
          );
    }
    case 'stringSet': {
      const out = new ByteWriter(64);
      out.uint32(cell.value.length);
      for (const text of cell.value) out.string(text);
      return info(MetricUrn.USER_SET_STRING, MetricTypeUrn.SET_STRING_TYPE, labels, out.copy());
    }
  }
}

function integers(values: readonly number[]): Uint8Array {
  const out = new ByteWriter(32);
  for (const value of values) out.varint64(BigInt(Math.trunc(value)));
  return out.copy();
}

function doubles(values: readonly number[]): Uint8Array {
  const out = new ByteWriter(32);
  for (const value of values) out.float64(value);
  return out.copy();
}

/** An iterable of doubles, as the type of progress has it. */
function progress(value: number): Uint8Array {
  const out = new ByteWriter(16);
  out.uint32(1);
  out.float64(value);
  return out.copy();
}
