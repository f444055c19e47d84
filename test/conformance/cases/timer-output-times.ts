import { fixed, type KV, state, sum, timer, timestamp } from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { timesOf } from '../elements.ts';
import { add, panesOf, playKeyed, watermark } from '../streams.ts';

export const timerTimes = topic(
  'timers/output-time',
  'Timer.withOutputTimestamp, withNoOutputTimestamp; ParDoTest.testOutputTimestamp…; timers.go TimersEventTime_With…OutputTimestamp',
  [
    {
      name: 'default',
      rule: 'What an event-time timer emits is at the time of the firing',
      source: 'ParDoTest.testOutputTimestampDefaultUnbounded',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(20)).parDo('When', {
          timers: { due: timer.eventTime() },
          process(_, { timers: { due } }): string[] {
            due.set(timestamp(15));
            return [];
          },
          onTimer: { due: () => ['fired'] },
        });
        assertThat(timesOf(out)).isEqualTo(['fired', 15]);
      },
    },
    {
      name: 'given',
      rule: 'A timer may be set with the timestamp of what it will emit',
      source: 'ParDoTest.testOutputTimestamp; userstate_test.py test_timer_output_timestamp',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(20)).parDo('When', {
          timers: { due: timer.eventTime() },
          process(_, { timers: { due } }): string[] {
            due.set(timestamp(15), { outputTimestamp: timestamp(5) });
            return [];
          },
          onTimer: { due: (_key, { timestamp, fireTimestamp }) => [`${timestamp} ${fireTimestamp}`] },
        });
        assertThat(timesOf(out)).isEqualTo(['5 15', 5]);
      },
    },
    {
      name: 'set-again',
      rule: 'Setting a timer again replaces its output timestamp too',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(50)).parDo('When', {
          timers: { due: timer.eventTime() },
          process(_, { timers: { due } }): string[] {
            due.set(timestamp(15), { outputTimestamp: timestamp(5) });
            due.set(timestamp(25), { outputTimestamp: timestamp(7) });
            return [];
          },
          onTimer: { due: () => ['fired'] },
        });
        assertThat(timesOf(out)).isEqualTo(['fired', 7]);
      },
    },
    {
      name: 'holds-the-watermark',
      rule: 'A timer holds the watermark of the output at its output timestamp: what it emits is in time downstream',
      source: 'ParDoTest.testOutputTimestamp; TimerInternals hold',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(50), watermark(100)).parDo('Later', {
          timers: { due: timer.eventTime() },
          process(pair, { timers: { due } }) {
            due.set(timestamp(60), { outputTimestamp: timestamp(5) });
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
      name: 'does-not-hold-what-comes-before',
      rule: 'The watermark goes as far as the output timestamp',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(50), add(51, 4), watermark(100)).parDo('Later', {
          state: { n: state.value<number>() },
          timers: { due: timer.eventTime() },
          process([key, n], { timers: { due } }): KV<string, number>[] {
            if (n === 1) due.set(timestamp(60), { outputTimestamp: timestamp(15) });
            return [[key, n]];
          },
          onTimer: { due: (key): KV<string, number>[] => [[key, 2]] },
        });
        assertThat(panesOf(out.window(fixed('10ms')).combinePerKey(sum()))).containsInAnyOrder([
          'k=1 0-10 ON_TIME 0/0 first last',
          'k=2 10-20 ON_TIME 0/0 first last',
          'k=4 50-60 ON_TIME 0/0 first last',
        ]);
      },
    },
    {
      name: 'cleared-timer-lets-go',
      rule: 'A cleared timer holds nothing back',
      source: 'ParDoTest.testClearEventTimeTimer',
      pipeline(p) {
        // While the timer is set the window [0,10) is held open; once it is cleared a late element is too late.
        const out = playKeyed<number>(
          p,
          add(1, 1),
          watermark(20),
          add(21, -1),
          watermark(30),
          add(2, 8),
          watermark(100),
        ).parDo('Clear', {
          timers: { due: timer.eventTime() },
          process([key, n], { timers: { due } }): KV<string, number>[] {
            if (n === 1) due.set(timestamp(60), { outputTimestamp: timestamp(5) });
            if (n === -1) due.clear();
            return n < 0 ? [] : [[key, n]];
          },
          onTimer: { due: (key): KV<string, number>[] => [[key, 2]] },
        });
        assertThat(panesOf(out.window(fixed('10ms')).combinePerKey(sum()))).isEqualTo(
          'k=1 0-10 ON_TIME 0/0 first last',
        );
      },
    },
    {
      name: 'loop-holds-step-by-step',
      rule: 'A loop of timers holds the watermark at the next firing',
      source: 'ParDoTest.testEventTimeTimerLoop; Guide: looping timers',
      pipeline(p) {
        const out = playKeyed<number>(p, add(0, 1), watermark(100)).parDo('Tick', {
          timers: { tick: timer.eventTime() },
          process([key], { timers: { tick } }): KV<string, number>[] {
            tick.set(timestamp(10));
            return [[key, 1]];
          },
          onTimer: {
            tick(key, { fireTimestamp, timers: { tick } }): KV<string, number>[] {
              if (fireTimestamp < 30) tick.set(timestamp(fireTimestamp + 10));
              return [[key, 1]];
            },
          },
        });
        assertThat(panesOf(out.window(fixed('10ms')).combinePerKey(sum()))).containsInAnyOrder([
          'k=1 0-10 ON_TIME 0/0 first last',
          'k=1 10-20 ON_TIME 0/0 first last',
          'k=1 20-30 ON_TIME 0/0 first last',
          'k=1 30-40 ON_TIME 0/0 first last',
        ]);
      },
    },
    {
      name: 'none',
      rule: 'A timer without output timestamp holds nothing back',
      source: 'Timer.withNoOutputTimestamp; timers.go TimersEventTime_WithNoOutputTimestamp',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(50), watermark(100)).parDo('Later', {
          timers: { due: timer.eventTime() },
          process(pair, { timers: { due } }) {
            due.set(timestamp(60), { outputTimestamp: 'none' });
            return [pair];
          },
          onTimer: { due: (): KV<string, number>[] => [] },
        });
        assertThat(panesOf(out.window(fixed('10ms')).combinePerKey(sum()))).isEqualTo(
          'k=1 0-10 ON_TIME 0/0 first last',
        );
      },
    },
    {
      name: 'before-the-element-refused',
      rule: 'The output timestamp is not before that of the element that sets the timer',
      source: 'Timer.withOutputTimestamp: not before the current element; ParDoTest.testOnTimerTimestampSkew',
      fails: 'TIMER_TIME',
      pipeline(p) {
        playKeyed<number>(p, add(10, 1)).parDo('Before', {
          timers: { due: timer.eventTime() },
          process(_, { timers: { due } }): number[] {
            due.set(timestamp(15), { outputTimestamp: timestamp(5) });
            return [];
          },
          onTimer: { due: () => [1] },
        });
      },
    },
    {
      name: 'after-the-window-refused',
      rule: 'The output timestamp is not after the window has expired',
      source: 'Timer.withOutputTimestamp; ParDoTest.testOutOfBoundsEventTimeTimerHold',
      fails: 'TIMER_TIME',
      pipeline(p) {
        playKeyed<number>(p, add(1, 1))
          .window(fixed('10ms'))
          .parDo('After', {
            timers: { due: timer.eventTime() },
            process(_, { timers: { due } }): number[] {
              due.set(timestamp(5), { outputTimestamp: timestamp(10) });
              return [];
            },
            onTimer: { due: () => [1] },
          });
      },
    },
  ],
  ['event-timers', 'state', 'test-stream'],
);
