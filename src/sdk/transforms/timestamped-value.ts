import type { Timestamp } from '../windows/timestamp.ts';

/** A value with its event time. */
export class TimestampedValue<T> {
  readonly value: T;
  readonly timestamp: Timestamp;

  constructor(value: T, timestamp: Timestamp) {
    this.value = value;
    this.timestamp = timestamp;
  }
}

/** Gives a value its event time. */
export function timestamped<T>(value: T, timestamp: Timestamp): TimestampedValue<T> {
  return new TimestampedValue(value, timestamp);
}
