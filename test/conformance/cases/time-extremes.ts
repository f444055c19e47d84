import {
  Count,
  fixed,
  type IntervalWindow,
  impulse,
  MAX_TIMESTAMP,
  MIN_TIMESTAMP,
  parDo,
  reshuffle,
  sliding,
  timestamp,
  withTimestamps,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { at, timesOf, windowsOf } from '../elements.ts';

/** One day before the greatest timestamp. */
const END_OF_GLOBAL_WINDOW = MAX_TIMESTAMP - 86_400_000;

export const timeExtremes = topic(
  'windowing/extremes',
  'BoundedWindow.TIMESTAMP_MIN_VALUE/MAX_VALUE; GlobalWindow.maxTimestamp; Constants.MIN/MAX_TIMESTAMP_MILLIS',
  [
    {
      name: 'impulse-is-at-the-beginning-of-time',
      rule: 'The impulse has the least timestamp',
      source: 'ImpulseTest; Impulse',
      pipeline(p) {
        const times = p
          .apply(impulse())
          .apply(parDo('time', { process: (_: Uint8Array, { timestamp }) => [timestamp] }));
        assertThat(times.map('number', (time): number => time)).isEqualTo(MIN_TIMESTAMP);
      },
    },
    {
      name: 'created-elements-are-at-the-beginning-of-time',
      rule: 'Created elements have the least timestamp',
      source: 'Create; CreateTest',
      pipeline(p) {
        assertThat(timesOf(p.create(['x', 'y']))).containsInAnyOrder([
          ['x', MIN_TIMESTAMP],
          ['y', MIN_TIMESTAMP],
        ]);
      },
    },
    {
      name: 'global-group-at-the-end-of-the-global-window',
      rule: 'A group of the global window is one day before the greatest timestamp',
      pipeline(p) {
        assertThat(timesOf(p.create(['x']).apply(Count.perElement()))).isEqualTo([['x', 1], END_OF_GLOBAL_WINDOW]);
      },
    },
    {
      name: 'extremes-cross-a-stage-border',
      rule: 'The extreme timestamps survive encoding',
      pipeline(p) {
        const elements = at(p, [
          ['least', MIN_TIMESTAMP],
          ['greatest', MAX_TIMESTAMP],
          ['end', END_OF_GLOBAL_WINDOW],
          ['before epoch', -1],
        ]);
        assertThat(timesOf(elements.apply(reshuffle()))).containsInAnyOrder([
          ['least', MIN_TIMESTAMP],
          ['greatest', MAX_TIMESTAMP],
          ['end', END_OF_GLOBAL_WINDOW],
          ['before epoch', -1],
        ]);
      },
    },
    {
      name: 'last-window-ends-with-time',
      rule: 'A window that would end after the global window ends with it',
      source: 'FixedWindows.assignWindow',
      pipeline(p) {
        const counts = at(p, [['x', END_OF_GLOBAL_WINDOW]])
          .window(fixed('365d'))
          .apply(Count.perElement());
        const ends = counts.apply(
          parDo<unknown, boolean, {}, {}, IntervalWindow>('within', {
            process: (_, { window, timestamp }) => [
              window.maxTimestamp <= END_OF_GLOBAL_WINDOW && timestamp === window.maxTimestamp,
            ],
          }),
        );
        assertThat(ends).isEqualTo(true);
      },
    },
    {
      name: 'first-window',
      rule: 'Elements at the least timestamp can be windowed and grouped',
      pipeline(p) {
        const counts = p.create(['x', 'y', 'x']).window(fixed('1h')).apply(Count.perElement());
        assertThat(counts).containsInAnyOrder([
          ['x', 2],
          ['y', 1],
        ]);
        const slid = p
          .create(['x', 'y'])
          .window(sliding({ size: '1h', every: '30m' }))
          .apply('Slid', Count.perElement());
        assertThat(slid).countIs(4);
      },
    },
    {
      name: 'year-9999',
      rule: 'Times far from the epoch keep their milliseconds',
      pipeline(p) {
        const last = Date.parse('9999-12-31T23:59:59.999Z');
        const first = Date.parse('0001-01-01T00:00:00.001Z');
        const elements = at(p, [
          ['last', last],
          ['first', first],
        ]).window(fixed('1d'));
        assertThat(windowsOf(elements.apply(reshuffle()))).containsInAnyOrder([
          ['last', `${last + 1 - 86_400_000}-${last + 1}`],
          ['first', `${first - 1}-${first - 1 + 86_400_000}`],
        ]);
        assertThat(timesOf(elements.apply('Again', reshuffle()))).containsInAnyOrder([
          ['last', last],
          ['first', first],
        ]);
      },
    },
    {
      name: 'beyond-the-greatest-refused',
      rule: 'There is no timestamp beyond the greatest one',
      source: 'WindowedValue: timestamps are bounded; BoundedWindow.validateTimestampBounds',
      fails: 'TIMESTAMP_INVALID',
      pipeline(p) {
        p.create([1]).apply(withTimestamps('too late', () => timestamp(MAX_TIMESTAMP + 10_000)));
      },
    },
  ],
);
