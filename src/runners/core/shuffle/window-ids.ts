import type { Coder } from '../../../sdk/coders/coder.ts';
import { IntervalWindow, type Window } from '../../../sdk/windows/window.ts';
import { KeyDictionary } from './key-dictionary.ts';

const MEMO = 64;

/** Gives each distinct window a dense id, by its encoding; windows seen lately cost a comparison. */
export class WindowIds {
  /** Records and hashes of the windows. */
  readonly dictionary: KeyDictionary;
  readonly #memo: (Window | undefined)[] = new Array(MEMO).fill(undefined);
  readonly #memoIds = new Int32Array(MEMO);

  constructor(coder: Coder<Window>) {
    this.dictionary = new KeyDictionary(coder as Coder<unknown>, 64);
  }

  clear(): void {
    this.dictionary.clear();
    this.#memo.fill(undefined);
  }

  idOf(window: Window): number {
    // Ends of calendar windows are round numbers: multiply, and take the high bits.
    const at = Math.imul(window.maxTimestamp + 1, 0x9e3779b1) >>> 26;
    const known = this.#memo[at];
    if (known !== undefined && sameWindow(known, window)) return this.#memoIds[at];
    const id = this.dictionary.idOf(window);
    this.#memo[at] = window;
    this.#memoIds[at] = id;
    return id;
  }
}

function sameWindow(a: Window, b: Window): boolean {
  if (a === b) return true;
  return a instanceof IntervalWindow && b instanceof IntervalWindow && a.start === b.start && a.end === b.end;
}
