import { coGroupByKey, fixed, flatten, type IntervalWindow, type PCollection, state } from 'millrace';
import type { Auction, NexmarkEvent, Person } from '../model.ts';
import { auctionsOf, peopleOf } from './kinds.ts';

/** Who sells in a category, where. */
export interface LocalItem {
  readonly name: string;
  readonly city: string;
  readonly state: string;
  readonly auction: number;
}

const STATES = ['OR', 'ID', 'CA'];
const CATEGORY = 10;

/** Query 3: auctions of one category by people of three states, as soon as both are known. */
export function localItems(events: PCollection<NexmarkEvent>): PCollection<LocalItem> {
  const sellers = auctionsOf(events)
    .filter('Category', ({ category }) => category === CATEGORY)
    .keyBy('Seller', ({ seller }) => seller);
  const people = peopleOf(events)
    .filter('State', (person) => STATES.includes(person.state))
    .keyBy('Id', ({ id }) => id);
  return flatten([sellers, people]).parDo('Meet', {
    state: { person: state.value<Person>(), waiting: state.bag<Auction>() },
    process([, event], { state }): LocalItem[] {
      if (event.kind === 'person') {
        state.person.write(event);
        const waiting = Array.from(state.waiting.read(), (auction) => itemOf(event, auction));
        state.waiting.clear();
        return waiting;
      }
      const person = state.person.read();
      if (person !== undefined) return [itemOf(person, event)];
      state.waiting.add(event);
      return [];
    },
  });
}

function itemOf({ name, city, state }: Person, { id }: Auction): LocalItem {
  return { name, city, state, auction: id };
}

/** Somebody who has opened an auction right after registering. */
export interface NewSeller {
  readonly id: number;
  readonly name: string;
  readonly reserve: number;
}

/** Query 8: people who registered and opened an auction in the same ten seconds. */
export function newSellers(events: PCollection<NexmarkEvent>): PCollection<NewSeller, IntervalWindow> {
  const windowed = events.window(fixed('10s'));
  const people = peopleOf(windowed).keyBy('Id', ({ id }) => id);
  const auctions = auctionsOf(windowed).keyBy('Seller', ({ seller }) => seller);
  return coGroupByKey({ people, auctions }).flatMap('Sellers', function* ([id, found]): Generator<NewSeller> {
    for (const { name } of found.people) for (const { reserve } of found.auctions) yield { id, name, reserve };
  });
}
