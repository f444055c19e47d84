import { type Coder, decodeFromBytes, encodeToBytes } from '../../sdk/coders/coder.ts';
import type { ElementSink } from '../../sdk/transforms/element-sink.ts';
import type { PaneInfo } from '../../sdk/windows/pane-info.ts';
import type { Window } from '../../sdk/windows/window.ts';

/**
 * Passes on what a coder makes of elements, for strict mode: between the stages of one process elements go as they are,
 * and what cannot be encoded would be found by the first checkpoint, or by another runner.
 */
export class EncodingSink implements ElementSink {
  readonly #coder: Coder<unknown>;
  readonly #reader: ElementSink;

  constructor(coder: Coder<unknown>, reader: ElementSink) {
    this.#coder = coder;
    this.#reader = reader;
  }

  /** @throws CoderError when the element is not of the coder's type */
  write(element: unknown, timestamp: number, window: Window, pane: PaneInfo): void {
    const bytes = encodeToBytes(this.#coder, element, true);
    this.#reader.write(decodeFromBytes(this.#coder, bytes, true), timestamp, window, pane);
  }
}
