import type { ByteReader } from '../../sdk/coders/byte-reader.ts';
import { ByteWriter } from '../../sdk/coders/byte-writer.ts';
import type { CollectionNode } from '../../sdk/graph/graph.ts';
import type { ElementSink } from '../../sdk/transforms/element-sink.ts';
import { MIN_TIMESTAMP } from '../../sdk/windows/timestamp.ts';
import type { Window } from '../../sdk/windows/window.ts';
import type { GroupingHost, GroupState, WindowedGrouping } from '../core/grouping/index.ts';
import { type CheckpointPart, signatureOf } from './engine-checkpoint.ts';
import { sideGrouping } from './make-grouping.ts';
import type { StageUnit, StepClock } from './stage-unit.ts';

/** What a side input holds in one of its windows. */
export interface SideContent {
  readonly elements: readonly unknown[];
  /** Changes with each firing. */
  readonly version: number;
}

/** The one key of a side input. */
const KEY = null;

/**
 * A collection that is read as a side input. Its elements are grouped per window under the collection's own windowing
 * and trigger; each firing that brings something replaces what the window held before.
 */
export class SideContents implements ElementSink, GroupingHost, CheckpointPart {
  readonly collection: CollectionNode;
  readonly upstream: readonly StageUnit[];
  /** Stages whose elements are read beside it. */
  readonly readers: { readonly unit: StageUnit; readonly allowedLateness: number }[] = [];
  readonly #grouping: WindowedGrouping;
  readonly #stepClock: StepClock;
  readonly #contents = new Map<string, SideContent & { readonly window: Window }>();
  readonly #scratch = new ByteWriter(32);
  #state: GroupState;
  #watermark: number = MIN_TIMESTAMP;
  #version = 0;
  #forgotten: number = MIN_TIMESTAMP;

  constructor(collection: CollectionNode, upstream: readonly StageUnit[], clock: StepClock) {
    this.collection = collection;
    this.upstream = upstream;
    this.#stepClock = clock;
    this.#grouping = sideGrouping(collection, this);
    this.#state = this.#grouping.create();
  }

  /** Changes when a window has become ready or holds something else. */
  get version(): number {
    return this.#version;
  }

  write(element: unknown, timestamp: number, window: Window): void {
    this.#grouping.element(KEY, this.#state, element, timestamp, window, this.#clock());
  }

  emit(_key: unknown, value: unknown, _timestamp: number, window: Window): void {
    const elements = value as readonly unknown[];
    const text = this.#textOf(window);
    // A pane that only says that the window has ended brings nothing to read.
    if (elements.length === 0 && this.#contents.has(text)) return;
    this.#version++;
    this.#contents.set(text, { elements, version: this.#version, window });
  }

  /** Elements of windows that have expired come too late to be read. */
  dropped(): void {}

  /** Called in each step when the writers have had their turn. True when there is more to read than before. */
  advance(): boolean {
    const before = this.#version;
    let watermark = Number.POSITIVE_INFINITY;
    for (const { outputWatermark } of this.upstream) watermark = Math.min(watermark, outputWatermark);
    const rises = watermark > this.#watermark;
    this.#watermark = watermark;
    const clock = this.#clock();
    const { nextEventTime, nextProcessingTime } = this.#state;
    if (nextEventTime <= clock.watermark || nextProcessingTime <= clock.processingTime) {
      this.#grouping.advance(KEY, this.#state, clock);
    }
    // Windows that have ended without an element are ready too.
    if (rises) this.#version++;
    return this.#version !== before;
  }

  #clock() {
    const { processingTime } = this.#stepClock;
    return { watermark: this.#watermark, processingTime, synchronizedProcessingTime: processingTime };
  }

  /** What a window of the side input holds; `undefined` while that is not known. */
  of(window: Window): SideContent | undefined {
    const found = this.#contents.get(this.#textOf(window));
    if (found !== undefined) return found;
    return this.#watermark > window.maxTimestamp ? EMPTY : undefined;
  }

  get id(): string {
    return `side:${this.collection.id}`;
  }

  get signature(): string {
    return signatureOf(this.collection);
  }

  get isEmpty(): boolean {
    return this.#contents.size === 0 && this.#state.isEmpty;
  }

  save(out: ByteWriter): void {
    out.float64(this.#watermark);
    this.#grouping.encode(this.#state, out);
    const { coder, windowing } = this.collection;
    out.varint(this.#contents.size);
    for (const { window, elements } of this.#contents.values()) {
      windowing.windowFn.coder.encode(window, out, true);
      out.varint(elements.length);
      for (const element of elements) coder.encode(element, out, true);
    }
  }

  restore(input: ByteReader): void {
    this.#watermark = input.float64();
    this.#state = this.#grouping.decode(input);
    const { coder, windowing } = this.collection;
    this.#contents.clear();
    for (let left = input.varint(); left > 0; left--) {
      const window = windowing.windowFn.coder.decode(input, true);
      const elements = Array.from({ length: input.varint() }, () => coder.decode(input, true));
      this.emit(KEY, elements, window.maxTimestamp, window);
    }
  }

  nextProcessingTime(): number {
    return this.#state.nextProcessingTime;
  }

  /** Gives up the windows that no reader will ask for any more: all have passed them, late elements and all. */
  forget(): void {
    let time = Number.POSITIVE_INFINITY;
    for (const { unit, allowedLateness } of this.readers) time = Math.min(time, unit.passed - allowedLateness);
    time -= this.collection.windowing.windowFn.sideInputLookback ?? 0;
    if (time <= this.#forgotten) return;
    this.#forgotten = time;
    for (const [text, { window }] of this.#contents) if (window.maxTimestamp < time) this.#contents.delete(text);
  }

  #textOf(window: Window): string {
    this.#scratch.clear();
    this.collection.windowing.windowFn.coder.encode(window, this.#scratch, true);
    return this.#scratch.view().latin1Slice();
  }
}

const EMPTY: SideContent = { elements: [], version: 0 };
