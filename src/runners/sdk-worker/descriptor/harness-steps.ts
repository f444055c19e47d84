import { type Coder, decodeFromBytes } from '../../../sdk/coders/coder.ts';
import type { WindowedValue } from '../../../sdk/coders/windowed-value-coder.ts';
import type { TransformSpec } from '../../../sdk/graph/graph.ts';
import type { ProcessContext } from '../../../sdk/transforms/do-fn.ts';
import type { ElementFn } from '../../../sdk/transforms/element-fn.ts';
import type { KV } from '../../../sdk/values.ts';

/** A step that the harness brings with it, as a ParDo without side inputs. */
export function step(fn: ElementFn): TransformSpec {
  return { kind: 'parDo', fn, sides: {} };
}

/** Emits each element as it is, in the coder of the output. */
export const IDENTITY: TransformSpec = step({ kind: 'map', fn: (element: unknown) => element });

/** Bytes to the values that they encode. */
export function decode(coder: Coder<unknown>): TransformSpec {
  return step({ kind: 'map', fn: (bytes: Uint8Array) => decodeFromBytes(coder, bytes) });
}

/** Texts for people: `[nonce, element]` to `[nonce, text]`. */
export const TO_STRING: TransformSpec = step({ kind: 'mapValues', fn: (element: unknown) => textOf(element) });

function textOf(element: unknown): string {
  if (typeof element === 'string') return element;
  if (element instanceof Uint8Array) return Buffer.from(element).toString('utf8');
  return typeof element === 'object' ? JSON.stringify(element) : String(element);
}

/** Keys among which a reshuffle spreads the elements. */
const SHUFFLE_KEYS = 1 << 30;

/** First half of a reshuffle that is spelled out. */
export function reshufflePair(random: () => number): TransformSpec {
  return step({
    kind: 'doFn',
    fn: {
      process(value: unknown, { timestamp, window, pane }: ProcessContext): [KV<number, WindowedValue<unknown>>] {
        return [[Math.floor(random() * SHUFFLE_KEYS), { value, timestamp, windows: [window], pane }]];
      },
    } as never,
  });
}

/** Second half: elements as they were, with their timestamps, windows and panes. */
export const RESHUFFLE_RESTORE: TransformSpec = step({
  kind: 'restore',
  fn: ([, elements]: KV<unknown, Iterable<WindowedValue<unknown>>>) => elements,
});
