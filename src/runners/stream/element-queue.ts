import type { ElementBlock } from '../../harness/bundle-input.ts';
import type { ElementSink } from '../../sdk/transforms/element-sink.ts';
import type { PaneInfo } from '../../sdk/windows/pane-info.ts';
import type { Window } from '../../sdk/windows/window.ts';

/** Elements on their way from one stage to another within a step. A column that is the same for all is one value. */
export class ElementQueue implements ElementSink {
  #values: unknown[] = [];
  #timestamps: number[] = [];
  #windows: Window[] = [];
  #panes: PaneInfo[] = [];
  #oneTime = true;
  #oneWindow = true;
  #onePane = true;
  /** The earliest timestamp; +Infinity when there is nothing. */
  least = Number.POSITIVE_INFINITY;

  get length(): number {
    return this.#values.length;
  }

  write(element: unknown, timestamp: number, window: Window, pane: PaneInfo): void {
    const index = this.#values.length;
    this.#values.push(element);
    this.#timestamps.push(timestamp);
    this.#windows.push(window);
    this.#panes.push(pane);
    if (timestamp < this.least) this.least = timestamp;
    if (index === 0) return;
    if (timestamp !== this.#timestamps[0]) this.#oneTime = false;
    if (window !== this.#windows[0]) this.#oneWindow = false;
    if (pane !== this.#panes[0]) this.#onePane = false;
  }

  /** Adds a block's elements. */
  writeAll(block: ElementBlock | undefined): void {
    if (block === undefined) return;
    for (let i = 0; i < block.values.length; i++) {
      this.write(block.values[i], timestampAt(block, i), windowAt(block, i), paneAt(block, i));
    }
  }

  /** What there is; `undefined` when that is nothing. Valid until the next write. */
  peek(): ElementBlock | undefined {
    if (this.#values.length === 0) return undefined;
    return {
      values: this.#values,
      timestamps: this.#oneTime ? this.#timestamps[0] : this.#timestamps,
      windows: this.#oneWindow ? this.#windows[0] : this.#windows,
      panes: this.#onePane ? this.#panes[0] : this.#panes,
    };
  }

  /** Takes out everything; `undefined` when there is nothing. */
  take(): ElementBlock | undefined {
    const block = this.peek();
    if (block === undefined) return undefined;
    this.#values = [];
    this.#timestamps = [];
    this.#windows = [];
    this.#panes = [];
    this.#oneTime = true;
    this.#oneWindow = true;
    this.#onePane = true;
    this.least = Number.POSITIVE_INFINITY;
    return block;
  }
}

/** One element of a block. */
export function timestampAt({ timestamps }: ElementBlock, i: number): number {
  return typeof timestamps === 'number' ? timestamps : timestamps[i];
}

export function windowAt({ windows }: ElementBlock, i: number): Window {
  return Array.isArray(windows) ? windows[i] : (windows as Window);
}

export function paneAt({ panes }: ElementBlock, i: number): PaneInfo {
  return Array.isArray(panes) ? panes[i] : (panes as PaneInfo);
}

/** Passes elements to several readers. */
export class FanOut implements ElementSink {
  readonly #readers: readonly ElementSink[];

  constructor(readers: readonly ElementSink[]) {
    this.#readers = readers;
  }

  write(element: unknown, timestamp: number, window: Window, pane: PaneInfo): void {
    for (const reader of this.#readers) reader.write(element, timestamp, window, pane);
  }
}
