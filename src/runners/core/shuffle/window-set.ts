import { type Coder, encodeToBytes } from '../../../sdk/coders/coder.ts';
import { IntervalWindow, type Window } from '../../../sdk/windows/window.ts';

/** Distinct windows in the order in which they were added: a small set, made for one key. */
export class WindowSet {
  readonly windows: Window[] = [];
  readonly #coder: Coder<Window>;
  /** Numbers of the windows by their last timestamp, which few have in common. */
  readonly #numbers = new Map<number, number[]>();

  constructor(coder: Coder<Window>) {
    this.#coder = coder;
  }

  /** Number of a window, which is added if need be. */
  add(window: Window): number {
    const known = this.find(window);
    if (known >= 0) return known;
    const number = this.windows.push(window) - 1;
    const others = this.#numbers.get(window.maxTimestamp);
    if (others === undefined) this.#numbers.set(window.maxTimestamp, [number]);
    else others.push(number);
    return number;
  }

  /** Number of a window; −1 when it is not in the set. */
  find(window: Window): number {
    for (const number of this.#numbers.get(window.maxTimestamp) ?? []) {
      if (sameWindow(this.windows[number], window, this.#coder)) return number;
    }
    return -1;
  }
}

/** Windows are equal by their encoding; intervals show it. */
export function sameWindow(a: Window, b: Window, coder: Coder<Window>): boolean {
  if (a === b) return true;
  if (a instanceof IntervalWindow && b instanceof IntervalWindow) return a.start === b.start && a.end === b.end;
  if (a.maxTimestamp !== b.maxTimestamp) return false;
  return Buffer.compare(encodeToBytes(coder, a), encodeToBytes(coder, b)) === 0;
}
