import type { SampledElement } from '../../../model/fn-execution.ts';
import type { Init } from '../../../model/proto/message-type.ts';
import { timeToProto } from '../../../model/protobuf-time.ts';

/** Samples that are kept of a collection. */
const KEPT = 10;
/** One in so many elements is sampled, after the first. */
const EVERY = 4096;
/** Larger elements are not sampled. */
const MAX_BYTES = 64 * 1024;

/** What some elements of a collection that leaves its stage look like. */
export class ElementSamples {
  readonly #now: () => number;
  readonly #kept: Init<SampledElement>[] = [];
  #seen = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether the next element is one to sample. */
  get isDue(): boolean {
    const seen = this.#seen++;
    return seen < KEPT || seen % EVERY === 0;
  }

  /** @param element in the nested encoding; it is copied */
  add(element: Uint8Array): void {
    if (element.length > MAX_BYTES) return;
    const sampleTimestamp = timeToProto(this.#now());
    if (this.#kept.length >= KEPT) this.#kept.shift();
    this.#kept.push({ element: Uint8Array.prototype.slice.call(element), sampleTimestamp });
  }

  /** The samples since the last time. */
  take(): Init<SampledElement>[] {
    return this.#kept.splice(0);
  }
}

/** Sizes of encoded elements in one bundle, in bytes. */
export class ElementSizes {
  count = 0;
  sum = 0;
  min = Number.POSITIVE_INFINITY;
  max = 0;

  add(bytes: number): void {
    this.count++;
    this.sum += bytes;
    if (bytes < this.min) this.min = bytes;
    if (bytes > this.max) this.max = bytes;
  }

  clear(): void {
    this.count = 0;
    this.sum = 0;
    this.min = Number.POSITIVE_INFINITY;
    this.max = 0;
  }
}

/** Samples of all collections that leave stages of a worker. */
export class CollectionSamples {
  readonly #byCollection = new Map<string, ElementSamples>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  of(collection: string): ElementSamples {
    let samples = this.#byCollection.get(collection);
    if (samples === undefined) this.#byCollection.set(collection, (samples = new ElementSamples(this.#now)));
    return samples;
  }

  /** What was sampled since the last time. @param collections none means all */
  take(collections: readonly string[]): Record<string, { readonly elements: Init<SampledElement>[] }> {
    const taken: Record<string, { readonly elements: Init<SampledElement>[] }> = {};
    for (const [id, samples] of this.#byCollection) {
      if (collections.length > 0 && !collections.includes(id)) continue;
      const elements = samples.take();
      if (elements.length > 0) taken[id] = { elements };
    }
    return taken;
  }
}
