import type { OpenRestriction, RestrictionReader } from '../../harness/bundle-input.ts';
import type { RestrictionSplit, Restrictions } from '../core/coordination/messages.ts';
import type { BundleControl } from './bundle-control.ts';
import type { RestrictionCodec, StoredRestriction } from './restriction-parts.ts';

/**
 * The restrictions of one bundle. The harness takes them one by one; when the runner asks, those not begun are given
 * away, or a part of the one at hand where that is most of the work.
 */
export class RestrictionList implements RestrictionReader {
  readonly #codec: RestrictionCodec;
  readonly #control: BundleControl;
  readonly #tell: (split: RestrictionSplit) => void;
  readonly #parts: StoredRestriction[];
  readonly #sizes: number[];
  /** Begun so far; the last of them is at hand. */
  #begun = 0;
  #open: OpenRestriction | undefined;
  /** Work in those before the one at hand, and in those not begun. */
  #before = 0;
  #waiting = 0;
  /** Share of the one at hand that is left. */
  #left = 1;
  #splits = 0;

  constructor(
    codec: RestrictionCodec,
    { parts, sizes }: Restrictions,
    control: BundleControl,
    tell: (split: RestrictionSplit) => void,
  ) {
    this.#codec = codec;
    this.#parts = [...parts] as StoredRestriction[];
    this.#sizes = [...sizes];
    for (const size of sizes) this.#waiting += size;
    this.#control = control;
    this.#tell = tell;
  }

  next(): OpenRestriction | undefined {
    if (this.#begun > 0) this.#before += this.#sizes[this.#begun - 1];
    if (this.#begun === this.#parts.length) return undefined;
    this.#left = 1;
    this.#waiting -= this.#sizes[this.#begun];
    this.#open = this.#codec.decode(this.#parts[this.#begun++]);
    return this.#open;
  }

  splitWanted(): number | undefined {
    const fraction = this.#control.takeSplitRequest();
    if (fraction === undefined) return undefined;
    const atHand = this.#atHand;
    if (this.#begun === this.#parts.length || this.#waiting <= atHand / 2) return fraction;
    // From the end, until the wanted share is given away.
    const wanted = (1 - fraction) * (this.#waiting + atHand);
    let kept = this.#parts.length;
    for (let given = 0; kept > this.#begun && given < wanted; ) given += this.#sizes[--kept];
    const residual = { parts: this.#parts.splice(kept), sizes: this.#sizes.splice(kept) };
    for (const size of residual.sizes) this.#waiting -= size;
    this.#tell({ index: this.#splits++, kept, residual });
    return undefined;
  }

  onSplit(primary: unknown, residual: unknown): void {
    const open = this.#open;
    if (open === undefined) throw new Error('A restriction is split before it is begun');
    const at = this.#begun - 1;
    const encode = (restriction: unknown) => this.#codec.encode({ ...open, restriction });
    const size = this.#codec.size(open.element, primary);
    this.#sizes[at] = size;
    this.#tell({
      index: this.#splits++,
      kept: this.#parts.length,
      shortened: { at, part: encode(primary), size },
      residual: { parts: [encode(residual)], sizes: [this.#codec.size(open.element, residual)] },
    });
  }

  onProgress(completed: number, remaining: number): void {
    const total = completed + remaining;
    this.#left = total > 0 ? remaining / total : 1;
    this.#control.report(this.#before + this.#sizes[this.#begun - 1] - this.#atHand, this.#atHand + this.#waiting);
  }

  get #atHand(): number {
    return this.#sizes[this.#begun - 1] * this.#left;
  }
}
