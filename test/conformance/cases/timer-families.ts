import { type KV, state, sum, timer, timestamp } from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { timesOf } from '../elements.ts';
import { add, pass, play, playKeyed, watermark } from '../streams.ts';

const pairs = (p: Parameters<typeof play>[0]) => p.create<KV<string, number>>([['k', 1]]);

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
