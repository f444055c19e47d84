import type { Window } from '../../../sdk/windows/window.ts';

/** How many elements a transform has given up because they came too late, and the first of them. */
export class DroppedElements {
  count = 0;
  /** Of the first. */
  timestamp = 0;
  window: Window | undefined;
  /** Of the input, when the first came. */
  watermark = 0;

  add(timestamp: number, window: Window, watermark: number): void {
    if (this.count++ > 0) return;
    this.timestamp = timestamp;
    this.window = window;
    this.watermark = watermark;
  }

  clear(): void {
    this.count = 0;
    this.window = undefined;
  }
}
