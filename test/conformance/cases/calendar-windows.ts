import {
  Count,
  calendarDays,
  calendarMonths,
  calendarWeeks,
  calendarYears,
  type IntervalWindow,
  type KV,
  type Pipeline,
  type WindowFn,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { at, windowsOf } from '../elements.ts';

/** `[time, start, end]` as dates that `Date.parse` reads. */
function assigned(
  name: string,
  rule: string,
  windowFn: () => WindowFn<IntervalWindow>,
  expected: readonly (readonly [time: string, start: string, end: string])[],
) {
  return {
    name,
    rule,
    pipeline(p: Pipeline) {
      const elements = at(
        p,
        expected.map(([time]) => [time, Date.parse(time)] as const),
      );
      assertThat(windowsOf(elements.window(windowFn()))).containsInAnyOrder(
        expected.map(([time, start, end]): KV<string, string> => [time, `${Date.parse(start)}-${Date.parse(end)}`]),
      );
    },
  };
}

export const calendarWindows = topic(
  'windowing/calendar',
  'CalendarWindows; CalendarWindowsTest',
  [
    assigned('days', 'Days go from midnight to midnight UTC', () => calendarDays(1), [
      ['2024-02-29T23:59:59.999Z', '2024-02-29', '2024-03-01'],
      ['2024-03-01T00:00:00.000Z', '2024-03-01', '2024-03-02'],
      ['1969-12-31T12:00:00.000Z', '1969-12-31', '1970-01-01'],
    ]),
    assigned(
      'several-days',
      'Windows of several days count from the starting day',
      () => calendarDays(7, { start: '2024-01-03' }),
      [
        ['2024-01-03T00:00:00Z', '2024-01-03', '2024-01-10'],
        ['2024-01-02T23:00:00Z', '2023-12-27', '2024-01-03'],
        ['2024-01-16T23:00:00Z', '2024-01-10', '2024-01-17'],
      ],
    ),
    assigned(
      'days-in-a-time-zone',
      'The day is that of the time zone; on clock changes it has 23 or 25 hours',
      () => calendarDays(1, { timeZone: 'America/New_York' }),
      [
        ['2024-03-10T04:59:59Z', '2024-03-09T05:00Z', '2024-03-10T05:00Z'],
        ['2024-03-10T12:00:00Z', '2024-03-10T05:00Z', '2024-03-11T04:00Z'],
        ['2024-11-03T12:00:00Z', '2024-11-03T04:00Z', '2024-11-04T05:00Z'],
        ['2024-11-04T04:59:59Z', '2024-11-03T04:00Z', '2024-11-04T05:00Z'],
      ],
    ),
    assigned(
      'east-of-greenwich',
      'East of Greenwich the day begins before midnight UTC',
      () => calendarDays(1, { timeZone: 'Asia/Kolkata' }),
      [
        ['2024-01-01T18:29:59Z', '2023-12-31T18:30Z', '2024-01-01T18:30Z'],
        ['2024-01-01T18:30:00Z', '2024-01-01T18:30Z', '2024-01-02T18:30Z'],
      ],
    ),
    assigned(
      'weeks',
      'Weeks start on the weekday of the starting day',
      () => calendarWeeks(1, { start: '2024-01-07' }),
      [
        ['2024-05-01T00:00:00Z', '2024-04-28', '2024-05-05'],
        ['2024-05-05T00:00:00Z', '2024-05-05', '2024-05-12'],
        ['2023-12-31T00:00:00Z', '2023-12-31', '2024-01-07'],
      ],
    ),
    assigned('months', 'Months have their own lengths', () => calendarMonths(1), [
      ['2024-02-29T12:00:00Z', '2024-02-01', '2024-03-01'],
      ['2023-02-28T12:00:00Z', '2023-02-01', '2023-03-01'],
      ['2024-12-31T23:59:59Z', '2024-12-01', '2025-01-01'],
      ['1969-12-31T23:59:59Z', '1969-12-01', '1970-01-01'],
    ]),
    assigned(
      'months-from-a-day',
      'Months may begin on another day than the first',
      () => calendarMonths(1, { start: '2024-01-05' }),
      [
        ['2024-02-04T23:00:00Z', '2024-01-05', '2024-02-05'],
        ['2024-02-05T00:00:00Z', '2024-02-05', '2024-03-05'],
      ],
    ),
    assigned('quarters', 'Windows of several months count from the starting month', () => calendarMonths(3), [
      ['2024-03-31T23:59:59Z', '2024-01-01', '2024-04-01'],
      ['2024-04-01T00:00:00Z', '2024-04-01', '2024-07-01'],
      ['1969-11-15T00:00:00Z', '1969-10-01', '1970-01-01'],
    ]),
    assigned('years', 'Years have 365 or 366 days', () => calendarYears(1), [
      ['2024-12-31T00:00:00Z', '2024-01-01', '2025-01-01'],
      ['2023-12-31T00:00:00Z', '2023-01-01', '2024-01-01'],
    ]),
    assigned('years-from-a-day', 'Years may begin on any day', () => calendarYears(1, { start: '1970-04-06' }), [
      ['2024-04-05T23:59:59Z', '2023-04-06', '2024-04-06'],
      ['2024-04-06T00:00:00Z', '2024-04-06', '2025-04-06'],
    ]),
    assigned(
      'decades',
      'Windows of several years count from the starting year',
      () => calendarYears(10, { start: '2000-01-01' }),
      [
        ['2009-12-31T23:59:59Z', '2000-01-01', '2010-01-01'],
        ['1999-12-31T23:59:59Z', '1990-01-01', '2000-01-01'],
      ],
    ),
    {
      name: 'grouping',
      rule: 'A grouping is per calendar window',
      pipeline(p) {
        const counts = at(p, [
          ['x', Date.parse('2024-02-01')],
          ['x', Date.parse('2024-02-29')],
          ['x', Date.parse('2024-03-01')],
        ])
          .window(calendarMonths(1))
          .apply(Count.perElement());
        assertThat(windowsOf(counts)).containsInAnyOrder([
          [['x', 2], `${Date.parse('2024-02-01')}-${Date.parse('2024-03-01')}`],
          [['x', 1], `${Date.parse('2024-03-01')}-${Date.parse('2024-04-01')}`],
        ]);
      },
    },
    {
      name: 'zero-count-refused',
      rule: 'A calendar window spans at least one period',
      fails: 'WINDOW_INVALID',
      pipeline(p) {
        p.create([1]).window(calendarDays(0));
      },
    },
  ],
  ['custom-windows'],
);
