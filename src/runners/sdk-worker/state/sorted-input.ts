import { type Coder, decodeFromBytes, encodeToBytes } from '../../../sdk/coders/coder.ts';
import { type WindowedValue, WindowedValueCoder } from '../../../sdk/coders/windowed-value-coder.ts';
import { SORTING } from '../../../sdk/graph/user-state-proto.ts';
import type { BagState, ValueState } from '../../../sdk/state/state-handles.ts';
import type { PaneInfo } from '../../../sdk/windows/pane-info.ts';
import { MIN_TIMESTAMP, type Timestamp } from '../../../sdk/windows/timestamp.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import { justAfter } from '../../core/state/keyed-state.ts';

/** An element that waits, or whose turn has come. */
type Waiting = WindowedValue<unknown>;

/** First of those that wait, and the time until which others have had their turns. */
type Times = readonly [first: Timestamp | null, released: Timestamp];

/** When elements of a key and window are to be given, and until when they have been. */
interface SortedTurn {
  readonly elements: readonly Waiting[];
  /** Timestamp of the first one that goes on waiting. */
  readonly next: Timestamp | undefined;
}

/**
 * The elements of a DoFn that wants them in the order of time, which wait in state of their key and window until the watermark
 * has passed them. Runners that are asked to sort do it in part (Prism, within a bundle) or refuse (Flink).
 */
export class SortedInput {
  readonly #waiting: BagState<Uint8Array>;
  readonly #times: ValueState<Times>;
  readonly #coder: Coder<Waiting>;
  readonly #allowedLateness: number;

  /** @param states of the key and window at hand, by name */
  constructor(
    states: Readonly<Record<string, unknown>>,
    valueCoder: Coder<unknown>,
    windowCoder: Coder<Window>,
    allowedLateness: number,
  ) {
    this.#waiting = states[SORTING.elements] as BagState<Uint8Array>;
    this.#times = states[SORTING.times] as ValueState<Times>;
    this.#coder = new WindowedValueCoder(valueCoder, windowCoder);
    this.#allowedLateness = allowedLateness;
  }

  /** When an element with the timestamp has its turn, in event time. */
  dueAt(timestamp: Timestamp): Timestamp {
    return justAfter(timestamp + this.#allowedLateness);
  }

  /**
   * Lets an element wait.
   *
   * @returns whether it is the first of those that wait; `late` when others behind it have had their turn
   */
  add(value: unknown, timestamp: Timestamp, window: Window, pane: PaneInfo): boolean | 'late' {
    const [first, released] = this.#times.read() ?? [null, MIN_TIMESTAMP];
    if (this.dueAt(timestamp) <= released) return 'late';
    this.#waiting.add(encodeToBytes(this.#coder, { value, timestamp, windows: [window], pane }));
    if (first !== null && first <= timestamp) return false;
    this.#times.write([timestamp, released]);
    return true;
  }

  /** Takes those out that are due at a time. @param isLast whether all are: no time comes afterwards */
  take(time: Timestamp, isLast: boolean): SortedTurn {
    const all = Array.from(this.#waiting.read(), (bytes) => decodeFromBytes(this.#coder, bytes));
    if (all.length === 0) return { elements: [], next: undefined };
    all.sort((a, b) => a.timestamp - b.timestamp);
    const isDue = ({ timestamp }: Waiting) => isLast || this.dueAt(timestamp) <= time;
    const elements = all.filter(isDue);
    const rest = all.slice(elements.length);
    this.#waiting.clear();
    for (const element of rest) this.#waiting.add(encodeToBytes(this.#coder, element));
    const next = rest[0]?.timestamp;
    this.#times.write([next ?? null, time]);
    return { elements, next };
  }
}
