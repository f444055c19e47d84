import {
  asSingleton,
  coders,
  fixed,
  type KV,
  resume,
  splittableParDo,
  state,
  sum,
  timer,
  timestamp,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { at, windowsOf } from '../elements.ts';
import { ranges } from '../offsets.ts';
import { add, playKeyed, watermark } from '../streams.ts';

type Pair = KV<string, number>;

/** As many offsets as the value of the pair says. */
const restriction = ranges<Pair>(([, count]) => count);

const total = { total: state.combining(sum()) };
const PAIRS: readonly Pair[] = [
  ['a', 3],
  ['b', 1],
  ['a', 2],
];

const soon = () => new Promise((done) => setImmediate(done));

export const splittableStateful = topic(
  'splittable/stateful',
  'Guide: state and timers, splittable DoFns; DoFn: StateId and TimerId in a splittable ProcessElement; DoFnSignatures; StatefulDoFnRunner',
  [
    {
      name: 'state-per-key',
      rule: 'A splittable DoFn on pairs may keep state: its restrictions of one key share it, those of others do not see it',
      pipeline(p) {
        const counted = p.create(PAIRS).apply(
          splittableParDo('Count', {
            restriction,
            state: total,
            *process([key]: Pair, { tracker, state }) {
              const { start, end } = tracker.current();
              for (let n = start; n < end; n++) {
                if (!tracker.tryClaim(n)) return;
                state.total.add(1);
                yield [`${key} ${state.total.read()}`];
              }
            },
          }),
        );
        assertThat(counted).containsInAnyOrder(['a 1', 'a 2', 'a 3', 'a 4', 'a 5', 'b 1']);
      },
    },
    {
      name: 'parts-of-one-element',
      rule: 'The parts that a restriction is split into share the state of their key',
      pipeline(p) {
        const counted = p.create<Pair>([['a', 6]]).apply(
          splittableParDo('Count', {
            restriction: {
              ...restriction,
              split: (_, { end }) =>
                [0, 2, 4].map((start) => ({ start, end: start + 2 })).filter((part) => part.end <= end),
            },
            state: total,
            *process(_pair: Pair, { tracker, state }) {
              const { start, end } = tracker.current();
              for (let n = start; n < end; n++) if (tracker.tryClaim(n)) state.total.add(1);
              yield [state.total.read()];
            },
          }),
        );
        assertThat(counted).containsInAnyOrder([2, 4, 6]);
      },
    },
    {
      name: 'state-per-window',
      rule: 'State is per window',
      pipeline(p) {
        const counted = at<Pair>(p, [
          [['a', 2], 1],
          [['a', 3], 12],
        ])
          .window(fixed('10ms'))
          .apply(
            splittableParDo('Count', {
              restriction,
              state: total,
              *process(_pair: Pair, { tracker, state }) {
                const { start, end } = tracker.current();
                for (let n = start; n < end; n++) if (tracker.tryClaim(n)) state.total.add(1);
                yield [state.total.read()];
              },
            }),
          );
        assertThat(windowsOf(counted)).containsInAnyOrder([
          [2, '0-10'],
          [3, '10-20'],
        ]);
      },
    },
    {
      name: 'taken-up-again',
      rule: 'A restriction that is taken up again finds the state of its key as it was left',
      needs: ['unbounded-splittable'],
      pipeline(p) {
        const counted = p.create(PAIRS).apply(
          splittableParDo('Count', {
            restriction,
            unbounded: true,
            state: total,
            *process([key]: Pair, { tracker, state }) {
              const { start, end } = tracker.current();
              if (!tracker.tryClaim(start)) return undefined;
              state.total.add(1);
              yield [`${key} ${state.total.read()}`];
              return start + 1 < end ? resume() : undefined;
            },
          }),
        );
        assertThat(counted).containsInAnyOrder(['a 1', 'a 2', 'a 3', 'a 4', 'a 5', 'b 1']);
      },
    },
    {
      name: 'taken-up-after-the-window',
      rule: 'The state of a window stays as long as a restriction of it is left, whatever the watermark',
      needs: ['unbounded-splittable'],
      pipeline(p) {
        const counted = at<Pair>(p, [[['a', 4], 1]])
          .window(fixed('10ms'))
          .apply(
            splittableParDo('Count', {
              restriction,
              unbounded: true,
              state: total,
              *process(_pair: Pair, { tracker, state, watermark }) {
                const { start, end } = tracker.current();
                if (!tracker.tryClaim(start)) return undefined;
                state.total.add(1);
                watermark.set(timestamp(100 * (start + 1)));
                yield { values: [state.total.read()], timestamps: [100 * (start + 1)] };
                return start + 1 < end ? resume() : undefined;
              },
            }),
          );
        assertThat(counted).containsInAnyOrder([1, 2, 3, 4]);
      },
    },
    {
      name: 'one-call-at-a-time',
      needs: ['window-expiration'],
      rule: 'No other call of a key runs while one has its state at hand, however long it takes',
      pipeline(p) {
        const counted = p.create([...PAIRS, ...PAIRS]).apply(
          splittableParDo('Count', {
            restriction,
            state: { total: state.value<number>() },
            async *process([key]: Pair, { tracker, state }) {
              const before = state.total.read() ?? 0;
              const { start, end } = tracker.current();
              let claimed = 0;
              for (let n = start; n < end; n++) {
                await soon();
                if (tracker.tryClaim(n)) claimed++;
              }
              state.total.write(before + claimed);
              yield [`${key} then`];
            },
            onWindowExpiration: (key, { state }) => [`${key} ${state.total.read()}`],
          }),
        );
        const last = counted.filter('Last', (text) => /\d/.test(text));
        assertThat(last).containsInAnyOrder(['a 10', 'b 2']);
      },
    },
    {
      name: 'event-timer',
      rule: 'An event-time timer fires when the restrictions that are left cannot give anything before it',
      needs: ['unbounded-splittable', 'event-timers'],
      pipeline(p) {
        const counted = p.create<Pair>([['a', 5]]).apply(
          splittableParDo('Count', {
            restriction,
            unbounded: true,
            state: total,
            timers: { at: timer.eventTime() },
            *process(_pair: Pair, { tracker, state, timers, watermark }) {
              const { start, end } = tracker.current();
              if (!tracker.tryClaim(start)) return undefined;
              if (start === 0) timers.at.set(timestamp(25));
              state.total.add(1);
              // After the third offset it is at 30.
              watermark.set(timestamp((start + 1) * 10));
              yield { values: [`offset ${start}`], timestamps: [(start + 1) * 10] };
              return start + 1 < end ? resume() : undefined;
            },
            onTimer: { at: (key, { state, fireTimestamp }) => [`${key} ${state.total.read()} at ${fireTimestamp}`] },
          }),
        );
        assertThat(counted).containsInAnyOrder([
          'offset 0',
          'offset 1',
          'offset 2',
          'offset 3',
          'offset 4',
          'a 3 at 25',
        ]);
      },
    },
    {
      name: 'timer-during-a-long-call',
      rule: 'A call without an end gives way to timers that are due',
      needs: ['unbounded-splittable', 'event-timers'],
      pipeline(p) {
        const counted = p.create<Pair>([['a', 1_000_000]]).apply(
          splittableParDo('Count', {
            restriction,
            unbounded: true,
            state: { done: state.value<boolean>() },
            timers: { stop: timer.eventTime() },
            *process(_pair: Pair, { tracker, state, timers, watermark }): Generator<string[], undefined> {
              const { start, end } = tracker.current();
              if (state.done.read()) {
                // Nothing else ends it.
                tracker.trySplit(0);
                yield ['stopped'];
                return;
              }
              if (start === 0) timers.stop.set(timestamp(5));
              for (let n = start; n < end; n++) {
                if (!tracker.tryClaim(n)) return;
                watermark.set(timestamp(n));
                yield [];
              }
            },
            onTimer: { stop: (_key, { state }): void => state.done.write(true) },
          }),
        );
        assertThat(counted).containsInAnyOrder(['stopped']);
      },
    },
    {
      name: 'timer-loop',
      rule: 'A timer may set itself and read the state that calls have left',
      needs: ['event-timers'],
      pipeline(p) {
        const counted = at<Pair>(p, [[['a', 3], 0]])
          .window(fixed('100ms'))
          .apply(
            splittableParDo('Count', {
              restriction,
              state: total,
              timers: { each: timer.eventTime() },
              // biome-ignore lint/correctness/useYield: what it claims is told by timers
              *process(_pair: Pair, { tracker, state, timers }): Generator<string[], undefined> {
                const { start, end } = tracker.current();
                for (let n = start; n < end; n++) if (tracker.tryClaim(n)) state.total.add(1);
                timers.each.set(timestamp(10));
                return undefined;
              },
              onTimer: {
                each(_key, { state, timers, fireTimestamp }) {
                  if (fireTimestamp < 30) timers.each.set(timestamp(fireTimestamp + 10));
                  state.total.add(10);
                  return [`${state.total.read()} at ${fireTimestamp}`];
                },
              },
            }),
          );
        assertThat(counted).containsInAnyOrder(['13 at 10', '23 at 20', '33 at 30']);
      },
    },
    {
      name: 'window-expiration',
      rule: 'When a window expires, each key that had an element in it is told, after the last of its restrictions',
      needs: ['window-expiration', 'unbounded-splittable'],
      pipeline(p) {
        const counted = at<Pair>(p, [
          [['a', 3], 1],
          [['b', 2], 2],
          [['a', 1], 12],
        ])
          .window(fixed('10ms'))
          .apply(
            splittableParDo('Count', {
              restriction,
              unbounded: true,
              state: total,
              *process(_pair: Pair, { tracker, state }): Generator<string[], ReturnType<typeof resume> | undefined> {
                const { start, end } = tracker.current();
                if (!tracker.tryClaim(start)) return undefined;
                state.total.add(1);
                yield [];
                return start + 1 < end ? resume() : undefined;
              },
              onWindowExpiration: (key, { state }) => [`${key} ${state.total.read()}`],
            }),
          );
        assertThat(windowsOf(counted)).containsInAnyOrder([
          ['a 3', '0-10'],
          ['b 2', '0-10'],
          ['a 1', '10-20'],
        ]);
      },
    },
    {
      name: 'beside-sides-and-outputs',
      rule: 'State goes with side inputs and additional outputs, in calls and in timers',
      needs: ['event-timers'],
      pipeline(p) {
        const factor = asSingleton(p.create([10]));
        const { main, ends } = p.create(PAIRS).apply(
          splittableParDo('Count', {
            restriction,
            sides: { factor },
            outputs: { ends: coders.string },
            state: total,
            timers: { end: timer.eventTime() },
            *process([key, count]: Pair, { tracker, state, timers, sides, output }) {
              for (let n = tracker.current().start; n < count; n++)
                if (tracker.tryClaim(n)) state.total.add(sides.factor);
              timers.end.set(timestamp(0));
              output('ends', `${key} is at ${state.total.read()}`);
              yield [count * sides.factor];
            },
            onTimer: {
              end(key, { state, sides, output }): void {
                output('ends', `${key} ends at ${state.total.read() / sides.factor}`);
              },
            },
          }),
        );
        assertThat(main).containsInAnyOrder([30, 10, 20]);
        assertThat(ends).containsInAnyOrder(['a is at 30', 'b is at 10', 'a is at 50', 'a ends at 5', 'b ends at 1']);
      },
    },
    {
      name: 'late-dropped',
      rule: 'An element of a window that has expired is dropped',
      source: 'StatefulDoFnRunner: droppedDueToLateness',
      needs: ['test-stream'],
      pipeline(p) {
        const counted = playKeyed<number>(p, add(1, 1), watermark(10), add(2, 2), add(11, 4), watermark(20))
          .window(fixed('10ms'))
          .apply(
            splittableParDo('Count', {
              restriction,
              state: total,
              *process([, count]: Pair, { tracker, state }) {
                for (let n = tracker.current().start; n < count; n++) if (tracker.tryClaim(n)) state.total.add(1);
                yield [state.total.read()];
              },
            }),
          );
        assertThat(counted).containsInAnyOrder([1, 4]);
      },
      afterwards(metrics) {
        const dropped = metrics.counter('droppedDueToLateness');
        if (dropped !== 1) throw new Error(`${dropped} elements were dropped`);
      },
    },
    {
      name: 'keyless',
      rule: 'State is on pairs only',
      fails: 'KEY_MISSING',
      pipeline(p) {
        p.create([1], coders.safeInt).apply(
          splittableParDo('Count', {
            restriction: restriction as never,
            state: total as never,
            *process() {
              yield [1];
            },
          }),
        );
      },
    },
  ],
  ['splittable', 'state'],
);
