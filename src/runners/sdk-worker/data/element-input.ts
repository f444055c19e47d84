import type { ElementBlock } from '../../../harness/bundle-input.ts';
import { RunnerError } from '../../../sdk/errors.ts';
import type { BundleInbox } from './bundle-inbox.ts';
import { ElementReader, type PortCoder } from './element-reader.ts';

/** Most elements that are given to the stage at once; what was given cannot be split off any more. */
const MAX_BLOCK = 4096;
/** A block that takes longer than this is followed by a smaller one, in milliseconds. */
const BLOCK_MILLIS = 10;

/**
 * The elements of a bundle, in blocks as large as keep the stage busy for a short time. Elements are counted as the runner
 * counts them: one in several windows is one.
 */
export class ElementInput {
  readonly #reader: ElementReader;
  readonly #inbox: BundleInbox;
  readonly #transform: string;
  readonly #now: () => number;
  #most = 1;
  #givenAt = 0;
  #waitedMillis = 0;
  #given = 0;
  #end = Number.POSITIVE_INFINITY;

  constructor(transform: string, coder: PortCoder, inbox: BundleInbox, now: () => number) {
    this.#transform = transform;
    this.#reader = new ElementReader(coder);
    this.#inbox = inbox;
    this.#now = now;
  }

  /** Elements that were given to the stage. */
  get given(): number {
    return this.#given;
  }

  /** Milliseconds that the stage has waited for elements. */
  get waitedMillis(): number {
    return this.#waitedMillis;
  }

  /** Elements that will be given to it in all, as far as a split has settled that. */
  get end(): number {
    return this.#end;
  }

  /** Gives up the elements from this one on, counted from 0; none of them may have been given to the stage. */
  stopAt(end: number): void {
    this.#end = end;
  }

  /** The next elements; nothing when the bundle has no more. @throws RunnerError, CoderError */
  async next(): Promise<ElementBlock | undefined> {
    const now = this.#now();
    if (this.#givenAt > 0) {
      this.#most =
        now - this.#givenAt > BLOCK_MILLIS ? Math.max(1, this.#most >> 2) : Math.min(MAX_BLOCK, this.#most * 2);
    }
    const block = await this.nextOf(this.#most);
    this.#givenAt = this.#now();
    return block;
  }

  /** The next elements, at most so many. */
  async nextOf(most: number): Promise<ElementBlock | undefined> {
    for (;;) {
      const wanted = Math.min(most, this.#end - this.#given);
      if (wanted <= 0) return undefined;
      const next = this.#reader.next(wanted);
      if (next !== undefined) {
        this.#given += next.count;
        return next.block;
      }
      const since = this.#now();
      const chunk = await this.#inbox.next(this.#transform);
      this.#waitedMillis += this.#now() - since;
      if (chunk !== undefined) this.#reader.push(chunk);
      else if (this.#reader.waiting === 0) return undefined;
      else {
        throw new RunnerError('FN_API_INVALID', `The elements for ${this.#transform} end in the middle of one`, {
          hint: `${this.#reader.waiting} bytes are left over`,
        });
      }
    }
  }
}
