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
    let ids = new Int32Array(1 << 20);
    let values = new Float64Array(1 << 20);
    let rows = 0;
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
        if (rows === ids.length) {
          ids = enlarged(ids, rows * 2);
          values = enlarged(values, rows * 2);
        }
        ids[rows] = keys.idOf(bytes, from, to, hash);
        values[rows++] = negative ? -value : value;
      }
    }
    return [keys.size, sumOfMedians(keys.size, ids.subarray(0, rows), values)];
  },

  async naive({ file }) {
    const groups = new Map<string, number[]>();
    for await (const line of readLines(file('kv.csv'))) {
      if (line === 'key,value') continue;
      const [key, value] = line.split(',');
      const pair = { key, value: Number(value) };
      let group = groups.get(pair.key);
      if (group === undefined) groups.set(pair.key, (group = []));
      group.push(pair.value);
    }
    let total = 0;
    for (const group of groups.values()) {
      group.sort((a, b) => a - b);
      total += group[group.length >> 1];
    }
    return [groups.size, total];
  },
});

/** Brings the values of each key together by a counting sort. */
function sumOfMedians(keys: number, ids: Int32Array, values: Float64Array): number {
  const starts = new Int32Array(keys + 1);
  for (let row = 0; row < ids.length; row++) starts[ids[row] + 1]++;
  for (let key = 0; key < keys; key++) starts[key + 1] += starts[key];
  const next = starts.slice();
  const grouped = new Float64Array(ids.length);
  for (let row = 0; row < ids.length; row++) grouped[next[ids[row]]++] = values[row];
  let total = 0;
  for (let key = 0; key < keys; key++) {
    const group = grouped.subarray(starts[key], starts[key + 1]).sort();
    total += group[group.length >> 1];
  }
  return total;
}
