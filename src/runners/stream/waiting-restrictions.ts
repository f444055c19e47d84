import type { StageFailures } from '../../harness/stage-failures.ts';
import type { ByteReader } from '../../sdk/coders/byte-reader.ts';
import type { ByteWriter } from '../../sdk/coders/byte-writer.ts';
import type { TransformNode } from '../../sdk/graph/graph.ts';
import type { SplittableDoFn } from '../../sdk/transforms/splittable-do-fn.ts';
import type { Window } from '../../sdk/windows/window.ts';
import type { RestrictionCodec } from '../worker/restriction-parts.ts';
import { type PendingRestriction, PendingRestrictions } from './pending-restrictions.ts';
import type { StageSides } from './side-inputs.ts';
import { timeText } from './time-text.ts';

/** The splittable transform whose restrictions wait. */
export interface WaitingTransform {
  readonly node: TransformNode;
  readonly fn: SplittableDoFn<never, unknown, unknown, unknown>;
  readonly failures: StageFailures;
  readonly codec: RestrictionCodec;
  readonly sides: StageSides | undefined;
}

interface WaitingOptions extends WaitingTransform {
  readonly clock: { readonly processingTime: number };
  /** When nothing of a window is asked for any more; where absent nobody asks for `open`. */
  readonly expiryOf: ((window: Window) => number) | undefined;
}

/**
 * The restrictions of one splittable transform that are not under way: they wait for their time or their turn, those whose
 * side inputs are not known yet for these.
 */
export class WaitingRestrictions {
  readonly #options: WaitingOptions;
  readonly #pending: PendingRestrictions;
  /** Their side inputs are not known yet. */
  readonly #held: PendingRestrictions;
  #draining = false;

  constructor(options: WaitingOptions) {
    this.#options = options;
    this.#pending = new PendingRestrictions(options.expiryOf);
    this.#held = new PendingRestrictions(options.expiryOf);
  }

  get size(): number {
    return this.#pending.size + this.#held.size;
  }

  /** Those that wait for nothing but their time or their turn. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Those that wait for nothing but their turn. */
  get ready(): number {
    return this.#pending.ready;
  }

  /** Processing time at which one may begin; +Infinity when none waits for it. */
  get next(): number {
    return this.#pending.next;
  }

  /** The least watermark; +Infinity when nothing waits. */
  get hold(): number {
    return Math.min(this.#pending.hold, this.#held.hold);
  }

  /** The least time up to which something of a restriction's window, or before its watermark, is still needed. */
  get open(): number {
    return Math.min(this.#pending.open, this.#held.open);
  }

  /** How many would go on now. One that has said when to come back has nothing to read now. */
  get backlog(): number {
    const { processingTime } = this.#options.clock;
    let backlog = this.#held.size;
    for (const { notBefore } of this.#pending) if (notBefore <= processingTime) backlog++;
    return backlog;
  }

  add(pending: PendingRestriction): void {
    const kept = this.#draining && pending.isTruncated !== true ? this.#truncated(pending) : pending;
    if (kept === undefined) return;
    const into = this.#isReady(kept) ? this.#pending : this.#held;
    into.add(kept, this.#options.clock.processingTime);
  }

  /** Looks anew at what waits for side inputs, when more of these may be known. */
  release(): void {
    if (this.#options.sides?.takeNews() === true) this.#addAgain(this.#held);
  }

  advance(now: number): void {
    this.#pending.advance(now);
  }

  take(): PendingRestriction | undefined {
    return this.#pending.take();
  }

  /** Gives up what has no end, now and when it comes later, and keeps what the DoFn says is still to be done. */
  drain(): void {
    this.#draining = true;
    this.#addAgain(this.#pending, this.#held);
  }

  #addAgain(...those: readonly PendingRestrictions[]): void {
    const all = those.flatMap((each) => [...each]);
    for (const each of those) each.clear();
    for (const pending of all) this.add(pending);
  }

  #isReady({ open }: PendingRestriction): boolean {
    const { sides, failures, node } = this.#options;
    try {
      return sides?.isReady(open.window) ?? true;
    } catch (error) {
      throw failures.attributeTo(node, error, open.element);
    }
  }

  #truncated(pending: PendingRestriction): PendingRestriction | undefined {
    const { fn, failures, node } = this.#options;
    const { restriction, unbounded = false } = fn;
    if (restriction.truncate === undefined) return unbounded ? undefined : { ...pending, isTruncated: true };
    const { open } = pending;
    try {
      const rest = restriction.truncate(open.element as never, open.restriction);
      return rest === undefined ? undefined : { ...pending, open: { ...open, restriction: rest }, isTruncated: true };
    } catch (error) {
      throw failures.attributeTo(node, error, open.element);
    }
  }

  /** In words, what they wait for. */
  waitsFor(): string | undefined {
    const { sides, node } = this.#options;
    if (this.#pending.size > 0) {
      const many = this.#pending.size === 1 ? 'its restriction' : `${this.#pending.size} restrictions`;
      return `${timeText(this.#pending.next)}, when ${node.name} goes on with ${many}`;
    }
    for (const { open } of this.#held) {
      return `${sides?.describe(open.window)}, before ${node.name} begins with ${this.#held.size} restrictions`;
    }
    return undefined;
  }

  /** Encoded restrictions are of bounded size each. */
  save(out: ByteWriter): void {
    out.varint(this.size);
    for (const { open, watermark, notBefore, isTruncated = false } of [...this.#pending, ...this.#held]) {
      const { bytes } = this.#options.codec.encode(open);
      out.varint(bytes.length);
      out.raw(bytes);
      out.float64(watermark);
      out.float64(notBefore);
      out.byte(isTruncated ? 1 : 0);
    }
  }

  restore(input: ByteReader): void {
    for (let left = input.varint(); left > 0; left--) {
      const bytes = input.raw(input.varint());
      const open = this.#options.codec.decode({ bytes, shapes: [] });
      const [watermark, notBefore] = [input.float64(), input.float64()];
      this.add({ open, watermark, notBefore, isTruncated: input.byte() === 1 });
    }
  }
}
