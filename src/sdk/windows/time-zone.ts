import { PipelineError } from '../errors.ts';

const DAY = 86_400_000;
const FORMATTED = /^(\d+)\/(\d+)\/(\d+) (\w+), (\d+):(\d+):(\d+)$/;

/** The wall clock of one place. Local times are written as the UTC milliseconds at which a clock in UTC shows the same. */
export interface TimeZone {
  /** What a clock there shows at this time, to the second. */
  toLocal(time: number): number;
  /**
   * When a day starts there: the first time its midnight is shown, or the moment the clock jumps over it.
   *
   * @param midnight local time of the day's midnight
   */
  startOfDay(midnight: number): number;
}

const UTC: TimeZone = { toLocal: (time) => Math.floor(time / 1000) * 1000, startOfDay: (midnight) => midnight };

/**
 * The zone of an IANA name such as `Europe/Zurich`, or a fixed offset such as `+05:30`.
 *
 * @throws PipelineError `TIME_ZONE_UNKNOWN`
 */
export function timeZone(name: string): TimeZone {
  if (name === 'UTC') return UTC;
  const format = formatter(name);

  function toLocal(time: number): number {
    const parts = FORMATTED.exec(format.format(time));
    if (parts === null) throw new Error(`Intl wrote ${format.format(time)} for ${time}`);
    const year = parts[4] === 'BC' ? 1 - Number(parts[3]) : Number(parts[3]);
    const clock = (Number(parts[5]) * 60 + Number(parts[6])) * 60 + Number(parts[7]);
    return civil(year, Number(parts[1]) - 1, Number(parts[2])) + clock * 1000;
  }
  const offset = (time: number) => toLocal(time) - Math.floor(time / 1000) * 1000;

  function startOfDay(midnight: number): number {
    const before = offset(midnight - DAY);
    const later = offset(midnight + DAY);
    // With the clock put back at midnight both hold: the greater offset is the earlier time.
    const early = midnight - Math.max(before, later);
    if (offset(early) === midnight - early) return early;
    const late = midnight - Math.min(before, later);
    if (offset(late) === midnight - late) return late;
    let low = early;
    let high = late;
    while (high - low > 1000) {
      const middle = low + Math.floor((high - low) / 2000) * 1000;
      if (offset(middle) === later) high = middle;
      else low = middle;
    }
    return high;
  }
  return { toLocal, startOfDay };
}

/** Milliseconds of a civil date at 00:00 UTC; months count from 0 and may lie outside of the year. */
export function civil(year: number, month: number, day: number): number {
  // Date.UTC takes the years 0 to 99 for 1900 to 1999.
  return new Date(0).setUTCFullYear(year, month, day);
}

function formatter(name: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (cause) {
    throw new PipelineError('TIME_ZONE_UNKNOWN', `There is no time zone ${JSON.stringify(name)}`, {
      cause,
      hint: 'use a name of the IANA database such as Europe/Zurich or America/New_York',
    });
  }
}
