import { intervalWindowCoder } from '../coders/window-coders.ts';
import { PipelineError } from '../errors.ts';
import { checkKnownOptions } from '../options/known-options.ts';
import { mainTime } from './interval-limits.ts';
import { civil, timeZone } from './time-zone.ts';
import type { Timestamp } from './timestamp.ts';
import { IntervalWindow } from './window.ts';
import type { TimeWindowFn } from './window-fn.ts';

/** Where calendar windows lie. */
export interface CalendarOptions {
  /** IANA name of the time zone whose midnights separate the windows; default `UTC`. */
  readonly timeZone?: string;
  /** A local date, `YYYY-MM-DD`, on which a window starts; default 1970-01-01, for weeks Monday 1970-01-05. */
  readonly start?: string;
}

const DAY = 86_400_000;
const MAX_DATE = 8.64e15;
const SLOTS = 256;

/** Windows of `count` days, from midnight to midnight; a day of a clock change has 23 or 25 hours (Beam's CalendarWindows.days). */
export function calendarDays(count: number, options: CalendarOptions = {}): TimeWindowFn<IntervalWindow> {
  return calendar('day', count, options, '1970-01-01');
}

/** Windows of `count` weeks that begin on the weekday of `start`, Monday by default (Beam's CalendarWindows.weeks). */
export function calendarWeeks(count: number, options: CalendarOptions = {}): TimeWindowFn<IntervalWindow> {
  return calendar('week', count, options, '1970-01-05');
}

/**
 * Windows of `count` months that begin on the day of the month of `start`; in a month that is too short for it, on its
 * last day (Beam's CalendarWindows.months).
 */
export function calendarMonths(count: number, options: CalendarOptions = {}): TimeWindowFn<IntervalWindow> {
  return calendar('month', count, options, '1970-01-01');
}

/** Windows of `count` years that begin on the month and day of `start` (Beam's CalendarWindows.years). */
export function calendarYears(count: number, options: CalendarOptions = {}): TimeWindowFn<IntervalWindow> {
  return calendar('year', count, options, '1970-01-01');
}

type Unit = 'day' | 'week' | 'month' | 'year';
/** Most of them in one window; the calendar of JavaScript has no room for much longer ones. */
const MAX_COUNT: Readonly<Record<Unit, number>> = { day: 100_000, week: 100_000, month: 100_000, year: 10_000 };
const FUNCTIONS: Readonly<Record<Unit, string>> = {
  day: 'calendarDays()',
  week: 'calendarWeeks()',
  month: 'calendarMonths()',
  year: 'calendarYears()',
};
/** Shortest length in days. */
const DAYS: Readonly<Record<Unit, number>> = { day: 1, week: 7, month: 28, year: 365 };

/** The periods of a calendar, counted from the one that starts on the start date; local times as in `time-zone.ts`. */
interface Periods {
  /** The period of a local time, or the one after it. */
  index(local: number): number;
  /** Local midnight at which a period starts. */
  start(index: number): number;
}

function calendar(
  unit: Unit,
  count: number,
  options: CalendarOptions,
  defaultStart: string,
): TimeWindowFn<IntervalWindow> {
  checkKnownOptions(FUNCTIONS[unit], options, { timeZone: true, start: true });
  const { timeZone: zoneName = 'UTC', start } = options;
  if (!Number.isInteger(count) || count < 1 || count > MAX_COUNT[unit]) {
    throw new PipelineError('WINDOW_INVALID', `A calendar window spans 1 to ${MAX_COUNT[unit]} ${unit}s, not ${count}`);
  }
  const startText = start ?? defaultStart;
  const zone = timeZone(zoneName);
  const origin = parseDate(startText);
  const periods =
    unit === 'day' || unit === 'week'
      ? dayPeriods(origin, count * DAYS[unit] * DAY)
      : monthPeriods(origin, unit === 'month' ? count : count * 12);
  const boundary = (index: number) => zone.startOfDay(periods.start(index));

  function find(timestamp: Timestamp): IntervalWindow {
    let index = periods.index(zone.toLocal(timestamp));
    // A clock change can put a time on the other side of a boundary than the clock shows.
    while (boundary(index) > timestamp) index--;
    while (boundary(index + 1) <= timestamp) index++;
    return new IntervalWindow(boundary(index) as Timestamp, boundary(index + 1) as Timestamp);
  }

  const recent: (IntervalWindow | undefined)[] = new Array(SLOTS).fill(undefined);
  const slotWidth = (count * DAYS[unit] * DAY) / 2;
  let last: IntervalWindow | undefined;
  function assignOne(timestamp: Timestamp): IntervalWindow {
    if (last !== undefined && timestamp >= last.start && timestamp < last.end) return last;
    const slot = Math.floor(timestamp / slotWidth) & (SLOTS - 1);
    const known = recent[slot];
    if (known !== undefined && timestamp >= known.start && timestamp < known.end) last = known;
    else {
      // One period more on both sides has to exist for the boundaries to be found.
      const reach = Math.abs(timestamp) + 2 * slotWidth * 3 + 2 * DAY;
      if (!(reach <= MAX_DATE)) throw outOfRange(timestamp);
      const found = find(timestamp);
      // A window lies in several slots; they shall hold the same object.
      last = last !== undefined && last.start === found.start && last.end === found.end ? last : shared(found);
      recent[slot] = last;
    }
    return last;
  }
  function shared(found: IntervalWindow): IntervalWindow {
    for (let at = Math.floor(found.start / slotWidth); at * slotWidth < found.end; at++) {
      const other = recent[at & (SLOTS - 1)];
      if (other !== undefined && other.start === found.start && other.end === found.end) return other;
    }
    return found;
  }

  return {
    urn: 'millrace:window_fn:calendar:v1',
    payload: () => new TextEncoder().encode(JSON.stringify({ unit, count, timeZone: zoneName, start: startText })),
    coder: intervalWindowCoder,
    assign: (timestamp) => [assignOne(timestamp)],
    assignOne,
    sideInputWindow: (main) => assignOne(mainTime(main)),
  };
}

function dayPeriods(origin: number, length: number): Periods {
  return {
    index: (local) => Math.floor((local - origin) / length),
    start: (index) => origin + index * length,
  };
}

function monthPeriods(origin: number, length: number): Periods {
  const first = new Date(origin);
  const firstMonth = first.getUTCFullYear() * 12 + first.getUTCMonth();
  const day = first.getUTCDate();
  return {
    index(local) {
      const date = new Date(local);
      return Math.floor((date.getUTCFullYear() * 12 + date.getUTCMonth() - firstMonth) / length);
    },
    start(index) {
      const month = firstMonth + index * length;
      const lastDay = new Date(civil(0, month + 1, 0)).getUTCDate();
      return civil(0, month, Math.min(day, lastDay));
    },
  };
}

function parseDate(text: string): number {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  const time = match === null ? Number.NaN : civil(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  if (match === null || new Date(time).toISOString().slice(0, 10) !== text) {
    throw new PipelineError('WINDOW_INVALID', `${JSON.stringify(text)} is not a date`, {
      hint: 'write it as YYYY-MM-DD',
    });
  }
  return time;
}

function outOfRange(timestamp: number): PipelineError {
  return new PipelineError('TIMESTAMP_OUT_OF_RANGE', `The calendar has no date for the timestamp ${timestamp}`, {
    hint: 'elements get the time they happened with withTimestamps(); one that was never set is the least of all',
  });
}
