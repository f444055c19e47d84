import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import joinExample from '../../examples/join.ts';
import { exampleData, outputFolder, readLines } from './output-folder.ts';

const folder = outputFolder();

it('sums revenue per city and keeps what it cannot use', async () => {
  await joinExample.run({
    values: { orders: exampleData('orders.jsonl'), customers: exampleData('customers.csv'), output: folder },
    env: {},
    threads: 0,
  });

  const cityOf = new Map<number, string>();
  for (const line of readFileSync(exampleData('customers.csv'), 'utf8').trimEnd().split('\n').slice(1)) {
    const [id, , city] = line.split(',');
    cityOf.set(Number(id), city);
  }
  const totals = new Map<string, { orders: number; cents: number }>();
  const rejected: string[] = [];
  const lines = readFileSync(exampleData('orders.jsonl'), 'utf8').trimEnd().split('\n');
  for (const line of lines) {
    const [, order, customer, amount] = /^{"order":(\d+),"customer":(\d+),"amount":([\d.]+)}$/.exec(line) ?? [];
    const city = cityOf.get(Number(customer));
    if (order === undefined || city === undefined) {
      rejected.push(line);
      continue;
    }
    const total = totals.get(city) ?? { orders: 0, cents: 0 };
    totals.set(city, { orders: total.orders + 1, cents: total.cents + Math.round(Number(amount) * 100) });
  }

  const expected = [...totals].map(([city, { orders, cents }]) => `${city},${orders},${(cents / 100).toFixed(2)}`);
  const [header, ...rows] = readLines(join(folder, 'revenue'));
  assert.equal(header, 'city,orders,revenue');
  assert.deepEqual(rows.sort(), expected.sort());

  const letters = readLines(join(folder, 'rejected')).map((line): { reason: string; line: string } => JSON.parse(line));
  assert.deepEqual(letters.map(({ line }) => line).sort(), rejected.sort());
  assert.ok(rejected.length > 0 && rejected.length < 100);
  const reasons = new Set(letters.map(({ reason }) => reason.replaceAll(/\d+/g, 'N').replace(/.* in JSON.*/, 'JSON')));
  assert.deepEqual([...reasons].sort(), [
    'JSON',
    'an order needs the numbers order, customer and amount',
    'customer N is not known',
  ]);
});
