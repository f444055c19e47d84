import { ByteDictionary, enlarged, FNV_PRIME, FNV_START } from './byte-dictionary.ts';
import { runLimit } from './limit.ts';
import { lineBlocks, readLines } from './lines.ts';

const COMMA = 44;
const NEWLINE = 10;
const ZERO = 48;
const MINUTE = 60_000;
/** The minute before the first event, and room for the keys of one minute. */
const FIRST_MINUTE = Math.floor(1_699_999_900_000 / MINUTE);
const KEYS = 1024;

await runLimit({
  /** Counts in a grid of minutes by keys, which the writer of this loop knows to be small. */
  fast({ file }) {
    const keys = new ByteDictionary();
    let grid = new Int32Array(400 * KEYS);
    for (const { bytes, start, end } of lineBlocks(file('events.csv'), 1)) {
      for (let i = start; i < end; i++) {
        let byte = 0;
        let time = 0;
        for (; (byte = bytes[i]) !== COMMA; i++) time = time * 10 + byte - ZERO;
        const from = ++i;
        let hash = FNV_START;
        for (; (byte = bytes[i]) !== NEWLINE; i++) hash = Math.imul(hash ^ byte, FNV_PRIME);
        const cell = (Math.floor(time / MINUTE) - FIRST_MINUTE) * KEYS + keys.idOf(bytes, from, i, hash);
        if (cell >= grid.length) grid = enlarged(grid, cell * 2);
        grid[cell]++;
      }
    }
    const counts = grid.filter((count) => count > 0);
    return [counts.length, counts.reduce((total, count) => total + count, 0)];
  },

  async naive({ file }) {
    const counts = new Map<string, number>();
    for await (const line of readLines(file('events.csv'))) {
      if (line === 'ts,key') continue;
      const [time, key] = line.split(',');
      const start = Math.floor(Number(time) / MINUTE) * MINUTE;
      const event = { value: key, timestamp: Number(time), windows: [{ start }] };
      const group = `${event.value}\0${event.windows[0].start}`;
      counts.set(group, (counts.get(group) ?? 0) + 1);
    }
    let total = 0;
    for (const count of counts.values()) total += count;
    return [counts.size, total];
  },
});
