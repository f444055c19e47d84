import { eventAt, type NexmarkStream } from '../../examples/nexmark/generator.ts';
import type { Auction, Bid } from '../../examples/nexmark/model.ts';
import { better } from '../../examples/nexmark/queries/winning-bids.ts';

/** Rows of each table, by table: what the program must have written when all is over, computed without a pipeline. */
export function expectedTables(stream: NexmarkStream, events: number): Record<string, string[]> {
  const counts = new Map<string, { bids: number; total: number }>();
  const auctions = new Map<number, Auction>();
  const best = new Map<number, Bid>();
  const visits: string[] = [];
  const open = new Map<number, { start: number; last: number; bids: number }>();
  for (let n = 0; n < events; n++) {
    const event = eventAt(stream, n);
    if (event.kind === 'auction') auctions.set(event.id, event);
    if (event.kind !== 'bid') continue;
    const key = `${event.auction},${Math.floor(event.at / 10_000) * 10_000}`;
    const cell = counts.get(key) ?? { bids: 0, total: 0 };
    counts.set(key, { bids: cell.bids + 1, total: cell.total + event.price });
    const auction = auctions.get(event.auction);
    const winner = auction === undefined ? undefined : better(best.get(event.auction), event, auction);
    if (winner !== undefined) best.set(event.auction, winner);
    const visit = open.get(event.bidder);
    if (visit !== undefined && event.at < visit.last + 20_000) {
      visit.last = event.at;
      visit.bids++;
      continue;
    }
    if (visit !== undefined) visits.push(`${event.bidder},${visit.start},${visit.bids}`);
    open.set(event.bidder, { start: event.at, last: event.at, bids: 1 });
  }
  for (const [bidder, { start, bids }] of open) visits.push(`${bidder},${start},${bids}`);
  return {
    counts: Array.from(counts, ([key, { bids, total }]) => `${key},${bids},${total}`).sort(),
    sales: Array.from(best, ([auction, { bidder, price }]) => `${auction},${bidder},${price}`).sort(),
    visits: visits.sort(),
  };
}
