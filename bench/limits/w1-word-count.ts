import { ByteDictionary, enlarged, FNV_PRIME, FNV_START } from './byte-dictionary.ts';
import { runLimit } from './limit.ts';
import { lineBlocks, readLines } from './lines.ts';

await runLimit({
  fast({ file }) {
    const words = new ByteDictionary();
    let counts = new Float64Array(1 << 18);
    for (const { bytes, start, end } of lineBlocks(file('text.txt'))) {
      let from = start;
      let hash = FNV_START;
      for (let i = start; i < end; i++) {
        const byte = bytes[i];
        if (byte > 32) {
          hash = Math.imul(hash ^ byte, FNV_PRIME);
          continue;
        }
        const word = words.idOf(bytes, from, i, hash);
        if (word >= counts.length) counts = enlarged(counts, counts.length * 2);
        counts[word]++;
        from = i + 1;
        hash = FNV_START;
      }
    }
    return [words.size, counts.reduce((sum, count) => sum + count, 0)];
  },

  async naive({ file }) {
    const counts = new Map<string, number>();
    for await (const line of readLines(file('text.txt'))) {
      for (const word of line.split(' ')) {
        const pair = { key: word, value: 1 };
        counts.set(pair.key, (counts.get(pair.key) ?? 0) + pair.value);
      }
    }
    let total = 0;
    for (const count of counts.values()) total += count;
    return [counts.size, total];
  },
});
