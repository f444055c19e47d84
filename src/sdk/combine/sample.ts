import { inspect } from 'node:util';
import type { ByteReader } from '../coders/byte-reader.ts';
import { ByteWriter } from '../coders/byte-writer.ts';
import type { Coder } from '../coders/coder.ts';
import { defaultCoder, selfContainedCoder } from '../coders/default-coder.ts';
import { CoderError } from '../errors.ts';
import { mix, murmurHash } from '../sketches/murmur-hash.ts';
import { boundedHeap } from './bounded-heap.ts';
import type { CombineFn } from './combine-fn.ts';
import { arrayCoderOf } from './element-coders.ts';
import { checkKept } from './top.ts';

/** An element and the random number by which it competes. */
type Draw<T> = [priority: number, element: T];

/** The draws with the least priorities, and the state of the random numbers. */
export interface SampleAccumulator<T> {
  random: number;
  kept: Draw<T>[];
}

const NOT_SEEDED = -1;
const encoded = new ByteWriter(64);
const hash = new Uint32Array(4);

/**
 * A uniform random sample of `n` inputs without replacement, all of them when there are fewer (Beam's
 * Sample.fixedSizeGlobally). Each input draws a random number, and the least numbers win.
 *
 * With a seed, the same inputs in the same order and bundles give the same sample; without, every run another one.
 *
 * @throws PipelineError when n is not an integer from 1 to 10,000,000
 */
export function sample<T>(
  n: number,
  options: { readonly seed?: number } = {},
): CombineFn<T, SampleAccumulator<T>, readonly T[]> {
  checkKept('Sample', n);
  const { seed } = options;
  const keep = boundedHeap<Draw<T>>(n, (a, b) => a[0] - b[0]);
  return {
    name: `Sample${n}`,
    create: () => ({ random: NOT_SEEDED, kept: [] }),
    add(accumulator, input) {
      if (accumulator.random === NOT_SEEDED) accumulator.random = start(seed, input);
      // Two steps of a Weyl sequence, each mixed to 32 random bits: 53 of them make ties as good as impossible.
      const first = (accumulator.random + 0x9e3779b9) >>> 0;
      const second = (first + 0x9e3779b9) >>> 0;
      accumulator.random = second;
      const priority = (mix(first) >>> 0) * 0x200000 + (mix(second) >>> 11);
      if (accumulator.kept.length < n || priority < accumulator.kept[0][0]) keep(accumulator.kept, [priority, input]);
      return accumulator;
    },
    merge(accumulators) {
      const merged: SampleAccumulator<T> = { random: NOT_SEEDED, kept: [] };
      for (const { random, kept } of accumulators) {
        if (random === NOT_SEEDED) continue;
        merged.random =
          merged.random === NOT_SEEDED ? random : mix(merged.random ^ Math.imul(random, 0x9e3779b1)) >>> 0;
        for (const draw of kept) keep(merged.kept, draw);
      }
      return merged;
    },
    extract: ({ kept }) => kept.map(([, element]) => element),
    accumulatorCoder: (input) =>
      (input as Coder<unknown>) === defaultCoder
        ? (defaultCoder as Coder<SampleAccumulator<T>>)
        : new SampleCoder(input),
    outputCoder: arrayCoderOf,
  };
}

/**
 * Where the random numbers of an accumulator begin. With one seed for all, the accumulators of different bundles would
 * draw the same numbers, and the places of their elements would decide; so the first element has its say.
 */
function start(seed: number | undefined, first: unknown): number {
  if (seed === undefined) return Math.floor(Math.random() * 2 ** 32);
  encoded.clear();
  try {
    selfContainedCoder.encode(first, encoded, false);
  } catch (error) {
    // It has a coder of its own, which is not known here: any text that depends on the element will do.
    if (!(error instanceof CoderError)) throw error;
    encoded.string(inspect(first, { customInspect: false, maxStringLength: 1000 }));
  }
  murmurHash(encoded.bytes, 0, encoded.length, seed, hash);
  return hash[0];
}

/** The random state plus one, then the draws: how many, and of each the priority and the element. */
class SampleCoder<T> implements Coder<SampleAccumulator<T>> {
  readonly urn = 'millrace:coder:sample:v1';
  readonly components: readonly Coder<unknown>[];
  readonly nonDeterministic = 'a sample is random';
  readonly #element: Coder<T>;

  constructor(element: Coder<T>) {
    this.components = [element as Coder<unknown>];
    this.#element = element;
  }

  encode({ random, kept }: SampleAccumulator<T>, out: ByteWriter): void {
    out.varint(random - NOT_SEEDED);
    out.varint(kept.length);
    for (const [priority, element] of kept) {
      out.float64(priority);
      this.#element.encode(element, out, true);
    }
  }

  decode(input: ByteReader): SampleAccumulator<T> {
    const random = input.varint() + NOT_SEEDED;
    const count = input.varint();
    const kept: Draw<T>[] = [];
    // A priority takes bytes, so a wrong count ends with them.
    for (let i = 0; i < count; i++) kept.push([input.float64(), this.#element.decode(input, true)]);
    return { random, kept };
  }
}
