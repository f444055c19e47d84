import {
  afterProcessingTime,
  type CombineFn,
  count,
  fixed,
  globalWindows,
  type IntervalWindow,
  type KV,
  type PCollection,
  repeatedly,
  sessions,
  sliding,
} from 'millrace';
import type { Bid, NexmarkEvent } from '../model.ts';
import { bidsOf } from './kinds.ts';

/** All inputs with the greatest number. */
function allMost<T>(numberOf: (input: T) => number): CombineFn<T, T[], readonly T[]> {
  const add = (most: T[], input: T): T[] => {
    const difference = most.length === 0 ? 1 : numberOf(input) - numberOf(most[0]);
    if (difference > 0) return [input];
    if (difference === 0) most.push(input);
    return most;
  };
  return {
    name: 'AllMost',
    create: () => [],
    add,
    merge: (lists) => [...lists].reduce((most, list) => list.reduce(add, most), [] as T[]),
    extract: (most) => most,
  };
}

/** Query 5: the auctions with the most bids of the last ten seconds, every five seconds. */
export function hotItems(
  events: PCollection<NexmarkEvent>,
): PCollection<{ auction: number; bids: number }, IntervalWindow> {
  return bidsOf(events)
    .map('Auction', ({ auction }): KV<number, null> => [auction, null])
    .window(sliding({ size: '10s', every: '5s' }))
    .combinePerKey(count())
    .combine(allMost<KV<number, number>>(([, bids]) => bids))
    .flatMap('Hot', (most) => most.map(([auction, bids]) => ({ auction, bids })));
}

/** Query 7: the highest bids of every ten seconds. */
export function highestBids(events: PCollection<NexmarkEvent>): PCollection<Bid, IntervalWindow> {
  return bidsOf(events)
    .window(fixed('10s'))
    .combine(allMost<Bid>(({ price }) => price))
    .flatMap('Highest', (bids) => bids);
}

/** Query 10: the log, in parts per window and shard; here, how many lines and characters each part has. */
export function logParts(
  events: PCollection<NexmarkEvent>,
): PCollection<{ shard: number; lines: number; characters: number }, IntervalWindow> {
  return events
    .map('Line', (event): KV<number, string> => [event.at % 10, JSON.stringify(event)])
    .window(fixed('10s'))
    .groupByKey()
    .map('Part', ([shard, lines]) => {
      let [total, characters] = [0, 0];
      for (const line of lines) {
        total++;
        characters += line.length;
      }
      return { shard, lines: total, characters };
    });
}

/** Query 11: how many bids people make before they pause for ten seconds. */
export function bidSessions(
  events: PCollection<NexmarkEvent>,
): PCollection<{ bidder: number; bids: number }, IntervalWindow> {
  return bidsOf(events)
    .map('Bidder', ({ bidder }): KV<number, null> => [bidder, null])
    .window(sessions({ gap: '10s' }))
    .combinePerKey(count())
    .map('Session', ([bidder, bids]) => ({ bidder, bids }));
}

/** Query 12: how many bids people make in ten seconds of processing time. */
export function bidsByProcessingTime(events: PCollection<NexmarkEvent>): PCollection<{ bidder: number; bids: number }> {
  return bidsOf(events)
    .map('Bidder', ({ bidder }): KV<number, null> => [bidder, null])
    .window(globalWindows(), { trigger: repeatedly(afterProcessingTime('10s')), accumulation: 'discarding' })
    .combinePerKey(count())
    .map('Period', ([bidder, bids]) => ({ bidder, bids }));
}
