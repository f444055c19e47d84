import { fixed, type KV, state, sum, timer, timestamp } from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { timesOf, windowsOf } from '../elements.ts';
import { add, panesOf, pass, play, playKeyed, watermark } from '../streams.ts';

const list = (values: Iterable<number>) => [...values].sort((a, b) => a - b).join('+');

export const processingTimers = topic(
  'timers/processing-time',
  'Guide: processing-time timers; TimeDomain.PROCESSING_TIME; ParDoTest.TimerTests; timers.go TimersProcessingTime…',
  [
    {
      name: 'fires-after-the-time',
      rule: 'A processing-time timer fires when that much time has passed, whatever the watermark',
      source: 'ParDoTest.testSimpleProcessingTimerTimer; timers.go TimersProcessingTimeTestStream_Infinity',
      pipeline(p) {
        const out = playKeyed<number>(
          p,
          add(1, 1),
          pass('5s'),
          watermark(100),
          add(101, 2),
          pass('6s'),
          add(102, 4),
        ).parDo('Gather', {
          state: { gathered: state.bag<number>() },
          timers: { due: timer.processingTime() },
          process([, n], { state: { gathered }, timers: { due } }): string[] {
            if (n === 1) due.setRelative('10s');
            gathered.add(n);
            return [];
          },
          onTimer: { due: (_key, { state: { gathered } }) => [list(gathered.read())] },
        });
        assertThat(out).isEqualTo('1+2');
      },
    },
    {
      name: 'not-by-the-watermark',
      rule: 'The watermark does not make a processing-time timer fire',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(1_000_000), add(1_000_001, 2), pass('11s')).parDo(
          'Gather',
          {
            state: { gathered: state.bag<number>() },
            timers: { due: timer.processingTime() },
            process([, n], { state: { gathered }, timers: { due } }): string[] {
              if (n === 1) due.setRelative('10s');
              gathered.add(n);
              return [];
            },
            onTimer: { due: (_key, { state: { gathered } }) => [list(gathered.read())] },
          },
        );
        assertThat(out).isEqualTo('1+2');
      },
    },
    {
      name: 'set-again',
      rule: 'Setting a timer again replaces its time',
      source: 'ParDoTest.testProcessingTimeTimerCanBeReset',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), pass('6s'), add(2, 2), pass('6s'), add(3, 0), pass('6s')).parDo(
          'Debounce',
          {
            state: { gathered: state.bag<number>() },
            timers: { due: timer.processingTime() },
            process([, n], { state: { gathered }, timers: { due } }): string[] {
              if (n > 0) due.setRelative('10s');
              gathered.add(n);
              return [];
            },
            onTimer: { due: (_key, { state: { gathered } }) => [list(gathered.read())] },
          },
        );
        assertThat(out).isEqualTo('0+1+2');
      },
    },
    {
      name: 'clear',
      rule: 'A cleared timer does not fire',
      source: 'ParDoTest.testClearProcessingTimeTimer',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), pass('5s'), add(2, -1), pass('20s')).parDo('Clear', {
          timers: { due: timer.processingTime() },
          process([, n], { timers: { due } }): number[] {
            if (n > 0) due.setRelative('10s');
            else due.clear();
            return [];
          },
          onTimer: { due: () => [1] },
        });
        assertThat(out).isEmpty();
      },
    },
    {
      name: 'clear/unset',
      rule: 'Clearing a timer that was not set does nothing',
      source: 'ParDoTest.testClearUnsetProcessingTimeTimer',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), pass('20s')).parDo('Clear', {
          timers: { due: timer.processingTime() },
          process([, n], { timers: { due } }) {
            due.clear();
            return [n];
          },
          onTimer: { due: () => [-1] },
        });
        assertThat(out).isEqualTo(1);
      },
    },
    {
      name: 'set-after-clear',
      rule: 'A cleared timer can be set again',
      source: 'ParDoTest.testSetProcessingTimerAfterClear',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), pass('20s')).parDo('Anew', {
          timers: { due: timer.processingTime() },
          process(_, { timers: { due } }): number[] {
            due.setRelative('5s');
            due.clear();
            due.setRelative('15s');
            return [];
          },
          onTimer: { due: () => [1] },
        });
        assertThat(out).isEqualTo(1);
      },
    },
    {
      name: 'absolute',
      rule: 'A timer may be set to a time of the clock',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), pass('5s'), add(2, 2), pass('6s'), add(3, 4)).parDo('Clock', {
          state: { gathered: state.bag<number>() },
          timers: { due: timer.processingTime() },
          process([, n], { state: { gathered }, timers: { due } }): string[] {
            if (n === 1) due.set(timestamp(due.currentRelativeTime + 10_000));
            gathered.add(n);
            return [];
          },
          onTimer: { due: (_key, { state: { gathered } }) => [list(gathered.read())] },
        });
        assertThat(out).isEqualTo('1+2');
      },
    },
    {
      name: 'loop',
      rule: 'A firing may set the timer again',
      source: 'userstate_test.py test_generate_sequence_with_realtime_timer',
      pipeline(p) {
        const events = Array.from({ length: 6 }, () => pass('11s'));
        const out = playKeyed<number>(p, add(1, 1), ...events).parDo('Tick', {
          state: { n: state.value<number>() },
          timers: { tick: timer.processingTime() },
          process(_, { timers: { tick } }): number[] {
            tick.setRelative('10s');
            return [];
          },
          onTimer: {
            tick(_key, { state: { n }, timers: { tick } }) {
              const count = (n.read() ?? 0) + 1;
              n.write(count);
              if (count < 4) tick.setRelative('10s');
              return [count];
            },
          },
        });
        assertThat(out).containsInAnyOrder([1, 2, 3, 4]);
      },
    },
    {
      name: 'per-key',
      rule: 'Each key has its own timer',
      pipeline(p) {
        const out = play<KV<string, number>>(
          p,
          add(1, ['a', 1]),
          pass('6s'),
          add(2, ['b', 2]),
          pass('6s'),
          add(3, ['b', 4]),
          pass('6s'),
        ).parDo('Gather', {
          state: { gathered: state.bag<number>() },
          timers: { due: timer.processingTime() },
          process([, n], { state: { gathered }, timers: { due } }): string[] {
            if (gathered.isEmpty()) due.setRelative('10s');
            gathered.add(n);
            return [];
          },
          onTimer: { due: (key, { state: { gathered } }) => [`${key}${list(gathered.read())}`] },
        });
        assertThat(out).containsInAnyOrder(['a1', 'b2+4']);
      },
    },
    {
      name: 'window',
      rule: 'A timer fires in the window it was set in',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(11, 2), pass('11s'))
          .window(fixed('10ms'))
          .parDo('Due', {
            timers: { due: timer.processingTime() },
            process(_, { timers: { due } }): number[] {
              due.setRelative('10s');
              return [];
            },
            onTimer: { due: () => [1] },
          });
        assertThat(windowsOf(out)).containsInAnyOrder([
          [1, '0-10'],
          [1, '10-20'],
        ]);
      },
    },
    {
      name: 'output-time/default',
      rule: 'What a processing-time timer emits is at the time of the element that set it',
      source: 'ParDoTest.testOutputTimestampWithProcessingTime',
      pipeline(p) {
        const out = playKeyed<number>(p, add(7, 1), pass('11s')).parDo('When', {
          timers: { due: timer.processingTime() },
          process(_, { timers: { due } }): string[] {
            due.setRelative('10s');
            return [];
          },
          onTimer: { due: () => ['fired'] },
        });
        assertThat(timesOf(out)).isEqualTo(['fired', 7]);
      },
    },
    {
      name: 'output-time/holds',
      rule: 'A processing-time timer holds the watermark at its output timestamp',
      source: 'ParDoTest.testOutputTimestampWithProcessingTime, testRelativeTimerWithOutputTimestamp',
      pipeline(p) {
        const out = playKeyed<number>(p, add(5, 1), watermark(100), pass('11s')).parDo('Later', {
          timers: { due: timer.processingTime() },
          process(pair, { timers: { due } }) {
            due.setRelative('10s', { outputTimestamp: timestamp(8) });
            return [pair];
          },
          onTimer: { due: (key): KV<string, number>[] => [[key, 2]] },
        });
        assertThat(panesOf(out.window(fixed('10ms')).combinePerKey(sum()))).isEqualTo(
          'k=3 0-10 ON_TIME 0/0 first last',
        );
      },
    },
    {
      name: 'with-an-event-timer',
      rule: 'Timers of both clocks can be combined: the first to fire clears the other',
      source: 'GroupIntoBatches; Guide: processing-time timers',
      pipeline(p) {
        const out = play<KV<string, number>>(
          p,
          add(1, ['quick', 1]),
          pass('11s'),
          add(1, ['slow', 2]),
          watermark(100),
          pass('11s'),
        ).parDo('Either', {
          timers: { soon: timer.processingTime(), end: timer.eventTime() },
          process(_, { timers: { soon, end } }): string[] {
            soon.setRelative('10s');
            end.set(timestamp(50));
            return [];
          },
          onTimer: {
            soon(key, { timers: { end } }) {
              end.clear();
              return [`${key} soon`];
            },
            end(key, { timers: { soon } }) {
              soon.clear();
              return [`${key} end`];
            },
          },
        });
        assertThat(out).containsInAnyOrder(['quick soon', 'slow end']);
      },
    },
    {
      name: 'order',
      rule: 'Timers of a key fire in the order of their times',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), pass('60s')).parDo('Order', {
          state: { log: state.value<string>() },
          timers: { a: timer.processingTime(), b: timer.processingTime(), end: timer.processingTime() },
          process(_, { timers: { a, b, end } }): string[] {
            end.setRelative('30s');
            a.setRelative('20s');
            b.setRelative('10s');
            return [];
          },
          onTimer: {
            a: (_key, { state: { log } }) => log.write(`${log.read() ?? ''}a`),
            b: (_key, { state: { log } }) => log.write(`${log.read() ?? ''}b`),
            end: (_key, { state: { log } }) => [log.read() ?? ''],
          },
        });
        assertThat(out).isEqualTo('ba');
      },
    },
  ],
  ['processing-timers', 'state', 'test-stream', 'processing-time'],
);
