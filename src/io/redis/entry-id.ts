/** Ids of entries: milliseconds and a sequence number, `1700000000000-0`, each of up to 64 bits. */

/** Lies before all ids. */
export const FIRST_ID = '0-0';

const LAST_SEQUENCE = '18446744073709551615';

/** Whether a text is an id with both parts. */
export function isEntryId(text: unknown): text is string {
  return typeof text === 'string' && /^\d{1,20}-\d{1,20}$/.test(text);
}

/** Milliseconds since 1970 where the server has made the id. */
export function millisOf(id: string): bigint {
  return BigInt(id.split('-', 1)[0]);
}

/** Negative, zero or positive, as numbers are compared. */
export function compareIds(a: string, b: string): number {
  const [[aMillis, aSequence], [bMillis, bSequence]] = [a.split('-'), b.split('-')];
  return compare(BigInt(aMillis), BigInt(bMillis)) || compare(BigInt(aSequence), BigInt(bSequence));
}

/** The last id that lies before a time. */
export function lastIdBefore(millis: number | bigint): string {
  return millis <= 0 ? FIRST_ID : `${BigInt(millis) - 1n}-${LAST_SEQUENCE}`;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
