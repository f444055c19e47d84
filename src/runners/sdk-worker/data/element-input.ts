import type { ElementBlock } from '../../../harness/bundle-input.ts';
import { RunnerError } from '../../../sdk/errors.ts';
import type { BundleInbox, InboxStreams, TimerChunk } from './bundle-inbox.ts';
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
  readonly #streams: InboxStreams;
  readonly #onTimers: (chunk: TimerChunk) => void;
  readonly #now: () => number;
  #most = 1;
  #givenAt = 0;
  #waitedMillis = 0;
  /** Timers have come since the last elements. */
  #isDue = false;
  #given = 0;
  #end = Number.POSITIVE_INFINITY;

  /** @param onTimers takes timers that have fired, where the stage has some */
  constructor(
    streams: InboxStreams,
    coder: PortCoder,
    inbox: BundleInbox,
    now: () => number,
    onTimers: (chunk: TimerChunk) => void,
  ) {
    this.#streams = streams;
    this.#onTimers = onTimers;
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

  /** The next elements; `due` where timers come next, nothing at the end of the bundle. @throws RunnerError, CoderError */
  async next(): Promise<ElementBlock | 'due' | undefined> {
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
  async nextOf(most: number): Promise<ElementBlock | 'due' | undefined> {
    for (;;) {
      const wanted = Math.min(most, this.#end - this.#given);
      if (wanted <= 0 && this.#streams.timers.length === 0) return undefined;
      const next = wanted > 0 ? this.#reader.next(wanted) : undefined;
      if (next !== undefined) {
        this.#given += next.count;
        return next.block;
      }
      const since = this.#now();
      const chunk = await this.#inbox.next();
      this.#waitedMillis += this.#now() - since;
      if (chunk?.kind === 'timers') {
        // Runners send the families of one moment one after the other; in which order they fire, their times say.
        this.#onTimers(chunk);
        this.#isDue = true;
      } else if (chunk !== undefined) {
        // What was given up still comes, and is somebody else's.
        if (wanted > 0) this.#reader.push(chunk.bytes);
        if (!this.#isDue) continue;
        this.#isDue = false;
        return 'due';
      } else if (this.#reader.waiting === 0 || wanted <= 0) return undefined;
      else {
        throw new RunnerError('FN_API_INVALID', `The elements for ${this.#streams.source} end in the middle of one`, {
          hint: `${this.#reader.waiting} bytes are left over`,
        });
      }
    }
  }
}
