import { ByteWriter } from '../coders/byte-writer.ts';
import { selfContainedCoder } from '../coders/default-coder.ts';
import { mix, murmurHash } from '../sketches/murmur-hash.ts';
import { boundedHeap } from './bounded-heap.ts';
import type { CombineFn } from './combine-fn.ts';
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
  };
}

/**
 * Where the random numbers of an accumulator begin. With one seed for all, the accumulators of different bundles would
 * draw the same numbers, and the places of their elements would decide; so the first element has its say.
 */
function start(seed: number | undefined, first: unknown): number {
  if (seed === undefined) return Math.floor(Math.random() * 2 ** 32);
  encoded.clear();
  selfContainedCoder.encode(first, encoded, false);
  murmurHash(encoded.bytes, 0, encoded.length, seed, hash);
  return hash[0];
}
