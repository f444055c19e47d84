/** Where a bundle of elements is cut. */
export interface ElementSplit {
  /** Index of the element at hand, when a part of it is to be given up too; else it stays whole. */
  readonly within?: { readonly fraction: number };
  /** First element that is given up whole. */
  readonly firstResidual: number;
}

/** What a runner asks for. */
export interface WantedSplit {
  /** Share of the remaining work to keep. */
  readonly fraction: number;
  /** Elements that the bundle gets in all, as the runner estimates. */
  readonly estimated: number;
  /** Where it may be cut; none means anywhere. */
  readonly allowed: readonly number[];
}

/** How far the bundle is. */
export interface BundlePosition {
  /** Elements that are done or at hand. */
  readonly given: number;
  /** First element that is none of the bundle's any more. */
  readonly end: number;
  /** The share of the last of them that is done, where it can be split; absent where it cannot. */
  readonly atHand?: number | undefined;
}

/**
 * Chooses the cut nearest to what the runner wants. The element at hand is only cut when the wanted share ends within it.
 *
 * @returns nothing when there is nothing to give up
 */
export function chooseSplit(
  { fraction, estimated, allowed }: WantedSplit,
  position: BundlePosition,
): ElementSplit | undefined {
  const { given, end, atHand } = position;
  const total = Math.min(end, Math.max(estimated, given));
  const rest = atHand === undefined ? 0 : 1 - atHand;
  const keep = fraction * (total - given + rest);
  const mayCut = allowed.length === 0 || (allowed.includes(given - 1) && allowed.includes(given));
  if (atHand !== undefined && mayCut && keep < rest) {
    return { within: { fraction: rest === 0 ? 0 : keep / rest }, firstResidual: given };
  }
  const first = given + Math.max(0, Math.round(keep - rest));
  const cut = allowed.length === 0 ? first : nearest(allowed, first, given);
  return cut === undefined || cut >= total ? undefined : { firstResidual: cut };
}

function nearest(allowed: readonly number[], wanted: number, least: number): number | undefined {
  let best: number | undefined;
  for (const each of allowed) {
    if (each < least) continue;
    if (best === undefined || Math.abs(each - wanted) < Math.abs(best - wanted)) best = each;
  }
  return best;
}
