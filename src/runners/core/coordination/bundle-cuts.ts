import type { PlannedSource } from './bundle.ts';
import type { ChannelOutput, Part } from './messages.ts';

/** A bundle to be: what enters it, and how much work that is. */
export interface Cut {
  readonly source: PlannedSource;
  readonly size: number;
}

/** Bundles per worker that a channel is cut into: enough to balance, few enough to be cheap. */
const BUNDLES_PER_WORKER = 4;
/** Work, in bytes where it is read from files, up to which a worker gets all its restrictions in one bundle. */
const ONE_BUNDLE = 64 * 1024 * 1024;

/** Neighbouring parts together make a bundle of about equal size: many small files need no bundle each. */
export function cutParts(kind: 'blocks' | 'restrictions', outputs: readonly ChannelOutput[], workers: number): Cut[] {
  let total = 0;
  for (const { sizes } of outputs) for (const size of sizes) total += size;
  const target = targetSize(kind, total, workers);
  const cuts: Cut[] = [];
  let parts: Part[] = [];
  let sizes: number[] = [];
  let size = 0;
  const cut = (): void => {
    if (parts.length > 0) cuts.push({ source: kind === 'blocks' ? { kind, parts } : { kind, parts, sizes }, size });
    parts = [];
    sizes = [];
    size = 0;
  };
  for (const output of outputs) {
    for (let i = 0; i < output.parts.length; i++) {
      // A part that is large by itself does not take the small ones before it along.
      if (size > 0 && size + output.sizes[i] > target * 1.5) cut();
      parts.push(output.parts[i]);
      sizes.push(output.sizes[i]);
      size += output.sizes[i];
      if (size >= target) cut();
    }
  }
  cut();
  return cuts;
}

/**
 * Each bundle writes groups and partial sums of its own, which are merged later, so that few bundles are less work. One of
 * restrictions is divided while it runs when a worker has nothing to do; only what would be lost with it limits its size.
 */
function targetSize(kind: 'blocks' | 'restrictions', total: number, workers: number): number {
  const several = total / (BUNDLES_PER_WORKER * workers);
  return kind === 'blocks' ? several : Math.max(several, Math.min(total / workers, ONE_BUNDLE));
}

/** One bundle for each partition that holds anything. */
export function cutPartitions(sizes: readonly number[]): Cut[] {
  return sizes.flatMap((size, partition) => (size > 0 ? [{ source: { kind: 'partition', partition }, size }] : []));
}
