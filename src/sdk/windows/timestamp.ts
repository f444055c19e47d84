import { PipelineError } from '../errors.ts';

declare const timestampBrand: unique symbol;

/**
 * Event time in milliseconds since 1970-01-01T00:00:00Z: an integer, branded so that a plain number is not taken for a time.
 *
 * Beam's extremes lie past 2^53, so they have no exact double. {@link MIN_TIMESTAMP}, {@link MAX_TIMESTAMP} and
 * {@link END_OF_GLOBAL_WINDOW} are the nearest doubles, and the coders write Beam's exact values for them and read
 * these back. Between 2^53 and the extremes (beyond the year 287396) a time has a resolution of 2 ms.
 */
export type Timestamp = number & { readonly [timestampBrand]: true };

/** Beam's exact extremes in milliseconds: the int64 range of microseconds, truncated to milliseconds. */
export const MIN_TIMESTAMP_EXACT = -9223372036854775n;
export const MAX_TIMESTAMP_EXACT = 9223372036854775n;
export const END_OF_GLOBAL_WINDOW_EXACT = MAX_TIMESTAMP_EXACT - 86_400_000n;

/** The earliest event time; stands for Beam's −9223372036854775 ms. */
export const MIN_TIMESTAMP = Number(MIN_TIMESTAMP_EXACT) as Timestamp;
/** The latest event time; stands for Beam's 9223372036854775 ms. */
export const MAX_TIMESTAMP = Number(MAX_TIMESTAMP_EXACT) as Timestamp;
/** Largest timestamp inside the global window: one day before {@link MAX_TIMESTAMP}, so that its timers can still fire. */
export const END_OF_GLOBAL_WINDOW = Number(END_OF_GLOBAL_WINDOW_EXACT) as Timestamp;

/** A length of time in writing: `1500ms`, `10s`, `30m`, `1.5h`, `7d`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
// Steps that are run for each element, `after` and timers, ask for the same duration again and again.
let lastDuration: Duration = '0ms';
let lastMillis = 0;

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/**
 * A timestamp from milliseconds since the epoch, a Date or an ISO 8601 string. A string without a zone is read as UTC.
 *
 * @throws PipelineError `TIMESTAMP_INVALID` when it is no time, has a fraction of a millisecond or lies outside Beam's range.
 */
export function timestamp(time: number | Date | string): Timestamp {
  const millis = millisOf(time);
  if (!Number.isInteger(millis) || millis < MIN_TIMESTAMP || millis > MAX_TIMESTAMP) {
    throw new PipelineError('TIMESTAMP_INVALID', `${describe(time)} is not a timestamp`, {
      hint: 'Give whole milliseconds since 1970, a valid Date or a string such as 2024-05-01T12:00:00Z.',
    });
  }
  return (millis === 0 ? 0 : millis) as Timestamp;
}

/** The timestamp a duration later; never past {@link MAX_TIMESTAMP}. */
export function after(time: Timestamp, duration: Duration): Timestamp {
  return Math.min(time + durationMillis(duration), MAX_TIMESTAMP) as Timestamp;
}

/**
 * Whole milliseconds of a duration.
 *
 * @throws PipelineError `DURATION_INVALID` when the string is malformed, negative, or no whole number of milliseconds.
 */
export function durationMillis(duration: Duration): number {
  if (duration === lastDuration) return lastMillis;
  const match = DURATION.exec(duration);
  // 1.1 s is 1100 ms although 1.1 * 1000 is not an integer in binary.
  const exact = match === null ? Number.NaN : Number(match[1]) * UNITS[match[2]];
  const millis = Math.round(exact);
  if (!(Math.abs(exact - millis) < 1e-6) || !Number.isSafeInteger(millis)) {
    throw new PipelineError('DURATION_INVALID', `${JSON.stringify(duration)} is not a duration`, {
      hint: 'Write a number and a unit, ms, s, m, h or d, that make whole milliseconds: 1500ms, 30m, 1.5h, 7d.',
    });
  }
  lastDuration = duration;
  lastMillis = millis;
  return millis;
}

/** A length of time in the largest unit of which it is a whole number. */
export function durationText(millis: number): Duration {
  for (const [unit, size] of WHOLE_UNITS) if (millis >= size && millis % size === 0) return `${millis / size}${unit}`;
  return `${millis}ms`;
}

const WHOLE_UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** Whether a value is a duration in writing. */
export function isDuration(value: unknown): value is Duration {
  if (typeof value !== 'string') return false;
  try {
    durationMillis(value as Duration);
    return true;
  } catch (error) {
    if (error instanceof PipelineError) return false;
    throw error;
  }
}

function millisOf(time: number | Date | string): number {
  if (typeof time === 'number') return time;
  if (typeof time === 'string') return parseIso(time);
  return typeof time?.getTime === 'function' ? time.getTime() : Number.NaN;
}

const ISO = /^([+-]\d{6}|\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)?(Z|[+-]\d{2}:?\d{2})?$/i;

function parseIso(text: string): number {
  const match = ISO.exec(text);
  if (match === null) return Number.NaN;
  const [, year, month, day, zone] = match;
  // Date.parse takes the 30th of February for a day in March.
  if (Number(day) > 28 && Number(day) > new Date(Date.UTC(2000 + (Number(year) % 400), Number(month), 0)).getUTCDate())
    return Number.NaN;
  // Date.parse reads a date-time without a zone as local time: the answer would depend on the machine.
  return Date.parse(zone === undefined && text.length > 10 ? `${text}Z` : text);
}

function describe(time: number | Date | string): string {
  return typeof time === 'string' ? JSON.stringify(time) : time instanceof Date ? 'An invalid Date' : String(time);
}
