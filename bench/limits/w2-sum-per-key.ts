import { ByteDictionary, enlarged, FNV_PRIME, FNV_START } from './byte-dictionary.ts';
import { runLimit } from './limit.ts';
import { lineBlocks, readLines } from './lines.ts';

const COMMA = 44;
const NEWLINE = 10;
const MINUS = 45;
const ZERO = 48;

await runLimit({
  fast({ file }) {
    const keys = new ByteDictionary();
    let sums = new Float64Array(1 << 18);
    for (const { bytes, start, end } of lineBlocks(file('kv.csv'), 1)) {
      for (let i = start; i < end; i++) {
        const from = i;
        let hash = FNV_START;
        let byte = 0;
        for (; (byte = bytes[i]) !== COMMA; i++) hash = Math.imul(hash ^ byte, FNV_PRIME);
        const to = i++;
        const negative = bytes[i] === MINUS;
        if (negative) i++;
        let value = 0;
        for (; (byte = bytes[i]) !== NEWLINE; i++) value = value * 10 + byte - ZERO;
        const key = keys.idOf(bytes, from, to, hash);
        if (key >= sums.length) sums = enlarged(sums, sums.length * 2);
        sums[key] += negative ? -value : value;
      }
    }
    return [keys.size, sums.reduce((total, sum) => total + sum, 0)];
  },

  async naive({ file }) {
    const sums = new Map<string, number>();
    for await (const line of readLines(file('kv.csv'))) {
      if (line === 'key,value') continue;
      const [key, value] = line.split(',');
      const pair = { key, value: Number(value) };
      sums.set(pair.key, (sums.get(pair.key) ?? 0) + pair.value);
    }
    let total = 0;
    for (const sum of sums.values()) total += sum;
    return [sums.size, total];
  },
});
