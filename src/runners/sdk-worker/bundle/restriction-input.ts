import type { OpenCall, OpenRestriction, RestrictionReader } from '../../../harness/bundle-input.ts';
import { sizeOf } from '../../../harness/split-restriction.ts';
import type { BundleApplication, DelayedBundleApplication } from '../../../model/fn-execution.ts';
import { IsBounded } from '../../../model/pipeline.ts';
import type { Init } from '../../../model/proto/message-type.ts';
import { timeToProto } from '../../../model/protobuf-time.ts';
import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { encodeStandingAlone } from '../../../sdk/coders/default-coder.ts';
import type { WindowedValue } from '../../../sdk/coders/windowed-value-coder.ts';
import type { Timestamp } from '../../../sdk/windows/timestamp.ts';
import type { ElementInput } from '../data/element-input.ts';
import type { PortCoder } from '../data/element-reader.ts';
import type { RestrictionRoot } from '../descriptor/descriptor-stage.ts';
import type { Sized } from '../descriptor/restriction-steps.ts';

/** What a split within the element at hand leaves and gives up. */
export interface RestrictionSplitParts {
  readonly primary: readonly Init<BundleApplication>[];
  readonly residual: readonly Init<DelayedBundleApplication>[];
}

/**
 * Restrictions of a bundle, one after another. One that came in several windows is processed in each of them by itself, so
 * that a part can be given up at any time.
 */
export class RestrictionInput implements RestrictionReader {
  /** What calls have left for later. */
  readonly later: Init<DelayedBundleApplication>[] = [];
  readonly #input: ElementInput;
  readonly #coder: Coder<WindowedValue<unknown>>;
  readonly #root: RestrictionRoot;
  #waiting: OpenRestriction[] = [];
  #open: OpenRestriction | undefined;
  #call: OpenCall | undefined;
  /** What went wrong after a restriction was cut: the part that was to be given up is in nobody's hands. */
  #lost: { readonly error: unknown } | undefined;

  constructor(input: ElementInput, coder: PortCoder, root: RestrictionRoot) {
    this.#input = input;
    this.#coder = coder as Coder<WindowedValue<unknown>>;
    this.#root = root;
  }

  /** @throws what made a split fail: the runner then has the whole bundle done again */
  async next(): Promise<OpenRestriction | undefined> {
    if (this.#lost !== undefined) throw this.#lost.error;
    this.#call = undefined;
    this.#open = undefined;
    if (this.#waiting.length === 0) this.#waiting = await this.#nextElement();
    this.#open = this.#waiting.shift();
    return this.#open;
  }

  async #nextElement(): Promise<OpenRestriction[]> {
    const block = await this.#input.nextOf(1);
    if (block === undefined || block === 'due') return [];
    const { values, timestamps, windows, panes } = block;
    return values.map((value, i) => {
      const [[element, [restriction, watermark]]] = value as Sized;
      return {
        element,
        restriction,
        watermark,
        timestamp: typeof timestamps === 'number' ? timestamps : timestamps[i],
        window: Array.isArray(windows) ? windows[i] : windows,
        pane: Array.isArray(panes) ? panes[i] : panes,
      } as OpenRestriction;
    });
  }

  // The runner asks through the control stream, and is answered at once.
  splitWanted(): undefined {}
  onSplit(): void {}
  onProgress(): void {}

  onCall(call: OpenCall): void {
    this.#call = call;
  }

  onResume(residual: unknown, delayMillis: number, watermark: number): void {
    this.later.push(this.#delayed(this.#open as OpenRestriction, residual, watermark, delayMillis));
  }

  /** Done and left of the restriction at hand, in the unit of its DoFn. */
  get progress(): { readonly completed: number; readonly remaining: number } | undefined {
    return this.#call?.tracker.progress();
  }

  /** The share of the element at hand that is done; nothing when there is none. */
  get fractionDone(): number | undefined {
    const { progress } = this;
    if (progress === undefined) return undefined;
    const { completed, remaining } = progress;
    return completed + remaining > 0 && Number.isFinite(remaining) ? completed / (completed + remaining) : 0;
  }

  /** Keeps a share of what is left of the element at hand, and gives up the rest; nothing when it cannot be divided. */
  split(fraction: number): RestrictionSplitParts | undefined {
    const call = this.#call;
    const open = this.#open;
    if (call === undefined || open === undefined) return undefined;
    const parts = call.tracker.trySplit(fraction);
    if (parts === undefined) return undefined;
    if (fraction === 0) call.stop();
    const { watermark } = call;
    const others = this.#waiting.splice(0);
    try {
      return {
        primary: [this.#application(open, parts.primary, watermark)],
        residual: [
          this.#delayed(open, parts.residual, watermark, 0),
          // In windows in which it has not begun, the element is given up whole.
          ...others.map((other) => this.#delayed(other, other.restriction, other.watermark ?? other.timestamp, 0)),
        ],
      };
    } catch (error) {
      this.#lost = { error };
      throw error;
    }
  }

  #delayed(
    open: OpenRestriction,
    restriction: unknown,
    watermark: number,
    delayMillis: number,
  ): Init<DelayedBundleApplication> {
    const outputWatermarks: Record<string, ReturnType<typeof timeToProto>> = {};
    for (const output of this.#root.outputs) outputWatermarks[output] = timeToProto(watermark);
    const application = { ...this.#application(open, restriction, watermark), outputWatermarks };
    return { application, requestedTimeDelay: timeToProto(delayMillis) };
  }

  #application(open: OpenRestriction, restriction: unknown, watermark: number): Init<BundleApplication> {
    const { element, timestamp, window, pane } = open;
    const { id, input, fn } = this.#root;
    const value: Sized = [[element, [restriction, watermark]], sizeOf(fn.restriction, element, restriction)];
    const out = new ByteWriter(256);
    const whole = { value, timestamp: timestamp as Timestamp, windows: [window], pane };
    encodeStandingAlone(this.#coder, whole, out, true);
    return {
      transformId: id,
      inputId: input,
      element: out.copy(),
      isBounded: fn.unbounded === true ? IsBounded.UNBOUNDED : IsBounded.BOUNDED,
    };
  }
}
