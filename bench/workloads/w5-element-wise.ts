import { type Counter, type DoFn, Pipeline, reshuffle } from 'millrace';
import { elements, options, runWorkload } from './workload.ts';

interface Pair {
  readonly key: string;
  readonly value: number;
}

const PART = 50_000;

/** The numbers from `first`, up to {@link PART} of them. */
function* numbers(first: number): Generator<number> {
  const end = Math.min(first + PART, elements);
  for (let i = first; i < end; i++) yield i;
}

/** Looks at every field of what arrives, so that no step can be left out. */
function consume(): DoFn<Pair, never> {
  let characters: Counter;
  let total: Counter;
  return {
    startBundle({ metrics }) {
      characters = metrics.counter('groups');
      total = metrics.counter('total');
    },
    process({ key, value }) {
      characters.inc(key.length);
      total.inc(value & 1023);
    },
  };
}

const p = new Pipeline({ name: 'element-wise', ...options });
p.create(Array.from({ length: Math.ceil(elements / PART) }, (_, part) => part * PART))
  .apply(reshuffle())
  .flatMap('Numbers', numbers)
  .map('Pair', (i): Pair => ({ key: `u${i % 1000}`, value: i }))
  .map('Triple', ({ key, value }): Pair => ({ key, value: value * 3 + 1 }))
  .map('Flip', ({ key, value }): Pair => ({ key, value: value ^ 5 }))
  .filter('NotBySeven', ({ value }) => value % 7 !== 0)
  .parDo('Consume', consume());
await runWorkload(p);
