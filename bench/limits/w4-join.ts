import { ByteDictionary, enlarged, FNV_PRIME, FNV_START } from './byte-dictionary.ts';
import { runLimit } from './limit.ts';
import { lineBlocks, readLines } from './lines.ts';

const COMMA = 44;
const NEWLINE = 10;
const ZERO = 48;
const HEADER = 1;

await runLimit({
  fast({ file }) {
    const users = new ByteDictionary();
    const cities = new ByteDictionary(1 << 12);
    let cityOf = new Int32Array(1 << 20);
    for (const { bytes, start, end } of lineBlocks(file('users.csv'), HEADER)) {
      for (let i = start; i < end; i++) {
        const from = i;
        let hash = FNV_START;
        let byte = 0;
        for (; (byte = bytes[i]) !== COMMA; i++) hash = Math.imul(hash ^ byte, FNV_PRIME);
        const to = i++;
        while (bytes[i] !== COMMA) i++;
        const cityFrom = ++i;
        let cityHash = FNV_START;
        for (; (byte = bytes[i]) !== NEWLINE; i++) cityHash = Math.imul(cityHash ^ byte, FNV_PRIME);
        const user = users.idOf(bytes, from, to, hash);
        if (user >= cityOf.length) cityOf = enlarged(cityOf, cityOf.length * 2);
        cityOf[user] = cities.idOf(bytes, cityFrom, i, cityHash);
      }
    }
    const known = users.size;
    const sums = new Float64Array(cities.size).fill(Number.NaN);
    for (const { bytes, start, end } of lineBlocks(file('orders.csv'), HEADER)) {
      for (let i = start; i < end; i++) {
        const from = i;
        let hash = FNV_START;
        let byte = 0;
        for (; (byte = bytes[i]) !== COMMA; i++) hash = Math.imul(hash ^ byte, FNV_PRIME);
        const to = i++;
        while (bytes[i] !== COMMA) i++;
        i++;
        let amount = 0;
        for (; (byte = bytes[i]) !== NEWLINE; i++) amount = amount * 10 + byte - ZERO;
        const user = users.idOf(bytes, from, to, hash);
        if (user >= known) continue;
        const city = cityOf[user];
        sums[city] = (Number.isNaN(sums[city]) ? 0 : sums[city]) + amount;
      }
    }
    const withOrders = sums.filter((sum) => !Number.isNaN(sum));
    return [withOrders.length, withOrders.reduce((total, sum) => total + sum, 0)];
  },

  async naive({ file }) {
    const groups = new Map<string, { cities: string[]; amounts: number[] }>();
    const groupOf = (user: string) => {
      let group = groups.get(user);
      if (group === undefined) groups.set(user, (group = { cities: [], amounts: [] }));
      return group;
    };
    let header = true;
    for await (const line of readLines(file('users.csv'))) {
      const [user, , city] = line.split(',');
      if (!header) groupOf(user).cities.push(city);
      header = false;
    }
    header = true;
    for await (const line of readLines(file('orders.csv'))) {
      const [user, , amount] = line.split(',');
      if (!header) groupOf(user).amounts.push(Number(amount));
      header = false;
    }
    const sums = new Map<string, number>();
    for (const { cities, amounts } of groups.values()) {
      for (const city of cities) for (const amount of amounts) sums.set(city, (sums.get(city) ?? 0) + amount);
    }
    let total = 0;
    for (const sum of sums.values()) total += sum;
    return [sums.size, total];
  },
});
