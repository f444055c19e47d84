import { asMap, type PCollection } from 'millrace';
import type { Bid, NexmarkEvent } from '../model.ts';
import { bidsOf } from './kinds.ts';

/** Query 0: what the machinery costs. */
export function passThrough(events: PCollection<NexmarkEvent>): PCollection<NexmarkEvent> {
  return events.map('PassThrough', (event) => event);
}

/** Query 1: all bids in euros. */
export function currencyConversion(events: PCollection<NexmarkEvent>): PCollection<Bid> {
  return bidsOf(events).map('ToEuros', (bid) => ({ ...bid, price: Math.round(bid.price * 0.89) }));
}

/** Query 2: bids for a few auctions. */
export function selection(events: PCollection<NexmarkEvent>): PCollection<{ auction: number; price: number }> {
  return bidsOf(events)
    .filter('Every123rd', ({ auction }) => auction % 123 === 0)
    .map('Price', ({ auction, price }) => ({ auction, price }));
}

/** Query 13: bids with what a table that does not change knows of them. */
export function sideInputJoin(events: PCollection<NexmarkEvent>): PCollection<Bid & { readonly note: string }> {
  const table = Array.from({ length: 1000 }, (_, i) => [i, `note ${i}`] as const);
  const notes = asMap(events.pipeline.create(table));
  return bidsOf(events).parDo('Note', {
    sides: { notes },
    process: (bid: Bid, { sides }) => [{ ...bid, note: sides.notes.get(bid.auction % 1000) ?? '' }],
  });
}

/** Query 14: bids in a range of prices, with the time of day. */
export function calculation(events: PCollection<NexmarkEvent>): PCollection<Bid & { readonly time: string }> {
  return bidsOf(events)
    .map('Time', (bid) => ({ ...bid, price: bid.price * 0.908, time: timeOfDay(bid.at) }))
    .filter('Range', ({ price }) => price > 1_000_000 && price < 50_000_000);
}

function timeOfDay(at: number): string {
  const hour = new Date(at).getUTCHours();
  if (hour >= 8 && hour <= 18) return 'day';
  return hour <= 6 || hour >= 20 ? 'night' : 'other';
}
