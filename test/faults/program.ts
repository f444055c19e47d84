/**
 * The pipeline that is killed: auctions counted in windows, winning bids by state and timers, sessions; all to SQLite.
 * It reads its settings from a JSON file whose path is its argument.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { count, fixed, type IntervalWindow, type KV, Pipeline, sessions, sum, tuple } from 'millrace';
import { writeSqlite } from 'millrace/io/sql';
import { bidsOf } from '../../examples/nexmark/queries/kinds.ts';
import { winningBids } from '../../examples/nexmark/queries/winning-bids.ts';
import { readNexmark } from '../../examples/nexmark/source.ts';
import type { FaultSettings } from './settings.ts';

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8')) as FaultSettings;
const { stream, events, database, failFile } = settings;

let failNext = false;
const watch = setInterval(() => {
  if (!existsSync(failFile)) return;
  rmSync(failFile, { force: true });
  failNext = true;
}, 100);

const p = new Pipeline({
  threads: 0,
  memory: settings.memory,
  checkpointDir: settings.checkpointDir,
  checkpointInterval: settings.checkpointInterval,
});

const all = p.apply(readNexmark({ ...stream, events, realTime: true })).map('MayFail', (event) => {
  if (failNext) {
    failNext = false;
    throw new Error('A fault that was asked for');
  }
  return event;
});

interface Range extends IntervalWindow {}

bidsOf(all)
  .map('Price', ({ auction, price }): KV<number, number> => [auction, price])
  .window(fixed('10s'))
  .combinePerKey(tuple({ bids: count(), total: sum() }))
  .parDo('CountRow', {
    process: ([auction, { bids, total }], { window }: { window: Range }) => [
      { auction, start: window.start as number, bids, total },
    ],
  })
  .apply(
    writeSqlite({
      file: database,
      table: 'counts',
      columns: ['auction', 'start', 'bids', 'total'],
      mode: 'upsert',
      key: ['auction', 'start'],
    }),
  );

winningBids(all)
  .map('SaleRow', ({ auction, bidder, price }) => ({ auction, bidder, price }))
  .apply(
    'WriteSales',
    writeSqlite({
      file: database,
      table: 'sales',
      columns: ['auction', 'bidder', 'price'],
      mode: 'upsert',
      key: ['auction'],
    }),
  );

bidsOf(all)
  .map('Bidder', ({ bidder }): KV<number, null> => [bidder, null])
  .window(sessions({ gap: '20s' }))
  .combinePerKey(count())
  .parDo('SessionRow', {
    process: ([bidder, bids], { window }: { window: Range }) => [{ bidder, start: window.start as number, bids }],
  })
  .apply(
    'WriteSessions',
    writeSqlite({
      file: database,
      table: 'visits',
      columns: ['bidder', 'start', 'bids'],
      mode: 'upsert',
      key: ['bidder', 'start'],
    }),
  );

const job = await p.start();
console.log('at work');
await job.wait();
clearInterval(watch);
