import { after, type Duration, timestamp } from '../sdk/index.ts';

const EPOCH = timestamp(0);

/** Milliseconds of a duration, no more than timestamps reach to. @throws PipelineError `DURATION_INVALID` */
export function durationMillis(duration: Duration): number {
  return after(EPOCH, duration);
}
