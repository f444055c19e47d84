import { type Counter, type DoFn, type KV, kv, Pipeline, reshuffle } from 'millrace';
import { elements, options, runWorkload } from './workload.ts';

/** 4 GiB are about four million values of this size. */
const VALUE_BYTES = 1024;
const PART = 4096;
const KEYS = 1_000_000;
/** Every eighth value has the same key, so that this one group alone is larger than the memory. */
const HOT = 8;

/** Random bytes, of which every value is a piece; a power of two and one value more. */
const POOL_BYTES = 1 << 20;
const pool = new Uint8Array(POOL_BYTES + VALUE_BYTES);
let state = 1;
for (let i = 0; i < pool.length; i++) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  pool[i] = state >>> 24;
}
const offsetOf = (i: number) => Math.imul(i, 40_503) & (POOL_BYTES - 1);

/** The values from number `first`, each with its number in the first four bytes. */
function* values(first: number): Generator<KV<string, Uint8Array>> {
  const end = Math.min(first + PART, elements);
  for (let i = first; i < end; i++) {
    const value = pool.slice(offsetOf(i), offsetOf(i) + VALUE_BYTES);
    new DataView(value.buffer).setUint32(0, i);
    yield kv(i % HOT === 0 ? 'hot' : `key${i % KEYS}`, value);
  }
}

/** Adds up the numbers in the values: one lost or doubled changes the sum. */
function check(): DoFn<KV<string, Iterable<Uint8Array>>, never> {
  let groups: Counter;
  let total: Counter;
  return {
    startBundle({ metrics }) {
      groups = metrics.counter('groups');
      total = metrics.counter('total');
    },
    process([key, group]) {
      groups.inc();
      for (const value of group) {
        const i = new DataView(value.buffer, value.byteOffset).getUint32(0);
        const intact = value.length === VALUE_BYTES && value.at(-1) === pool[offsetOf(i) + VALUE_BYTES - 1];
        if (!intact) throw new Error(`Value ${i} of ${key} has changed on its way`);
        total.inc(i);
      }
    },
  };
}

const p = new Pipeline({ name: 'larger-than-memory', ...options });
p.create(Array.from({ length: Math.ceil(elements / PART) }, (_, part) => part * PART))
  .apply(reshuffle())
  .flatMap('Values', values)
  .groupByKey()
  .parDo('Check', check());
await runWorkload(p);
