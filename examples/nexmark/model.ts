/** What happens at an online auction. Times are milliseconds since 1970, prices are cents. */
export type NexmarkEvent = Person | Auction | Bid;

/** Somebody registers. */
export interface Person {
  readonly kind: 'person';
  readonly id: number;
  readonly name: string;
  readonly city: string;
  readonly state: string;
  readonly at: number;
}

/** Somebody offers an item until a time, for at least a price. */
export interface Auction {
  readonly kind: 'auction';
  readonly id: number;
  readonly seller: number;
  readonly category: number;
  readonly item: string;
  readonly reserve: number;
  readonly expires: number;
  readonly at: number;
}

/** Somebody bids for an item. */
export interface Bid {
  readonly kind: 'bid';
  readonly auction: number;
  readonly bidder: number;
  readonly price: number;
  readonly at: number;
}
