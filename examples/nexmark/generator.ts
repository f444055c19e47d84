import type { NexmarkEvent } from './model.ts';

/** Of 50 events one is a person, three are auctions, the others bids. */
const PER_EPOCH = 50;
const AUCTIONS_PER_EPOCH = 3;
const FIRST_ID = 1000;
const FIRST_CATEGORY = 10;
const CATEGORIES = 5;
/** People and auctions that are still active, counted back from the latest. */
const ACTIVE_PEOPLE = 1000;
const ACTIVE_AUCTIONS = 100;
/** Every second bid is for the hot auction, three of four by the hot bidder; of the latest hundred. */
const HOT_EVERY = 100;

const STATES = ['AZ', 'CA', 'ID', 'OR', 'WA', 'WY'];
const CITIES = [
  'Phoenix',
  'Los Angeles',
  'San Francisco',
  'Boise',
  'Portland',
  'Bend',
  'Redmond',
  'Seattle',
  'Kent',
  'Cheyenne',
];
const FIRST_NAMES = ['Peter', 'Paul', 'Luke', 'John', 'Saul', 'Vicky', 'Kate', 'Julie', 'Sarah', 'Deiter', 'Walter'];
const LAST_NAMES = ['Shultz', 'Abrams', 'Spencer', 'White', 'Bartels', 'Walton', 'Smith', 'Jones', 'Noris'];
const ITEMS = ['lamp', 'chair', 'book', 'clock', 'vase', 'radio', 'bike', 'coat', 'violin', 'camera'];

/** A stream of events, each of which depends on its number alone. */
export interface NexmarkStream {
  /** Time of event 0. */
  readonly start: number;
  /** Events per second of event time. */
  readonly rate: number;
}

/** Time of an event; never earlier than the one before. */
export function timeOf({ start, rate }: NexmarkStream, n: number): number {
  return start + Math.floor((n * 1000) / rate);
}

/** Event number `n`. */
export function eventAt(stream: NexmarkStream, n: number): NexmarkEvent {
  const epoch = Math.floor(n / PER_EPOCH);
  const offset = n - epoch * PER_EPOCH;
  const at = timeOf(stream, n);
  if (offset === 0) return person(epoch, at, n);
  const auctions = epoch * AUCTIONS_PER_EPOCH;
  if (offset <= AUCTIONS_PER_EPOCH) return auction(auctions + offset - 1, epoch, at, n, stream.rate);
  return bid(auctions + AUCTIONS_PER_EPOCH - 1, epoch, at, n);
}

function person(epoch: number, at: number, n: number): NexmarkEvent {
  const random = mix(n);
  const name = `${FIRST_NAMES[random % FIRST_NAMES.length]} ${LAST_NAMES[(random >>> 8) % LAST_NAMES.length]}`;
  return {
    kind: 'person',
    id: FIRST_ID + epoch,
    name,
    city: CITIES[(random >>> 12) % CITIES.length],
    state: STATES[(random >>> 16) % STATES.length],
    at,
  };
}

function auction(index: number, epoch: number, at: number, n: number, rate: number): NexmarkEvent {
  const random = mix(n);
  // As long as it takes for so many auctions to be opened; so a bid mostly finds its auction open.
  const most = Math.ceil((ACTIVE_AUCTIONS * PER_EPOCH * 1000) / (AUCTIONS_PER_EPOCH * rate));
  return {
    kind: 'auction',
    id: FIRST_ID + index,
    seller: FIRST_ID + recent(epoch, random, 4, ACTIVE_PEOPLE),
    category: FIRST_CATEGORY + ((random >>> 10) % CATEGORIES),
    item: ITEMS[(random >>> 14) % ITEMS.length],
    reserve: price(mix(n + 0x5bd1)),
    expires: at + 1 + (mix(n + 0x1b87) % Math.max(1, most)),
    at,
  };
}

function bid(lastAuction: number, lastPerson: number, at: number, n: number): NexmarkEvent {
  const random = mix(n);
  return {
    kind: 'bid',
    auction: FIRST_ID + recent(lastAuction, random, 2, ACTIVE_AUCTIONS),
    bidder: FIRST_ID + recent(lastPerson, mix(n + 0x3c6e), 4, ACTIVE_PEOPLE),
    price: price(mix(n + 0x7f4a)),
    at,
  };
}

/** The hot one mostly (all but every `ratio`th time), else any of the active ones. */
function recent(last: number, random: number, ratio: number, active: number): number {
  if (random % ratio > 0) return Math.floor(last / HOT_EVERY) * HOT_EVERY;
  const least = Math.max(0, last - active + 1);
  return least + ((random >>> 3) % (last - least + 1));
}

/** From one to a million cents, each order of magnitude as often. */
function price(random: number): number {
  return Math.round(10 ** ((random % 6000) / 1000) * 100);
}

/** A whole number from another, spread evenly over 32 bits. */
function mix(n: number): number {
  let x = Math.imul(n ^ (n >>> 16) ^ 0x2c1b3c6d, 0x45d9f3b);
  x = Math.imul(x ^ (x >>> 15), 0x297a2d39);
  return (x ^ (x >>> 15)) >>> 0;
}
