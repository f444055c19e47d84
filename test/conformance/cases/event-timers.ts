import { asSingleton, coders, fixed, type KV, sliding, state, sum, timer, timestamp } from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { windowsOf } from '../elements.ts';
import { add, play, playKeyed, watermark } from '../streams.ts';

const list = (values: Iterable<number>) => [...values].sort((a, b) => a - b).join('+');

/** Gathers numbers; at the time that a number names, counted from its own, gives what was gathered. */
const gather = {
  state: { gathered: state.bag<number>() },
  timers: { due: timer.eventTime() },
};

export const eventTimers = topic(
  'timers/event-time',
  'Guide: timers; TimeDomain.EVENT_TIME; ParDoTest.TimerTests; timers.go; fn_runner_test.py test_pardo_…timers',
  [
    {
      name: 'fires-after-the-watermark',
      rule: 'An event-time timer fires when the watermark has passed its time, and not before',
      source: 'ParDoTest.testEventTimeTimerUnbounded; teststream.go TestStreamTimersEventTime',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(10), add(11, 2), watermark(16), add(17, 4)).parDo(
          'Gather',
          {
            ...gather,
            process([, n], { state: { gathered }, timers: { due } }): string[] {
              if (n === 1) due.set(timestamp(15));
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
      name: 'bounded',
      rule: 'On bounded data timers fire when all elements have been processed',
      source: 'ParDoTest.testEventTimeTimerBounded; timers.go TimersEventTimeBounded',
      pipeline(p) {
        const out = p.create([1, 2, 4].map((n): KV<string, number> => ['k', n])).parDo('Gather', {
          ...gather,
          process([, n], { state: { gathered }, timers: { due } }): string[] {
            due.set(timestamp(100));
            gathered.add(n);
            return [];
          },
          onTimer: { due: (_key, { state: { gathered } }) => [list(gathered.read())] },
        });
        assertThat(out).isEqualTo('1+2+4');
      },
    },
    {
      name: 'key',
      rule: 'A timer fires for the key it was set for',
      source: 'ParDoTest.testKeyInOnTimer, testEventTimeTimerMultipleKeys',
      pipeline(p) {
        const out = play<KV<string, number>>(p, add(1, ['a', 1]), add(2, ['b', 2]), add(3, ['a', 4])).parDo('Gather', {
          ...gather,
          process([, n], { state: { gathered }, timers: { due } }): string[] {
            due.set(timestamp(50));
            gathered.add(n);
            return [];
          },
          onTimer: { due: (key, { state: { gathered } }) => [`${key}${list(gathered.read())}`] },
        });
        assertThat(out).containsInAnyOrder(['a1+4', 'b2']);
      },
    },
    {
      name: 'window',
      rule: 'A timer fires in the window it was set in, with the state of that window',
      source: 'ParDoTest.testTimerReceivedInOriginalWindow',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(11, 2), add(2, 4))
          .window(fixed('10ms'))
          .parDo('Gather', {
            ...gather,
            process([, n], { state: { gathered }, timers: { due }, window }): string[] {
              due.set(window.maxTimestamp);
              gathered.add(n);
              return [];
            },
            onTimer: { due: (_key, { state: { gathered } }) => [list(gathered.read())] },
          });
        assertThat(windowsOf(out)).containsInAnyOrder([
          ['1+4', '0-10'],
          ['2', '10-20'],
        ]);
      },
    },
    {
      name: 'several-windows',
      rule: 'An element in several windows sets a timer in each',
      source: 'ParDoTest.testTimerReceivedInOriginalWindow',
      pipeline(p) {
        const out = playKeyed<number>(p, add(7, 1))
          .window(sliding({ size: '10ms', every: '5ms' }))
          .parDo('Gather', {
            ...gather,
            process(_, { timers: { due }, window }): number[] {
              due.set(window.maxTimestamp);
              return [];
            },
            onTimer: { due: () => [1] },
          });
        assertThat(windowsOf(out)).containsInAnyOrder([
          [1, '0-10'],
          [1, '5-15'],
        ]);
      },
    },
    {
      name: 'fires-once',
      rule: 'A timer fires once for each time it was set',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(20), watermark(30), watermark(40)).parDo('Once', {
          timers: { due: timer.eventTime() },
          process(_, { timers: { due } }): number[] {
            due.set(timestamp(15));
            return [];
          },
          onTimer: { due: () => [1] },
        });
        assertThat(out).isEqualTo(1);
      },
    },
    {
      name: 'set-again/later',
      rule: 'Setting a timer again replaces its time with a later one',
      source: 'ParDoTest.testEventTimeTimerCanBeReset; fn_runner_test.py test_pardo_et_timer_with_no_reset',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 15), add(1, 25), watermark(20), add(20, 0), watermark(30)).parDo(
          'Gather',
          {
            ...gather,
            process([, n], { state: { gathered }, timers: { due } }): string[] {
              if (n > 0) due.set(timestamp(n));
              gathered.add(n);
              return [];
            },
            onTimer: {
              due: (_key, { state: { gathered }, fireTimestamp }) => [`${fireTimestamp}: ${list(gathered.read())}`],
            },
          },
        );
        assertThat(out).isEqualTo('25: 0+15+25');
      },
    },
    {
      name: 'set-again/earlier',
      rule: 'Setting a timer again replaces its time with an earlier one',
      source: 'ParDoTest.testEventTimeTimerCanBeReset',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 25), add(1, 15), watermark(20), add(21, 0), watermark(30)).parDo(
          'Gather',
          {
            ...gather,
            process([, n], { state: { gathered }, timers: { due } }): string[] {
              if (n > 0) due.set(timestamp(n));
              gathered.add(n);
              return [];
            },
            onTimer: {
              due: (_key, { state: { gathered }, fireTimestamp }) => [`${fireTimestamp}: ${list(gathered.read())}`],
            },
          },
        );
        assertThat(out).isEqualTo('15: 15+25');
      },
    },
    {
      name: 'clear',
      rule: 'A cleared timer does not fire',
      source: 'ParDoTest.testClearEventTimeTimer; fn_runner_test.py test_pardo_timers_clear',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(2, -1), watermark(20)).parDo('Clear', {
          timers: { due: timer.eventTime() },
          process([, n], { timers: { due } }): number[] {
            if (n > 0) due.set(timestamp(15));
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
      source: 'ParDoTest.testClearUnsetEventTimeTimer',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1)).parDo('Clear', {
          timers: { due: timer.eventTime() },
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
      name: 'set-and-clear',
      rule: 'A timer that is set and cleared in one call does not fire',
      source: 'ParDoTest.testSetAndClearEventTimeTimer',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1)).parDo('Both', {
          timers: { due: timer.eventTime() },
          process(_, { timers: { due } }): number[] {
            due.set(timestamp(15));
            due.clear();
            return [];
          },
          onTimer: { due: () => [1] },
        });
        assertThat(out).isEmpty();
      },
    },
    {
      name: 'set-after-clear',
      rule: 'A cleared timer can be set again',
      source: 'ParDoTest.testSetEventTimerAfterClear; userstate_test.py test_dynamic_timer_clear_then_set_timer',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1)).parDo('Anew', {
          timers: { due: timer.eventTime() },
          process(_, { timers: { due } }): number[] {
            due.set(timestamp(15));
            due.clear();
            due.set(timestamp(25));
            return [];
          },
          onTimer: { due: (_key, { fireTimestamp }) => [fireTimestamp as number] },
        });
        assertThat(out).isEqualTo(25);
      },
    },
    {
      name: 'loop',
      rule: 'A firing may set the timer again',
      source: 'ParDoTest.testEventTimeTimerLoop',
      pipeline(p) {
        const out = playKeyed<number>(p, add(0, 0)).parDo('Tick', {
          timers: { tick: timer.eventTime() },
          process(_, { timers: { tick } }): number[] {
            tick.set(timestamp(10));
            return [];
          },
          onTimer: {
            tick(_key, { fireTimestamp, timers: { tick } }) {
              if (fireTimestamp < 50) tick.set(timestamp(fireTimestamp + 10));
              return [fireTimestamp as number];
            },
          },
        });
        assertThat(out).containsInAnyOrder([10, 20, 30, 40, 50]);
      },
    },
    {
      name: 'loop/with-the-watermark',
      rule: 'A loop goes on as the watermark does',
      source: 'Guide: looping timers',
      pipeline(p) {
        const out = playKeyed<number>(p, add(0, 1), watermark(25), add(26, 2), watermark(45)).parDo('Tick', {
          state: { total: state.combining(sum()) },
          timers: { tick: timer.eventTime() },
          process([, n], { state: { total }, timers: { tick } }): string[] {
            if (total.isEmpty()) tick.set(timestamp(10));
            total.add(n);
            return [];
          },
          onTimer: {
            tick(_key, { fireTimestamp, state: { total }, timers: { tick } }) {
              if (fireTimestamp < 40) tick.set(timestamp(fireTimestamp + 10));
              return [`${fireTimestamp}: ${total.read()}`];
            },
          },
        });
        assertThat(out).containsInAnyOrder(['10: 1', '20: 1', '30: 3', '40: 3']);
      },
    },
    {
      name: 'set-each-other',
      rule: 'Timers may set each other',
      source: 'ParDoTest.testTwoTimersSettingEachOtherUnbounded',
      pipeline(p) {
        const out = playKeyed<number>(p, add(0, 0)).parDo('Ping', {
          timers: { ping: timer.eventTime(), pong: timer.eventTime() },
          process(_, { timers: { ping } }): string[] {
            ping.set(timestamp(1));
            return [];
          },
          onTimer: {
            ping(_key, { fireTimestamp, timers: { pong } }) {
              if (fireTimestamp < 6) pong.set(timestamp(fireTimestamp + 1));
              return [`ping ${fireTimestamp}`];
            },
            pong(_key, { fireTimestamp, timers: { ping } }) {
              if (fireTimestamp < 6) ping.set(timestamp(fireTimestamp + 1));
              return [`pong ${fireTimestamp}`];
            },
          },
        });
        assertThat(out).containsInAnyOrder(['ping 1', 'pong 2', 'ping 3', 'pong 4', 'ping 5', 'pong 6']);
      },
    },
    {
      name: 'set-each-other/bounded',
      rule: 'Timers may set each other on bounded data',
      source: 'ParDoTest.testTwoTimersSettingEachOtherBounded',
      pipeline(p) {
        const out = p.create<KV<string, number>>([['k', 0]]).parDo('Ping', {
          timers: { ping: timer.eventTime(), pong: timer.eventTime() },
          process(_, { timers: { ping } }): number[] {
            ping.set(timestamp(1));
            return [];
          },
          onTimer: {
            ping(_key, { fireTimestamp, timers: { pong } }) {
              pong.set(timestamp(fireTimestamp + 1));
              return [fireTimestamp as number];
            },
            pong(_key, { fireTimestamp, timers: { ping } }) {
              if (fireTimestamp < 10) ping.set(timestamp(fireTimestamp + 1));
              return [fireTimestamp as number];
            },
          },
        });
        assertThat(out).containsInAnyOrder([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      },
    },
    {
      name: 'order',
      rule: 'Timers of a key fire in the order of their times, whatever the order in which they were set',
      source: 'ParDoTest.testEventTimeTimerOrdering',
      pipeline(p) {
        const out = playKeyed<number>(p, add(0, 0)).parDo('Order', {
          state: { log: state.value<string>() },
          timers: { a: timer.eventTime(), b: timer.eventTime(), c: timer.eventTime(), end: timer.eventTime() },
          process(_, { timers: { a, b, c, end } }): string[] {
            end.set(timestamp(100));
            c.set(timestamp(10));
            a.set(timestamp(30));
            b.set(timestamp(20));
            return [];
          },
          onTimer: {
            a: (_key, { state: { log } }) => log.write(`${log.read() ?? ''}a`),
            b: (_key, { state: { log } }) => log.write(`${log.read() ?? ''}b`),
            c: (_key, { state: { log } }) => log.write(`${log.read() ?? ''}c`),
            end: (_key, { state: { log } }) => [log.read() ?? ''],
          },
        });
        assertThat(out).isEqualTo('cba');
      },
    },
    {
      name: 'order/before-later-elements',
      rule: 'A timer that is due fires before elements that come after the advance of the watermark',
      source: 'ParDoTest.testEventTimeTimerOrdering',
      pipeline(p) {
        const out = playKeyed<string>(p, add(1, 'x'), watermark(20), add(21, 'y'), watermark(40)).parDo('Log', {
          state: { log: state.value<string>() },
          timers: { due: timer.eventTime(), end: timer.eventTime() },
          process([, x], { state: { log }, timers: { due, end } }): string[] {
            log.write(`${log.read() ?? ''}${x}`);
            if (x === 'x') {
              due.set(timestamp(15));
              end.set(timestamp(35));
            }
            return [];
          },
          onTimer: {
            due: (_key, { state: { log } }) => log.write(`${log.read() ?? ''}!`),
            end: (_key, { state: { log } }) => [log.read() ?? ''],
          },
        });
        assertThat(out).isEqualTo('x!y');
      },
    },
    {
      name: 'in-the-past',
      rule: 'A timer whose time the watermark has passed already fires at once',
      source: 'Timer.set; ParDoTest.testEventTimeTimerSetWithinAllowedLateness',
      pipeline(p) {
        const out = playKeyed<number>(p, watermark(100), add(50, 1), add(101, 2)).parDo('Late', {
          state: { n: state.value<number>() },
          timers: { due: timer.eventTime() },
          process([, n], { state: { n: seen }, timers: { due } }): string[] {
            seen.write(n);
            if (n === 1) due.set(timestamp(60));
            return [];
          },
          onTimer: { due: (_key, { state: { n }, fireTimestamp }) => [`${fireTimestamp} ${n.read()}`] },
        });
        assertThat(out).isEqualTo('60 1');
      },
    },
    {
      name: 'within-the-allowed-lateness',
      rule: 'A timer may be set after the window’s end, until the window expires',
      source: 'ParDoTest.testEventTimeTimerSetWithinAllowedLateness',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(12), add(2, 2), watermark(20))
          .window(fixed('10ms'), { allowedLateness: '20ms', accumulation: 'discarding' })
          .parDo('Late', {
            timers: { due: timer.eventTime() },
            process([, n], { timers: { due } }): number[] {
              if (n === 2) due.set(timestamp(15), { outputTimestamp: timestamp(9) });
              return [];
            },
            onTimer: { due: () => [1] },
          });
        assertThat(windowsOf(out)).isEqualTo([1, '0-10']);
      },
    },
    {
      name: 'beyond-the-window',
      rule: 'A timer cannot be set to after the window has expired',
      source: 'ParDoTest.testOutOfBoundsEventTimeTimer',
      fails: 'TIMER_TIME',
      pipeline(p) {
        playKeyed<number>(p, add(1, 1))
          .window(fixed('10ms'))
          .parDo('Beyond', {
            timers: { due: timer.eventTime() },
            process(_, { timers: { due } }): number[] {
              due.set(timestamp(10));
              return [];
            },
            onTimer: { due: () => [1] },
          });
      },
    },
    {
      name: 'many-keys',
      rule: 'Each of many keys has its timer',
      pipeline(p) {
        const pairs = Array.from({ length: 2000 }, (_, i): KV<number, number> => [i, i]);
        const out = p.create(pairs).parDo('Each', {
          timers: { due: timer.eventTime() },
          process([key], { timers: { due } }): number[] {
            due.set(timestamp(key));
            return [];
          },
          onTimer: { due: (key) => [key] },
        });
        assertThat(out.combine(sum())).isEqualTo((2000 * 1999) / 2);
      },
    },
    {
      name: 'side-input',
      rule: 'A timer’s handler may read side inputs',
      source: 'ParDoTest.testTimerSideInput',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 3)).parDo('Scale', {
          state: { n: state.value<number>() },
          timers: { due: timer.eventTime() },
          sides: { by: asSingleton(p.create([10])) },
          process([, n], { state: { n: seen }, timers: { due } }): number[] {
            seen.write(n);
            due.set(timestamp(15));
            return [];
          },
          onTimer: { due: (_key, { state: { n }, sides }) => [(n.read() ?? 0) * sides.by] },
        });
        assertThat(out).isEqualTo(30);
      },
    },
    {
      name: 'tagged-output',
      rule: 'A timer’s handler may emit to any output',
      pipeline(p) {
        const { main, alarms } = playKeyed<number>(p, add(1, 3)).parDo('Alarm', {
          outputs: { alarms: coders.string },
          timers: { due: timer.eventTime() },
          process([, n], { timers: { due } }) {
            due.set(timestamp(15));
            return [n];
          },
          onTimer: {
            due(key, { output }) {
              output('alarms', `alarm ${key}`);
            },
          },
        });
        assertThat(main).isEqualTo(3);
        assertThat(alarms).isEqualTo('alarm k');
      },
    },
    {
      name: 'fire-time',
      rule: 'A handler is told the time the timer was set to, not how far the watermark is',
      source: 'OnTimerContext.fireTimestamp',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(1000)).parDo('When', {
          timers: { due: timer.eventTime() },
          process(_, { timers: { due } }): number[] {
            due.set(timestamp(15));
            return [];
          },
          onTimer: { due: (_key, { fireTimestamp }) => [fireTimestamp as number] },
        });
        assertThat(out).isEqualTo(15);
      },
    },
    {
      name: 'failure',
      rule: 'A failing handler fails the pipeline',
      fails: 'USER_CODE',
      pipeline(p) {
        playKeyed<number>(p, add(1, 1)).parDo('Broken', {
          timers: { due: timer.eventTime() },
          process(_, { timers: { due } }): number[] {
            due.set(timestamp(15));
            return [];
          },
          onTimer: {
            due(): number[] {
              throw new Error('no');
            },
          },
        });
      },
    },
  ],
  ['event-timers', 'state', 'test-stream'],
);
