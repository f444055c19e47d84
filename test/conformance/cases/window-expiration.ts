import { coders, type DoFn, fixed, type KV, state, sum, timer, type Window } from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { timesOf, windowsOf } from '../elements.ts';
import { add, play, playKeyed, watermark } from '../streams.ts';

const totals = { total: state.combining(sum()) };

/** What has been added up of a key when its window expires. */
const sumAtExpiration: DoFn<KV<string, number>, number, {}, {}, Window, typeof totals> = {
  state: totals,
  process([, n], { state: { total } }) {
    total.add(n);
    return [];
  },
  onWindowExpiration: (_key, { state: { total } }) => [total.read()],
};

export const windowExpiration = topic(
  'timers/window-expiration',
  'Guide: OnWindowExpiration; DoFn.OnWindowExpiration; ParDoTest.testOnWindowExpirationSimple…',
  [
    {
      name: 'state-at-the-end',
      rule: 'When a window expires the DoFn is called for each key with state, which it can still read',
      source: 'ParDoTest.testOnWindowExpirationSimpleUnbounded',
      pipeline(p) {
        const out = play<KV<string, number>>(
          p,
          add(1, ['a', 1]),
          add(2, ['b', 2]),
          add(3, ['a', 4]),
          add(11, ['a', 8]),
          watermark(100),
        )
          .window(fixed('10ms'))
          .parDo('Sum', {
            state: { total: state.combining(sum()) },
            process([, n], { state: { total } }): KV<string, number>[] {
              total.add(n);
              return [];
            },
            onWindowExpiration: (key, { state: { total } }): KV<string, number>[] => [[key, total.read()]],
          });
        assertThat(windowsOf(out)).containsInAnyOrder([
          [['a', 5], '0-10'],
          [['b', 2], '0-10'],
          [['a', 8], '10-20'],
        ]);
      },
    },
    {
      name: 'bounded',
      rule: 'On bounded data all windows expire at the end',
      source: 'ParDoTest.testOnWindowExpirationSimpleBounded, …BoundedGlobal',
      pipeline(p) {
        const out = p.create([1, 2, 4].map((n): KV<string, number> => ['k', n])).parDo('Sum', sumAtExpiration);
        assertThat(out).isEqualTo(7);
      },
    },
    {
      name: 'time',
      rule: 'What is emitted at expiration is at the last moment of the window',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(100)).window(fixed('10ms')).parDo('Sum', sumAtExpiration);
        assertThat(timesOf(out)).isEqualTo([1, 9]);
      },
    },
    {
      name: 'with-lateness',
      rule: 'A window expires when the allowed lateness is over',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(15), add(2, 2), watermark(31), add(3, 4), watermark(100))
          .window(fixed('10ms'), { allowedLateness: '20ms', accumulation: 'discarding' })
          .parDo('Sum', sumAtExpiration);
        assertThat(out).isEqualTo(3);
      },
    },
    {
      name: 'after-timers',
      rule: 'Timers of the window fire before it expires',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(100))
          .window(fixed('10ms'))
          .parDo('Both', {
            state: { log: state.value<string>() },
            timers: { due: timer.eventTime() },
            process(_, { window, timers: { due } }): string[] {
              due.set(window.maxTimestamp);
              return [];
            },
            onTimer: { due: (_key, { state: { log } }) => log.write('timer first') },
            onWindowExpiration: (_key, { state: { log } }) => [log.read() ?? 'expired first'],
          });
        assertThat(out).isEqualTo('timer first');
      },
    },
    {
      name: 'once',
      rule: 'A key and window expire once',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(2, 2), watermark(10), watermark(20), watermark(30))
          .window(fixed('10ms'))
          .parDo('Once', {
            state: { seen: state.bag<number>() },
            process([, n], { state: { seen } }): number[] {
              seen.add(n);
              return [];
            },
            onWindowExpiration: (_key, { state: { seen } }) => [[...seen.read()].length],
          });
        assertThat(out).isEqualTo(2);
      },
    },
    {
      name: 'tagged-output',
      rule: 'An expiring window may emit to any output',
      pipeline(p) {
        const { expired } = playKeyed<number>(p, add(1, 1), watermark(100))
          .window(fixed('10ms'))
          .parDo('Expired', {
            outputs: { expired: coders.string },
            state: { seen: state.bag<number>() },
            process([, n], { state: { seen } }): number[] {
              seen.add(n);
              return [];
            },
            onWindowExpiration(key, { output }) {
              output('expired', key);
            },
          });
        assertThat(expired).isEqualTo('k');
      },
    },
  ],
  ['state', 'window-expiration', 'test-stream'],
);
