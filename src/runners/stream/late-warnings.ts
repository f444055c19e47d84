import type { DroppedElements } from '../core/state/dropped-elements.ts';
import { timeText } from './time-text.ts';

/** Tells of each transform, once in a run, that it drops what comes too late: otherwise nobody knows before the run ends. */
export class LateWarnings {
  readonly #told = new Set<string>();
  readonly #warn: (text: string) => void;

  constructor(warn: (text: string) => void) {
    this.#warn = warn;
  }

  /** Elements have been dropped by a transform. */
  dropped(transform: string, elements: DroppedElements): void {
    if (this.#told.has(transform)) return;
    this.#told.add(transform);
    this.#warn(warningOf(transform, elements));
  }
}

function warningOf(transform: string, { timestamp, window, watermark }: DroppedElements): string {
  const end = window?.maxTimestamp ?? timestamp;
  // In a window that is open, elements are too late to be put in order, or the trigger has finished.
  const over =
    end < watermark ? `whose window has expired (its last time is ${timeText(end)})` : 'which is too late for it';
  return (
    `'${transform}' drops elements that come too late. The first is of ${timeText(timestamp)}, ${over}: the watermark is at ` +
    `${timeText(watermark)}. A window with allowedLateness takes them, withLateOutput() keeps them apart, and a source may hold its ` +
    'watermark back (maxDelay, timestamp). The metric droppedDueToLateness counts them'
  );
}
