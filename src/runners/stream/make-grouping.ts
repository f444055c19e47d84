import { accumulatorCoderOf } from '../../sdk/combine/element-coders.ts';
import type { CollectionNode, TransformSpec } from '../../sdk/graph/graph.ts';
import type { GroupingHost, GroupState } from '../core/grouping/index.ts';
import { WindowedGrouping } from '../core/grouping/index.ts';
import type { EntryCodec } from '../core/state/state-table.ts';

/** What a key with its windows is taken to need in memory, besides what the windows hold. */
const KEY_BYTES = 120;
const WINDOW_BYTES = 160;
const ELEMENT_BYTES = 48;

/** The grouping of a transform whose input is the collection of pairs. */
export function groupingOf(
  spec: TransformSpec | undefined,
  { coder, windowing }: CollectionNode,
  host: GroupingHost,
): WindowedGrouping {
  const [, valueCoder] = coder.components;
  if (spec?.kind !== 'combinePerKey') return new WindowedGrouping({ windowing, contentsCoder: valueCoder, host });
  const { fn } = spec;
  return new WindowedGrouping({ windowing, contentsCoder: accumulatorCoderOf(fn, valueCoder), fn, host });
}

/** The grouping that keeps a side input's elements per window. */
export function sideGrouping({ coder, windowing }: CollectionNode, host: GroupingHost): WindowedGrouping {
  return new WindowedGrouping({ windowing, contentsCoder: coder, host });
}

/** Keeps the states of a grouping outside of memory. */
export function groupStateCodec(grouping: WindowedGrouping, isCombined: boolean): EntryCodec<GroupState> {
  return {
    encode: (state, out) => grouping.encode(state, out),
    decode: (input) => grouping.decode(input),
    // Asked after each element and window, of which one key may have many.
    bytesOf: ({ groups, count }) => KEY_BYTES + groups.length * WINDOW_BYTES + (isCombined ? 0 : count * ELEMENT_BYTES),
  };
}
