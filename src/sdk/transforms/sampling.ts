import type { Coder } from '../coders/coder.ts';
import { any } from '../combine/any.ts';
import { combineGlobally, combinePerKey } from '../combine/combine.ts';
import { sample } from '../combine/sample.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import { type PTransform, transform } from '../pipeline/p-transform.ts';
import type { Key, KV } from '../values.ts';
import type { Window } from '../windows/window.ts';
import { flatMap } from './element-wise.ts';

/** Some of the elements (Beam's Sample). */
export const Sample = {
  /** Any `n` elements of each window, whichever come first: cheap, and not random. */
  any: <T, W extends Window>(n: number): PTransform<PCollection<T, W>, PCollection<T, W>> =>
    transform(`Any${n}`, (input: PCollection<T, W>) =>
      input
        .apply(combineGlobally<T, T[], readonly T[], W>(any(n)))
        .apply(flatMap<readonly T[], T, W>('Elements', (elements) => elements))
        .withCoder(input.node.coder as Coder<T>),
    ),
  /** A uniform random sample of `n` elements of each window, as one array; see {@link sample} about seeds. */
  fixedSizeGlobally: <T, W extends Window>(
    n: number,
    options?: { readonly seed?: number },
  ): PTransform<PCollection<T, W>, PCollection<readonly T[], W>> => combineGlobally(sample<T>(n, options)),
  /** A uniform random sample of `n` values of each key. */
  fixedSizePerKey: <K extends Key, V, W extends Window>(
    n: number,
    options?: { readonly seed?: number },
  ): PTransform<PCollection<KV<K, V>, W>, PCollection<KV<K, readonly V[]>, W>> => combinePerKey(sample<V>(n, options)),
} as const;
