import type { MetricsScope, RestrictionTracker, SplittableContext } from '../../src/sdk/index.ts';
import { GLOBAL_WINDOW, MIN_TIMESTAMP } from '../../src/sdk/index.ts';
import { NO_FIRING } from '../../src/sdk/windows/pane-info.ts';

/** What a test hands to a splittable DoFn's `process` when it calls it by itself. */
export function restrictionContext<R, P>(
  tracker: RestrictionTracker<R, P>,
  metrics: MetricsScope = {} as MetricsScope,
): SplittableContext<R, P> {
  return {
    tracker,
    metrics,
    timestamp: GLOBAL_WINDOW.maxTimestamp,
    window: GLOBAL_WINDOW,
    pane: NO_FIRING,
    sides: {},
    state: {},
    timers: {},
    output: () => {},
    watermark: { current: MIN_TIMESTAMP, set: () => {} },
    processingTime: () => MIN_TIMESTAMP,
    signal: new AbortController().signal,
    afterBundleCommit: () => {},
  };
}
