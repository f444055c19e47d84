/**
 * Writes the made-up inputs of the examples, access.log, customers.csv and orders.jsonl, beside this file; always the
 * same: `node examples/data/generate.ts`.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

let state = 20240501;

/** Whole numbers from 0 to n − 1 (a linear congruential generator: the same on every machine). */
function random(n: number): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * n);
}

function pick<T>(values: readonly T[]): T {
  return values[random(values.length)];
}

/** Visits of forty readers over a week: bursts of clicks, seconds to minutes apart, with hours in between. */
function accessLog(): string {
  const pages = ['/', '/', '/', '/docs', '/docs', '/docs/windows', '/docs/io', '/blog', '/pricing', '/search?q=taxi'];
  const agents = ['Mozilla/5.0 (X11; Linux x86_64)', 'Mozilla/5.0 (Macintosh)', 'curl/8.5.0'];
  const lines: { readonly at: number; readonly text: string }[] = [];
  for (let reader = 0; reader < 40; reader++) {
    const address = `10.0.${random(4)}.${reader + 1}`;
    const agent = pick(agents);
    let at = Date.UTC(2024, 4, 1) + random(86_400) * 1000;
    for (let visit = 0; visit < 4; visit++) {
      for (let clicks = 1 + random(12); clicks > 0; clicks--) {
        const time = new Date(at);
        const month = ['Jan', 'Feb', 'Mar', 'Apr', 'May'][time.getUTCMonth()];
        const two = (n: number) => String(n).padStart(2, '0');
        const day = `${two(time.getUTCDate())}/${month}/${time.getUTCFullYear()}`;
        const clock = `${two(time.getUTCHours())}:${two(time.getUTCMinutes())}:${two(time.getUTCSeconds())}`;
        const status = random(30) === 0 ? 404 : 200;
        const request = `"GET ${pick(pages)} HTTP/1.1" ${status} ${500 + random(20_000)}`;
        lines.push({ at, text: `${address} - - [${day}:${clock} +0000] ${request} "-" "${agent}"` });
        at += (5 + random(600)) * 1000;
      }
      at += (2 + random(20)) * 3_600_000;
    }
  }
  // Logs are written in the order of arrival, which is not quite that of the clicks.
  const order = lines.map((line) => ({ ...line, at: line.at + random(2000) })).sort((a, b) => a.at - b.at);
  return `${order.map(({ text }) => text).join('\n')}\n`;
}

const cities = ['Aarhus', 'Berlin', 'Cork', 'Delft'];

function customers(): string {
  const names = ['Ada', 'Bo', 'Cy', 'Dee', 'Eli', 'Fay', 'Gus', 'Hal', 'Ivy', 'Jo'];
  const rows = Array.from(
    { length: 60 },
    (_, i) => `${i + 1},"${pick(names)} ${String.fromCharCode(65 + (i % 26))}.",${pick(cities)}`,
  );
  return `id,name,city\n${rows.join('\n')}\n`;
}

/** Orders of these customers; some lines are cut short, lack their amount or name a customer who is not there. */
function orders(): string {
  const lines = Array.from({ length: 500 }, (_, i) => {
    const order = { order: 1000 + i, customer: 1 + random(60), amount: Math.round(random(20_000)) / 100 };
    switch (random(40)) {
      case 0:
        return JSON.stringify(order).slice(0, 20);
      case 1:
        return JSON.stringify({ ...order, amount: undefined });
      case 2:
        return JSON.stringify({ ...order, customer: 900 + random(5) });
      default:
        return JSON.stringify(order);
    }
  });
  return `${lines.join('\n')}\n`;
}

for (const [name, content] of Object.entries({
  'access.log': accessLog(),
  'customers.csv': customers(),
  'orders.jsonl': orders(),
})) {
  writeFileSync(join(import.meta.dirname, name), content);
}
