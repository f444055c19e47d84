import { runLimit } from './limit.ts';

const BATCH = 4096;

interface Pair {
  key: string;
  value: number;
}

await runLimit({
  /** Columns instead of objects; the key is its number until its length is asked for. */
  fast({ elements }) {
    const keyLengths = Uint8Array.from({ length: 1000 }, (_, i) => `u${i}`.length);
    const values = new Float64Array(BATCH);
    const keys = new Int32Array(BATCH);
    let characters = 0;
    let total = 0;
    for (let base = 0; base < elements; base += BATCH) {
      const size = Math.min(BATCH, elements - base);
      for (let i = 0; i < size; i++) {
        values[i] = base + i;
        keys[i] = (base + i) % 1000;
      }
      for (let i = 0; i < size; i++) values[i] = values[i] * 3 + 1;
      for (let i = 0; i < size; i++) values[i] = values[i] ^ 5;
      let kept = 0;
      for (let i = 0; i < size; i++) {
        if (values[i] % 7 === 0) continue;
        values[kept] = values[i];
        keys[kept++] = keys[i];
      }
      for (let i = 0; i < kept; i++) {
        characters += keyLengths[keys[i]];
        total += values[i] & 1023;
      }
    }
    return [characters, total];
  },

  /** A stage is an async generator over another: the style of the Beam SDK for TypeScript. */
  async naive({ elements }) {
    async function* source() {
      for (let i = 0; i < elements; i++) yield i;
    }
    const stage = async function* <T, U>(input: AsyncIterable<T>, process: (element: T) => Iterable<U>) {
      for await (const element of input) yield* process(element);
    };
    const keyed = stage(source(), function* (i): Iterable<Pair> {
      yield { key: `u${i % 1000}`, value: i };
    });
    const tripled = stage(keyed, function* ({ key, value }) {
      yield { key, value: value * 3 + 1 };
    });
    const flipped = stage(tripled, function* ({ key, value }) {
      yield { key, value: value ^ 5 };
    });
    const kept = stage(flipped, function* (pair) {
      if (pair.value % 7 !== 0) yield pair;
    });
    let characters = 0;
    let total = 0;
    for await (const { key, value } of kept) {
      characters += key.length;
      total += value & 1023;
    }
    return [characters, total];
  },
});
