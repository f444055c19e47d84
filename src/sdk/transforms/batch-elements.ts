import { PipelineError } from '../errors.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import { type PTransform, transform } from '../pipeline/p-transform.ts';
import type { Timestamp } from '../windows/timestamp.ts';
import type { Window } from '../windows/window.ts';
import type { DoFn, ProcessContext, TimestampedOutput } from './do-fn.ts';
import { parDo } from './par-do.ts';

const MAX_BATCH = 10_000_000;

/** Sizes of batches. */
export interface BatchOptions {
  /** Most elements in a batch. */
  readonly maxSize: number;
  /**
   * Fewest elements in a batch, at most half of `maxSize`; default 1. Only a window of which a bundle has fewer elements
   * than this gives a smaller batch: a small rest is put to its predecessor, and both are divided evenly.
   */
  readonly minSize?: number;
}

/**
 * Gathers elements into arrays, for functions that work better on many at once: models, bulk inserts (Beam's
 * BatchElements). A batch holds elements of one window and one bundle in the order in which they came, and has the
 * latest of their timestamps.
 *
 * @throws PipelineError `BATCH_INVALID` when a size is no positive integer or `minSize` is more than half of `maxSize`
 */
export function batchElements<T, W extends Window>(
  options: BatchOptions,
): PTransform<PCollection<T, W>, PCollection<readonly T[], W>> {
  const { maxSize, minSize = 1 } = (options as BatchOptions | undefined) ?? { maxSize: 0 };
  checkBatchSize(maxSize);
  checkBatchSize(minSize);
  if (minSize > 1 && minSize * 2 > maxSize) {
    throw new PipelineError('BATCH_INVALID', `Batches cannot all have ${minSize} to ${maxSize} elements`, {
      hint: 'minSize may be at most half of maxSize',
    });
  }
  // Each application has a buffer of its own.
  return transform('BatchElements', (input) => input.apply(parDo('Batch', new Batching<T, W>(maxSize, minSize))));
}

/** @throws PipelineError `BATCH_INVALID` */
export function checkBatchSize(size: number): void {
  if (Number.isInteger(size) && size >= 1 && size <= MAX_BATCH) return;
  throw new PipelineError('BATCH_INVALID', `A batch has 1 to ${MAX_BATCH} elements, not ${size}`);
}

/** Elements of one window that wait. */
interface Waiting<T, W extends Window> {
  readonly window: W;
  elements: T[];
  timestamps: Timestamp[];
}

class Batching<T, W extends Window> implements DoFn<T, readonly T[], {}, {}, W> {
  readonly #maxSize: number;
  /** So many wait before a batch goes out that the rest is large enough for one. */
  readonly #full: number;
  readonly #waiting = new Map<string, Waiting<T, W>>();
  #last: Waiting<T, W> | undefined;

  constructor(maxSize: number, minSize: number) {
    this.#maxSize = maxSize;
    this.#full = minSize === 1 ? maxSize : maxSize + minSize;
  }

  startBundle(): void {
    this.#waiting.clear();
    this.#last = undefined;
  }

  process(element: T, { window, timestamp }: ProcessContext<{}, {}, W>): (readonly T[])[] | void {
    const waiting = this.#last?.window === window ? this.#last : this.#of(window);
    waiting.elements.push(element);
    waiting.timestamps.push(timestamp);
    if (waiting.elements.length < this.#full) return undefined;
    const batch = waiting.elements.slice(0, this.#maxSize);
    waiting.elements = waiting.elements.slice(this.#maxSize);
    waiting.timestamps = waiting.timestamps.slice(this.#maxSize);
    return [batch];
  }

  #of(window: W): Waiting<T, W> {
    // Equal windows are not always one object.
    const name = String(window);
    let waiting = this.#waiting.get(name);
    if (waiting === undefined) {
      waiting = { window, elements: [], timestamps: [] };
      this.#waiting.set(name, waiting);
    }
    this.#last = waiting;
    return waiting;
  }

  finishBundle(): TimestampedOutput<readonly T[], W>[] {
    const rest: TimestampedOutput<readonly T[], W>[] = [];
    for (const { window, elements, timestamps } of this.#waiting.values()) {
      const size = elements.length > this.#maxSize ? Math.ceil(elements.length / 2) : elements.length;
      for (let at = 0; at < elements.length; at += size) {
        const latest = timestamps.slice(at, at + size).reduce((a, b) => Math.max(a, b) as Timestamp);
        rest.push({ value: elements.slice(at, at + size), timestamp: latest, window });
      }
    }
    this.startBundle();
    return rest;
  }
}
