import type { PCollection, Window } from 'millrace';
import type { Auction, Bid, NexmarkEvent, Person } from '../model.ts';

/** The bids among the events. */
export function bidsOf<W extends Window>(events: PCollection<NexmarkEvent, W>): PCollection<Bid, W> {
  return events.filter('Bids', (event) => event.kind === 'bid');
}

/** The auctions among the events. */
export function auctionsOf<W extends Window>(events: PCollection<NexmarkEvent, W>): PCollection<Auction, W> {
  return events.filter('Auctions', (event) => event.kind === 'auction');
}

/** The people among the events. */
export function peopleOf<W extends Window>(events: PCollection<NexmarkEvent, W>): PCollection<Person, W> {
  return events.filter('People', (event) => event.kind === 'person');
}
