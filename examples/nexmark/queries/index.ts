import type { PCollection, Window } from 'millrace';
import type { NexmarkEvent } from '../model.ts';
import { calculation, currencyConversion, passThrough, selection, sideInputJoin } from './element-wise.ts';
import { localItems, newSellers } from './joins.ts';
import { bidSessions, bidsByProcessingTime, highestBids, hotItems, logParts } from './windows.ts';
import { averagePrices, sellerAverages, winningBids } from './winning-bids.ts';

/** A query over the events. */
export type NexmarkQuery = (events: PCollection<NexmarkEvent>) => PCollection<unknown, Window>;

/** The queries by their usual numbers. */
export const queries = {
  q0: passThrough,
  q1: currencyConversion,
  q2: selection,
  q3: localItems,
  q4: averagePrices,
  q5: hotItems,
  q6: sellerAverages,
  q7: highestBids,
  q8: newSellers,
  q9: winningBids,
  q10: logParts,
  q11: bidSessions,
  q12: bidsByProcessingTime,
  q13: sideInputJoin,
  q14: calculation,
} as const satisfies Record<string, NexmarkQuery>;
