import { type Components, MergeStatus, type Pipeline } from '../../model/pipeline.ts';
import { CoderUrn } from '../../model/urns.ts';
import { fixed } from '../../sdk/index.ts';

/** Nobody assigns by it: what matters to a grouping is that its windows are intervals and do not merge. */
const NOT_MERGING = fixed('1h');

/**
 * Says of collections whose windows have merged, and do not merge again, that they have fixed windows: runners look at the
 * window function, and merge sessions behind the second grouping too (Prism, Flink), or refuse state on them (Flink).
 */
export function declareMerged({ components }: Pipeline): void {
  if (components === undefined) return;
  for (const strategy of Object.values(components.windowingStrategies)) {
    if (strategy.mergeStatus !== MergeStatus.ALREADY_MERGED || !isInterval(components, strategy.windowCoderId))
      continue;
    strategy.windowFn = { urn: NOT_MERGING.urn, payload: NOT_MERGING.payload() };
    strategy.mergeStatus = MergeStatus.NON_MERGING;
  }
}

function isInterval({ coders }: Components, windowCoderId: string): boolean {
  return coders[windowCoderId]?.spec?.urn === CoderUrn.INTERVAL_WINDOW;
}
