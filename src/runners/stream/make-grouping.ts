import { accumulatorCoderOf } from '../../sdk/combine/element-coders.ts';
import type { CollectionNode, TransformSpec } from '../../sdk/graph/graph.ts';
import type { WindowingStrategy } from '../../sdk/windows/windowing-strategy.ts';
import {
  CollectedContents,
  CombinedContents,
  type GroupingHost,
  type GroupState,
  type PaneContents,
  WindowedGrouping,
} from '../core/grouping/index.ts';
import { isMerging } from '../core/shuffle/windowing.ts';
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

/** How a grouping that needs no more than that keeps the values of a window. */
export function paneContents(spec: TransformSpec | undefined, { coder }: CollectionNode): PaneContents {
  const [, valueCoder] = coder.components;
  if (spec?.kind !== 'combinePerKey') return new CollectedContents(valueCoder);
  return new CombinedContents(spec.fn, accumulatorCoderOf(spec.fn, valueCoder));
}

/** Keeps such contents outside of memory. */
export function contentsCodec(contents: PaneContents, isCombined: boolean): EntryCodec<unknown> {
  if (isCombined) {
    return {
      encode: (accumulator, out) => contents.encode(accumulator, 0, out),
      decode: (input) => contents.decode(input, 0),
      bytesOf: () => 0,
    };
  }
  return {
    encode(values, out) {
      const { length } = values as unknown[];
      out.varint(length);
      contents.encode(values, length, out);
    },
    decode: (input) => contents.decode(input, input.varint()),
    bytesOf: (values) => (values as unknown[]).length * ELEMENT_BYTES,
  };
}

/** Whether each window has at most one pane, which comes when the window ends and with which nothing is left of it. */
export function firesOnce(windowing: WindowingStrategy): boolean {
  const { trigger, allowedLateness, timestampCombiner } = windowing;
  const atEnd =
    trigger.kind === 'default' ||
    (trigger.kind === 'afterWatermark' && trigger.early === undefined && trigger.late === undefined);
  return atEnd && allowedLateness === 0 && timestampCombiner === 'endOfWindow' && !isMerging(windowing);
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
