import { MIN_TIMESTAMP, type Timestamp } from '../sdk/index.ts';

/** The watermark of a source that has come to a time, when what is to come may lie so many milliseconds before it. */
export function timeBehind(time: number, delayMillis: number): Timestamp {
  return Math.max(MIN_TIMESTAMP, time - delayMillis) as Timestamp;
}
