import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import sessionsExample from '../../examples/sessions.ts';
import { exampleData, outputFolder, readLines } from './output-folder.ts';

const folder = outputFolder();
const GAP = 30 * 60_000;

interface Session {
  readonly address: string;
  readonly start: string;
  readonly end: string;
  readonly pages: readonly { readonly page: string; readonly visits: number }[];
}

/** The same by sorting: a session ends where the next click of the address is half an hour or more away. */
function reference(top: number): Session[] {
  const clicks = new Map<string, { readonly at: number; readonly page: string }[]>();
  for (const line of readFileSync(exampleData('access.log'), 'utf8').split('\n')) {
    const [address, , , date, , , page, , status] = line.split(' ');
    if (status !== '200') continue;
    const [day, hour, minute, second] = date.slice(1).split(':');
    const at = Date.parse(`${day.replaceAll('/', ' ')} ${hour}:${minute}:${second} UTC`);
    clicks.set(address, [...(clicks.get(address) ?? []), { at, page }]);
  }
  const result: Session[] = [];
  for (const [address, all] of clicks) {
    all.sort((a, b) => a.at - b.at);
    for (let from = 0; from < all.length; ) {
      let to = from + 1;
      while (to < all.length && all[to].at - all[to - 1].at < GAP) to++;
      const session = all.slice(from, to);
      const pages = [...new Set(session.map(({ page }) => page))]
        .sort()
        .map((page) => ({ page, visits: session.filter((click) => click.page === page).length }))
        .sort((a, b) => b.visits - a.visits)
        .slice(0, top);
      const [start, end] = [session[0].at, session[session.length - 1].at + GAP].map((at) =>
        new Date(at).toISOString(),
      );
      result.push({ address, start, end, pages });
      from = to;
    }
  }
  return result.sort(order);
}

function order(a: Session, b: Session): number {
  return a.address === b.address ? (a.start < b.start ? -1 : 1) : a.address < b.address ? -1 : 1;
}

it('keeps the top pages of each session', async () => {
  for (const top of [3, 1]) {
    const output = join(folder, `sessions-${top}`);
    await sessionsExample.run({ values: { input: exampleData('access.log'), output, top }, env: {}, threads: 0 });
    const found = readLines(`${output}-`).map((line): Session => JSON.parse(line));
    assert.deepEqual(found.sort(order), reference(top));
    assert.ok(found.length >= 160, `${found.length} sessions`);
  }
});
