import type { Duration, Timestamp } from './well-known.ts';

/** Milliseconds, since 1970 or between two times, as protobuf's Timestamp and Duration have them. */
export function timeToProto(millis: number): { readonly seconds: bigint; readonly nanos: number } {
  const seconds = Math.floor(millis / 1000);
  return { seconds: BigInt(seconds), nanos: Math.floor((millis - seconds * 1000) * 1_000_000) };
}

/** Whole milliseconds of a Timestamp or Duration; 0 where there is none. */
export function timeFromProto(time: Partial<Duration & Timestamp> | undefined): number {
  return Number(time?.seconds ?? 0n) * 1000 + Math.floor((time?.nanos ?? 0) / 1_000_000);
}
