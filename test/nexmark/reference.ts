import { eventAt, type NexmarkStream } from '../../examples/nexmark/generator.ts';
import type { Auction, Bid, NexmarkEvent, Person } from '../../examples/nexmark/model.ts';

/** The answers to the queries, computed over arrays in the plainest way: what the pipelines are held against. */
export function referenceAnswers(stream: NexmarkStream, count: number): Record<string, unknown[]> {
  const events = Array.from({ length: count }, (_, n) => eventAt(stream, n));
  const bids = events.filter((event): event is Bid => event.kind === 'bid');
  const auctions = events.filter((event): event is Auction => event.kind === 'auction');
  const people = events.filter((event): event is Person => event.kind === 'person');
  const sales = salesOf(auctions, bids);
  return {
    q0: events,
    q1: bids.map((bid) => ({ ...bid, price: Math.round(bid.price * 0.89) })),
    q2: bids.filter(({ auction }) => auction % 123 === 0).map(({ auction, price }) => ({ auction, price })),
    q3: auctions
      .filter(({ category }) => category === 10)
      .flatMap(({ id, seller }) =>
        people
          .filter((person) => person.id === seller && ['OR', 'ID', 'CA'].includes(person.state))
          .map(({ name, city, state }) => ({ name, city, state, auction: id })),
      ),
    q4: slidingTimes(sales.map(({ expires }) => expires)).flatMap((start) => {
      const inWindow = sales.filter(({ expires }) => expires >= start && expires < start + 10_000);
      const categories = [...new Set(inWindow.map(({ category }) => category))];
      return categories.map((category) => ({
        category,
        average: average(inWindow.filter((sale) => sale.category === category).map(({ price }) => price)),
      }));
    }),
    q5: slidingTimes(bids.map(({ at }) => at)).flatMap((start) => {
      const counts = countBy(bids.filter(({ at }) => at >= start && at < start + 10_000).map(({ auction }) => auction));
      const most = Math.max(...counts.values());
      return [...counts].filter(([, n]) => n === most).map(([auction, n]) => ({ auction, bids: n }));
    }),
    q6: [...new Set(sales.map(({ seller }) => seller))].flatMap((seller) => {
      const prices = sales.filter((sale) => sale.seller === seller).map(({ price }) => price);
      return prices.map((_, i) => ({ seller, average: average(prices.slice(Math.max(0, i - 9), i + 1)) }));
    }),
    q7: tumblingTimes(events).flatMap((start) => {
      const inWindow = bids.filter(({ at }) => at >= start && at < start + 10_000);
      const most = Math.max(...inWindow.map(({ price }) => price));
      return inWindow.filter(({ price }) => price === most);
    }),
    q8: tumblingTimes(events).flatMap((start) => {
      const during = (event: NexmarkEvent) => event.at >= start && event.at < start + 10_000;
      return auctions
        .filter(during)
        .flatMap(({ seller, reserve }) =>
          people
            .filter((person) => during(person) && person.id === seller)
            .map(({ id, name }) => ({ id, name, reserve })),
        );
    }),
    q9: sales.map(({ auction, seller, category, bidder, price }) => ({ auction, seller, category, bidder, price })),
    q10: tumblingTimes(events).flatMap((start) =>
      Array.from({ length: 10 }, (_, shard) => {
        const lines = events
          .filter(({ at }) => at >= start && at < start + 10_000 && at % 10 === shard)
          .map((event) => JSON.stringify(event));
        return { shard, lines: lines.length, characters: lines.join('').length };
      }).filter(({ lines }) => lines > 0),
    ),
    q11: [...new Set(bids.map(({ bidder }) => bidder))].flatMap((bidder) => {
      const times = bids.filter((bid) => bid.bidder === bidder).map(({ at }) => at);
      const sessions: number[] = [];
      times.forEach((at, i) => {
        if (i === 0 || at >= times[i - 1] + 10_000) sessions.push(0);
        sessions[sessions.length - 1]++;
      });
      return sessions.map((n) => ({ bidder, bids: n }));
    }),
    q12: [...countBy(bids.map(({ bidder }) => bidder))].map(([bidder, n]) => ({ bidder, bids: n })),
    q13: bids.map((bid) => ({ ...bid, note: `note ${bid.auction % 1000}` })),
    q14: bids
      .map((bid) => ({ ...bid, price: bid.price * 0.908 }))
      .filter(({ price }) => price > 1_000_000 && price < 50_000_000)
      .map((bid) => {
        const hour = new Date(bid.at).getUTCHours();
        const isNight = hour <= 6 || hour >= 20;
        return { ...bid, time: hour >= 8 && hour <= 18 ? 'day' : isNight ? 'night' : 'other' };
      }),
  };
}

interface EndedAuction {
  readonly auction: number;
  readonly seller: number;
  readonly category: number;
  readonly bidder: number;
  readonly price: number;
  readonly expires: number;
}

/** In the order in which the auctions end. */
function salesOf(auctions: readonly Auction[], bids: readonly Bid[]): EndedAuction[] {
  const byAuction = Map.groupBy(bids, ({ auction }) => auction);
  return auctions
    .flatMap(({ id, seller, category, reserve, expires }) => {
      const valid = (byAuction.get(id) ?? []).filter(({ price, at }) => price >= reserve && at < expires);
      if (valid.length === 0) return [];
      const [{ bidder, price }] = valid.toSorted((a, b) => b.price - a.price || a.at - b.at);
      return [{ auction: id, seller, category, bidder, price, expires }];
    })
    .sort((a, b) => a.expires - b.expires);
}

/** Starts of the windows of ten seconds, every five, that hold one of the times. */
function slidingTimes(times: readonly number[]): number[] {
  const starts = new Set<number>();
  for (const at of times) {
    const last = Math.floor(at / 5000) * 5000;
    starts.add(last).add(last - 5000);
  }
  return [...starts];
}

function tumblingTimes(events: readonly NexmarkEvent[]): number[] {
  return [...new Set(events.map(({ at }) => Math.floor(at / 10_000) * 10_000))];
}

function countBy(keys: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

function average(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0) / numbers.length;
}
