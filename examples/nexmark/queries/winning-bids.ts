import {
  flatten,
  type IntervalWindow,
  type KV,
  mean,
  type PCollection,
  sliding,
  state,
  type Timestamp,
  timer,
} from 'millrace';
import type { Auction, Bid, NexmarkEvent } from '../model.ts';
import { auctionsOf, bidsOf } from './kinds.ts';

/** An auction that has ended with a sale. */
export interface Sale {
  readonly auction: number;
  readonly seller: number;
  readonly category: number;
  readonly bidder: number;
  readonly price: number;
}

/** The better of two valid bids: the higher one, or of equal ones the earlier. */
export function better(a: Bid | undefined, b: Bid, { reserve, expires }: Auction): Bid | undefined {
  if (b.price < reserve || b.at >= expires) return a;
  if (a === undefined || b.price > a.price || (b.price === a.price && b.at < a.at)) return b;
  return a;
}

/** How long after its end an auction is remembered, so that nobody opens it again. */
const MEMORY_MILLIS = 60_000;

/** Query 9: each auction's winning bid, when the auction ends. */
export function winningBids(events: PCollection<NexmarkEvent>): PCollection<Sale> {
  const auctions = auctionsOf(events).keyBy('Id', ({ id }) => id);
  const bids = bidsOf(events).keyBy('Auction', ({ auction }) => auction);
  return flatten([auctions, bids]).parDo('Winner', {
    state: {
      auction: state.value<Auction>(),
      best: state.value<Bid>(),
      early: state.bag<Bid>(),
      closed: state.value<boolean>(),
    },
    timers: { end: timer.eventTime(), forget: timer.eventTime() },
    process([, event], { state, timers }): Sale[] {
      if (state.closed.read() === true) return [];
      if (event.kind === 'auction') {
        state.auction.write(event);
        let best: Bid | undefined;
        for (const bid of state.early.read()) best = better(best, bid, event);
        if (best !== undefined) state.best.write(best);
        state.early.clear();
        timers.end.set(event.expires as Timestamp);
        return [];
      }
      const auction = state.auction.read();
      if (auction === undefined) {
        state.early.add(event);
        return [];
      }
      const before = state.best.read();
      const best = better(before, event, auction);
      if (best !== undefined && best !== before) state.best.write(best);
      return [];
    },
    onTimer: {
      end(id, { state, timers, fireTimestamp }): Sale[] {
        const { seller, category } = state.auction.read() as Auction;
        const best = state.best.read();
        state.auction.clear();
        state.best.clear();
        state.closed.write(true);
        timers.forget.set((fireTimestamp + MEMORY_MILLIS) as Timestamp, { outputTimestamp: 'none' });
        return best === undefined ? [] : [{ auction: id, seller, category, bidder: best.bidder, price: best.price }];
      },
      forget(_id, { state }): Sale[] {
        state.closed.clear();
        return [];
      },
    },
  });
}

/** Query 4: the average price of sales per category, of the last ten seconds, every five seconds. */
export function averagePrices(
  events: PCollection<NexmarkEvent>,
): PCollection<{ category: number; average: number }, IntervalWindow> {
  return winningBids(events)
    .map('Category', ({ category, price }): KV<number, number> => [category, price])
    .window(sliding({ size: '10s', every: '5s' }))
    .combinePerKey(mean())
    .map('Average', ([category, average]) => ({ category, average }));
}

/** Prices that count for a seller's average. */
const LAST_SALES = 10;

/** Query 6: after each sale, the average price of the seller's last ten. */
export function sellerAverages(events: PCollection<NexmarkEvent>): PCollection<{ seller: number; average: number }> {
  return winningBids(events)
    .map('Seller', ({ seller, price }): KV<number, number> => [seller, price])
    .parDo('Average', {
      requiresTimeSortedInput: true,
      state: { last: state.value<readonly number[]>() },
      process([seller, price], { state }) {
        const last = [...(state.last.read() ?? []), price].slice(-LAST_SALES);
        state.last.write(last);
        return [{ seller, average: last.reduce((a, b) => a + b) / last.length }];
      },
    });
}
