import { coders, fixed, type KV, sessions, state, sum, timer, timestamp } from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { timesOf, windowsOf } from '../elements.ts';
import { add, pass, play, playKeyed, watermark } from '../streams.ts';

const pairs = (p: Parameters<typeof play>[0]) => p.create<KV<string, number>>([['k', 1]]);
const nothing = (): number[] => [];

export const timerFamilies = topic(
  'timers/family',
  'Guide: dynamic timer tags; TimerFamily; ParDoTest.TimerFamilyTests; userstate_test.py test_dynamic_timer_…',
  [
    {
      name: 'tags',
      rule: 'Each tag of a family is a timer of its own',
      source: 'ParDoTest.testTimerFamilyEventTimeUnbounded; fn_runner_test.py test_pardo_dynamic_timer',
      pipeline(p) {
        const out = playKeyed<string>(p, add(1, 'a'), add(1, 'b'), watermark(100)).parDo('Family', {
          timers: { due: timer.eventTimeFamily() },
          process([, tag], { timers: { due } }): string[] {
            due.set(tag, timestamp(tag === 'a' ? 20 : 10));
            return [];
          },
          onTimer: { due: (key, { tag, fireTimestamp }) => [`${key} ${tag} ${fireTimestamp}`] },
        });
        assertThat(out).containsInAnyOrder(['k a 20', 'k b 10']);
      },
    },
    {
      name: 'set-again',
      rule: 'Setting a tag again replaces its time only',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(100)).parDo('Family', {
          timers: { due: timer.eventTimeFamily() },
          process(_, { timers: { due } }): string[] {
            due.set('a', timestamp(10));
            due.set('b', timestamp(10));
            due.set('a', timestamp(30));
            return [];
          },
          onTimer: { due: (_key, { tag, fireTimestamp }) => [`${tag} ${fireTimestamp}`] },
        });
        assertThat(out).containsInAnyOrder(['a 30', 'b 10']);
      },
    },
    {
      name: 'clear',
      rule: 'Clearing a tag leaves the others set',
      source: 'userstate_test.py test_dynamic_timer_clear_timer',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(100)).parDo('Family', {
          timers: { due: timer.eventTimeFamily() },
          process(_, { timers: { due } }): string[] {
            for (const tag of ['a', 'b', 'c']) due.set(tag, timestamp(10));
            due.clear('b');
            due.clear('never set');
            return [];
          },
          onTimer: { due: (_key, { tag }) => [tag] },
        });
        assertThat(out).containsInAnyOrder(['a', 'c']);
      },
    },
    {
      name: 'clear-and-set',
      rule: 'A cleared tag can be set again',
      source: 'userstate_test.py test_dynamic_timer_clear_then_set_timer',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(2, 2), watermark(100)).parDo('Family', {
          timers: { due: timer.eventTimeFamily() },
          process([, n], { timers: { due } }): string[] {
            due.clear('a');
            due.set('a', timestamp(n * 10));
            return [];
          },
          onTimer: { due: (_key, { tag, fireTimestamp }) => [`${tag} ${fireTimestamp}`] },
        });
        assertThat(out).isEqualTo('a 20');
      },
    },
    {
      name: 'beside-a-timer',
      rule: 'A family and a timer of the same time fire each',
      source: 'ParDoTest.testTimerFamilyAndTimerUnbounded; userstate_test.py test_dynamic_timer_and_simple_timer',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(100)).parDo('Both', {
          timers: { due: timer.eventTime(), each: timer.eventTimeFamily() },
          process(_, { timers: { due, each } }): string[] {
            due.set(timestamp(10));
            each.set('x', timestamp(10));
            return [];
          },
          onTimer: { due: (_key, { tag }) => [`timer '${tag}'`], each: (_key, { tag }) => [`family '${tag}'`] },
        });
        assertThat(out).containsInAnyOrder(["timer ''", "family 'x'"]);
      },
    },
    {
      name: 'two-families',
      rule: 'Equal tags of two families are two timers',
      source: 'ParDoTest.testTimerWithMultipleTimerFamilyUnbounded',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(100)).parDo('Both', {
          timers: { one: timer.eventTimeFamily(), two: timer.eventTimeFamily() },
          process(_, { timers: { one, two } }): string[] {
            one.set('x', timestamp(10));
            two.set('x', timestamp(20));
            return [];
          },
          onTimer: {
            one: (_key, { fireTimestamp }) => [`one ${fireTimestamp}`],
            two: (_key, { fireTimestamp }) => [`two ${fireTimestamp}`],
          },
        });
        assertThat(out).containsInAnyOrder(['one 10', 'two 20']);
      },
    },
    {
      name: 'set-in-a-handler',
      rule: 'A handler may set other tags',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(100)).parDo('Chain', {
          timers: { due: timer.eventTimeFamily() },
          process(_, { timers: { due } }): string[] {
            due.set('1', timestamp(10));
            return [];
          },
          onTimer: {
            due(_key, { tag, fireTimestamp, timers: { due } }) {
              if (Number(tag) < 4) due.set(String(Number(tag) + 1), timestamp(fireTimestamp + 10));
              return [`${tag} ${fireTimestamp}`];
            },
          },
        });
        assertThat(out).containsInAnyOrder(['1 10', '2 20', '3 30', '4 40']);
      },
    },
    {
      name: 'per-key',
      rule: 'Tags are per key',
      pipeline(p) {
        const out = play<KV<string, number>>(p, add(1, ['a', 10]), add(1, ['b', 20]), watermark(100)).parDo('Family', {
          timers: { due: timer.eventTimeFamily() },
          process([, n], { timers: { due } }): string[] {
            due.set('x', timestamp(n));
            return [];
          },
          onTimer: { due: (key, { tag, fireTimestamp }) => [`${key}${tag}${fireTimestamp}`] },
        });
        assertThat(out).containsInAnyOrder(['ax10', 'bx20']);
      },
    },
    {
      name: 'many-tags',
      rule: 'There may be many tags',
      source: 'userstate_test.py test_dynamic_timer_multiple',
      pipeline(p) {
        const out = pairs(p).parDo('Many', {
          timers: { due: timer.eventTimeFamily() },
          process(_, { timers: { due } }): number[] {
            for (let i = 0; i < 1000; i++) due.set(`tag ${i}`, timestamp(i));
            return [];
          },
          onTimer: { due: (_key, { fireTimestamp }) => [fireTimestamp as number] },
        });
        assertThat(out.combine(sum())).isEqualTo((1000 * 999) / 2);
      },
    },
    {
      name: 'processing-time',
      rule: 'A family may follow processing time',
      source: 'ParDoTest.testTimerFamilyProcessingTime',
      needs: ['processing-timers', 'processing-time'],
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), pass('11s'), add(2, 2), pass('11s')).parDo('Family', {
          state: { n: state.value<number>() },
          timers: { due: timer.processingTimeFamily() },
          process([, n], { state: { n: last }, timers: { due } }): string[] {
            last.write(n);
            if (n === 1) {
              due.setRelative('soon', '10s');
              due.setRelative('later', '20s');
            }
            return [];
          },
          onTimer: { due: (_key, { tag, state: { n } }) => [`${tag} ${n.read()}`] },
        });
        assertThat(out).containsInAnyOrder(['soon 1', 'later 2']);
      },
    },
    {
      name: 'output-time',
      rule: 'Each tag has an output timestamp of its own',
      source: 'userstate_test.py test_timer_output_timestamp_and_window',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(100)).parDo('Family', {
          timers: { due: timer.eventTimeFamily() },
          process(_, { timers: { due } }): string[] {
            due.set('a', timestamp(20), { outputTimestamp: timestamp(3) });
            due.set('b', timestamp(20), { outputTimestamp: timestamp(4) });
            due.set('c', timestamp(20));
            return [];
          },
          onTimer: { due: (_key, { tag }) => [tag] },
        });
        assertThat(timesOf(out)).containsInAnyOrder([
          ['a', 3],
          ['b', 4],
          ['c', 20],
        ]);
      },
    },
  ],
  ['event-timers', 'test-stream'],
);

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
        const out = p.create([1, 2, 4].map((n): KV<string, number> => ['k', n])).parDo('Sum', {
          state: { total: state.combining(sum()) },
          process([, n], { state: { total } }): number[] {
            total.add(n);
            return [];
          },
          onWindowExpiration: (_key, { state: { total } }) => [total.read()],
        });
        assertThat(out).isEqualTo(7);
      },
    },
    {
      name: 'time',
      rule: 'What is emitted at expiration is at the last moment of the window',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(100))
          .window(fixed('10ms'))
          .parDo('Sum', {
            state: { total: state.combining(sum()) },
            process([, n], { state: { total } }): number[] {
              total.add(n);
              return [];
            },
            onWindowExpiration: (_key, { state: { total } }) => [total.read()],
          });
        assertThat(timesOf(out)).isEqualTo([1, 9]);
      },
    },
    {
      name: 'with-lateness',
      rule: 'A window expires when the allowed lateness is over',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(15), add(2, 2), watermark(31), add(3, 4), watermark(100))
          .window(fixed('10ms'), { allowedLateness: '20ms', accumulation: 'discarding' })
          .parDo('Sum', {
            state: { total: state.combining(sum()) },
            process([, n], { state: { total } }): number[] {
              total.add(n);
              return [];
            },
            onWindowExpiration: (_key, { state: { total } }) => [total.read()],
          });
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

export const stateRules = topic(
  'state/rules',
  'DoFnSignatures; ParDo.validate…; ParDoTest.testStateNotKeyed …; userstate_test.py test_bad_signatures',
  [
    {
      name: 'not-keyed',
      rule: 'State needs pairs',
      source: 'ParDoTest.testStateNotKeyed',
      fails: 'KEY_MISSING',
      pipeline(p) {
        p.create(['a'], coders.string).parDo('State', {
          state: { v: state.value<number>() } as never,
          process: nothing,
        });
      },
    },
    {
      name: 'timer-not-keyed',
      rule: 'Timers need pairs',
      source: 'ParDoTest.testTimerNotKeyed',
      fails: 'KEY_MISSING',
      pipeline(p) {
        p.create(['a'], coders.string).parDo('Timer', {
          timers: { t: timer.eventTime() } as never,
          process: nothing,
          onTimer: { t: nothing } as never,
        });
      },
    },
    {
      name: 'key-not-deterministic',
      rule: 'Keys of state have a deterministic coder',
      source: 'ParDoTest.testStateNotDeterministic, testTimerNotDeterministic',
      fails: 'KEY_NOT_DETERMINISTIC',
      pipeline(p) {
        const coder = coders.kv(coders.default<{ a: number }>(), coders.safeInt);
        const keyed = p.create<KV<{ a: number }, number>>([[{ a: 1 }, 1]], coder);
        keyed.parDo('State', { state: { v: state.value<number>() } as never, process: nothing });
      },
    },
    {
      name: 'map-key-not-deterministic',
      rule: 'Keys of a map state have a deterministic coder',
      fails: 'KEY_NOT_DETERMINISTIC',
      pipeline() {
        state.map(coders.default());
      },
    },
    {
      name: 'before-sessions-merge',
      rule: 'State cannot be kept in windows that are not merged yet',
      source: 'ParDo: merging windows are refused for state',
      fails: 'STATE_BEFORE_MERGE',
      pipeline(p) {
        pairs(p)
          .window(sessions({ gap: '10ms' }))
          .parDo('State', { state: { v: state.value<number>() }, process: nothing });
      },
    },
    {
      name: 'after-sessions-merged',
      rule: 'After a grouping sessions are final and may have state',
      needs: ['state', 'merging-windows', 'test-stream'],
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(5, 2), watermark(100))
          .window(sessions({ gap: '10ms' }))
          .combinePerKey(sum())
          .parDo('State', {
            state: { last: state.value<number>() },
            process([, n], { state: { last } }) {
              last.write(n);
              return [last.read() ?? 0];
            },
          });
        assertThat(windowsOf(out)).isEqualTo([3, '1-15']);
      },
    },
    {
      name: 'timer-without-handler',
      rule: 'Every timer has a handler',
      source: 'DoFnSignaturesTest.testTimerIdNoCallback; userstate_test.py test_validation_typos',
      fails: 'TIMER_UNHANDLED',
      pipeline(p) {
        pairs(p).parDo('Timer', { timers: { t: timer.eventTime() }, process: nothing });
      },
    },
    {
      name: 'handler-without-timer',
      rule: 'Every handler has a timer',
      source: 'DoFnSignaturesTest.testOnTimerNoDeclaration',
      fails: 'TIMER_UNDECLARED',
      pipeline(p) {
        pairs(p).parDo('Timer', { process: nothing, onTimer: { t: nothing } as never });
      },
    },
    {
      name: 'expiration-without-state',
      rule: 'A window expires for keys that have state',
      fails: 'EXPIRATION_WITHOUT_STATE',
      pipeline(p) {
        pairs(p).parDo('Expire', { process: nothing, onWindowExpiration: nothing });
      },
    },
    {
      name: 'not-a-state',
      rule: 'A state is declared by what makes one',
      source: 'DoFnSignaturesTest',
      fails: 'STATE_INVALID',
      pipeline(p) {
        pairs(p).parDo('State', { state: { v: 7 as never }, process: nothing });
      },
    },
    {
      name: 'not-concurrent',
      rule: 'Elements of a DoFn with state are processed one after another',
      fails: 'STATE_CONCURRENCY',
      pipeline(p) {
        pairs(p).parDo('State', { state: { v: state.value<number>() }, concurrency: 4, process: nothing });
      },
    },
    {
      name: 'asynchronous',
      rule: 'An asynchronous DoFn with state sees what the call before it has written',
      needs: ['state'],
      pipeline(p) {
        const out = p.create([1, 2, 3].map((n): KV<string, number> => ['k', n])).parDo('Later', {
          state: { n: state.value<number>() },
          async process(_, { state: { n } }) {
            const before = n.read() ?? 0;
            await Promise.resolve();
            n.write(before + 1);
            return [before];
          },
        });
        assertThat(out).containsInAnyOrder([0, 1, 2]);
      },
    },
  ],
);
