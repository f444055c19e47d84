import {
  asSingleton,
  coders,
  fixed,
  type Key,
  type KV,
  reshuffle,
  sliding,
  state,
  sum,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { windowsOf } from '../elements.ts';
import { add, play, playKeyed, watermark } from '../streams.ts';

const list = (values: Iterable<number | string>) => [...values].map(String).sort().join(',');

export const stateValues = topic(
  'state/value',
  'Guide: state and timers; ValueState; ParDoTest.StateTests; state.go; userstate_test.py',
  [
    {
      name: 'read-write',
      rule: 'A value is what was last written, and nothing at first',
      source: 'ParDoTest.testValueStateSimple; state.go ValueStateParDo',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 5), add(2, 6), add(3, 7)).parDo('Last', {
          state: { last: state.value<number>() },
          process([, n], { state: { last } }) {
            const before = last.read();
            last.write(n);
            return [`${before}>${n}`];
          },
        });
        assertThat(out).containsInAnyOrder(['undefined>5', '5>6', '6>7']);
      },
    },
    {
      name: 'own-writes',
      rule: 'A call reads what it has written',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 5)).parDo('Twice', {
          state: { value: state.value<number>() },
          process([, n], { state: { value } }) {
            value.write(n);
            value.write((value.read() ?? 0) * 2);
            return [value.read() ?? -1];
          },
        });
        assertThat(out).isEqualTo(10);
      },
    },
    {
      name: 'clear',
      rule: 'A cleared value is empty again',
      source: 'state.go ValueStateParDoClear; userstate_test.py test_clearing_read_modify_write_state',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(2, 2), add(3, 3), add(4, 4)).parDo('Every other', {
          state: { held: state.value<number>() },
          process([, n], { state: { held } }) {
            const before = held.read();
            if (before === undefined) held.write(n);
            else held.clear();
            return [`${before} ${n}`];
          },
        });
        assertThat(out).containsInAnyOrder(['undefined 1', '1 2', 'undefined 3', '3 4']);
      },
    },
    {
      name: 'write-after-clear',
      rule: 'A value may be written after it was cleared in the same call',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(2, 2)).parDo('Anew', {
          state: { held: state.value<number>() },
          process([, n], { state: { held } }) {
            const before = held.read();
            held.write(-1);
            held.clear();
            held.write(n);
            return [`${before}>${held.read()}`];
          },
        });
        assertThat(out).containsInAnyOrder(['undefined>1', '1>2']);
      },
    },
    {
      name: 'per-key',
      rule: 'Each key has a state of its own',
      pipeline(p) {
        const out = play<KV<string, number>>(
          p,
          add(1, ['a', 1]),
          add(2, ['b', 10]),
          add(3, ['a', 2]),
          add(4, ['b', 20]),
        ).parDo('Sum', {
          state: { total: state.value<number>() },
          process([key, n], { state: { total } }) {
            total.write((total.read() ?? 0) + n);
            return [`${key}${total.read()}`];
          },
        });
        assertThat(out).containsInAnyOrder(['a1', 'b10', 'a3', 'b30']);
      },
    },
    {
      name: 'per-key/kinds',
      rule: 'Keys of state are told apart as those of groupings',
      source: 'portable_runner_test.py test_pardo_state_with_custom_key_coder',
      pipeline(p) {
        const keys: Key[] = ['1', 1, 1n, true, null, ['1'], Uint8Array.of(1)];
        const events = [...keys, ...keys].map((key) => add<KV<Key, number>>(1, [key, 1]));
        const out = play<KV<Key, number>>(p, ...events).parDo('Count', {
          state: { seen: state.value<number>() },
          process(_, { state: { seen } }) {
            const n = (seen.read() ?? 0) + 1;
            seen.write(n);
            return [n];
          },
        });
        assertThat(out).containsInAnyOrder([...keys.map(() => 1), ...keys.map(() => 2)]);
      },
    },
    {
      name: 'per-window',
      rule: 'Each window has a state of its own',
      source: 'ParDoTest.testValueStateFixedWindows; state.go ValueStateParDoWindowed',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(11, 2), add(2, 4), add(12, 8))
          .window(fixed('10ms'))
          .parDo('Sum', {
            state: { total: state.value<number>() },
            process([, n], { state: { total } }) {
              total.write((total.read() ?? 0) + n);
              return [total.read() ?? 0];
            },
          });
        assertThat(windowsOf(out)).containsInAnyOrder([
          [1, '0-10'],
          [2, '10-20'],
          [5, '0-10'],
          [10, '10-20'],
        ]);
      },
    },
    {
      name: 'several-windows',
      rule: 'An element in several windows meets the state of each',
      pipeline(p) {
        const out = playKeyed<number>(p, add(7, 1), add(12, 2))
          .window(sliding({ size: '10ms', every: '5ms' }))
          .parDo('Sum', {
            state: { total: state.value<number>() },
            process([, n], { state: { total } }) {
              total.write((total.read() ?? 0) + n);
              return [total.read() ?? 0];
            },
          });
        assertThat(windowsOf(out)).containsInAnyOrder([
          [1, '0-10'],
          [1, '5-15'],
          [3, '5-15'],
          [2, '10-20'],
        ]);
      },
    },
    {
      name: 'across-bundles',
      rule: 'State outlives the bundle and the advance of the watermark within its window',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(50), add(60, 2), watermark(100), add(70, 4)).parDo(
          'Sum',
          {
            state: { total: state.value<number>() },
            process([, n], { state: { total } }) {
              total.write((total.read() ?? 0) + n);
              return [total.read() ?? 0];
            },
          },
        );
        assertThat(out).containsInAnyOrder([1, 3, 7]);
      },
    },
    {
      name: 'bounded',
      rule: 'State works on bounded data as well',
      source: 'ParDoTest.StateTests (bounded); fn_runner_test.py test_pardo_state_only',
      pipeline(p) {
        const pairs = ['A', 'A', 'A', 'B', 'B'].map((key, i): KV<string, number> => [key, i]);
        const out = p.create(pairs).parDo('Index', {
          state: { index: state.value<number>() },
          process([key], { state: { index } }): KV<string, number>[] {
            const i = index.read() ?? 0;
            index.write(i + 1);
            return [[key, i]];
          },
        });
        assertThat(out).containsInAnyOrder([
          ['A', 0],
          ['A', 1],
          ['A', 2],
          ['B', 0],
          ['B', 1],
        ]);
      },
    },
    {
      name: 'coder',
      rule: 'A value has the coder of its declaration',
      source: 'ParDoTest.testValueStateCoderInference',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(2, 2)).parDo('Shift', {
          state: { bits: state.value(coders.int64) },
          process([, n], { state: { bits } }) {
            bits.write((bits.read() ?? 0n) + (BigInt(n) << 60n));
            return [`${bits.read()}`];
          },
        });
        assertThat(out).containsInAnyOrder([`${1n << 60n}`, `${3n << 60n}`]);
      },
    },
    {
      name: 'objects',
      rule: 'A value may be any object that its coder encodes',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(2, 2)).parDo('Collect', {
          state: { seen: state.value<{ readonly all: readonly number[] }>() },
          process([, n], { state: { seen } }) {
            const all = [...(seen.read()?.all ?? []), n];
            seen.write({ all });
            return [list(all)];
          },
        });
        assertThat(out).containsInAnyOrder(['1', '1,2']);
      },
    },
    {
      name: 'several',
      rule: 'A DoFn may have several states',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 3), add(2, 1), add(3, 2)).parDo('Extremes', {
          state: { least: state.value<number>(), most: state.value<number>() },
          process([, n], { state: { least, most } }) {
            least.write(Math.min(least.read() ?? n, n));
            most.write(Math.max(most.read() ?? n, n));
            return [`${least.read()}-${most.read()}`];
          },
        });
        assertThat(out).containsInAnyOrder(['3-3', '1-3', '1-3']);
      },
    },
    {
      name: 'of-two-do-fns',
      rule: 'States of one name in two DoFns are two',
      source: 'ParDoTest.testValueStateSameId',
      pipeline(p) {
        const counting = (by: number) => ({
          state: { n: state.value<number>() },
          process: (
            [key]: KV<string, number>,
            { state: { n } }: { state: { n: { read(): number | undefined; write(v: number): void } } },
          ): KV<string, number>[] => {
            n.write((n.read() ?? 0) + by);
            return [[key, n.read() ?? 0]];
          },
        });
        const one = playKeyed<number>(p, add(1, 1), add(2, 2)).parDo('One', counting(1) as never);
        const two = (one as never as ReturnType<typeof playKeyed<number>>).parDo('Ten', counting(10) as never);
        assertThat(one as never as ReturnType<typeof playKeyed<number>>).containsInAnyOrder([
          ['k', 1],
          ['k', 2],
        ]);
        assertThat(two as never as ReturnType<typeof playKeyed<number>>).containsInAnyOrder([
          ['k', 10],
          ['k', 20],
        ]);
      },
    },
    {
      name: 'with-tagged-outputs',
      rule: 'A DoFn with state may have several outputs',
      source: 'ParDoTest.testValueStateTaggedOutput',
      pipeline(p) {
        const { main, repeated } = playKeyed<number>(p, add(1, 1), add(2, 1), add(3, 2)).parDo('Repeated', {
          state: { last: state.value<number>() },
          outputs: { repeated: coders.safeInt },
          process([, n], { state: { last }, output }): number[] {
            const before = last.read();
            last.write(n);
            if (before !== n) return [n];
            output('repeated', n);
            return [];
          },
        });
        assertThat(main).containsInAnyOrder([1, 2]);
        assertThat(repeated).isEqualTo(1);
      },
    },
    {
      name: 'with-side-input',
      rule: 'A DoFn with state may read side inputs',
      source: 'ParDoTest.testStateSideInput, testBagStateSideInput',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(2, 2)).parDo('Scale', {
          state: { total: state.value<number>() },
          sides: { by: asSingleton(p.create([100])) },
          process([, n], { state: { total }, sides }) {
            total.write((total.read() ?? 0) + n * sides.by);
            return [total.read() ?? 0];
          },
        });
        assertThat(out).containsInAnyOrder([100, 300]);
      },
    },
    {
      name: 'after-a-grouping',
      rule: 'A DoFn with state may follow a grouping',
      source: 'ParDoTest.testGbkFollowedByUserTimers',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(10), add(11, 2), watermark(20))
          .window(fixed('10ms'))
          .combinePerKey(sum())
          .parDo('Count', {
            state: { n: state.value<number>() },
            process([, total], { state: { n } }) {
              n.write((n.read() ?? 0) + 1);
              return [`${total} ${n.read()}`];
            },
          });
        assertThat(out).containsInAnyOrder(['1 1', '2 1']);
      },
    },
    {
      name: 'many-keys',
      rule: 'There may be many keys with state',
      pipeline(p) {
        const pairs = Array.from({ length: 3000 }, (_, i): KV<number, number> => [i % 1000, i]);
        const last = p
          .create(pairs)
          .apply(reshuffle())
          .parDo('Third', {
            state: { n: state.value<number>() },
            process(_, { state: { n } }) {
              const seen = (n.read() ?? 0) + 1;
              n.write(seen);
              return seen === 3 ? [1] : [];
            },
          });
        assertThat(last.combine(sum())).isEqualTo(1000);
      },
    },
    {
      name: 'read-later',
      rule: 'Announcing a read changes nothing',
      source: 'ReadableState.readLater',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(2, 2)).parDo('Ahead', {
          state: { last: state.value<number>() },
          process([, n], { state: { last } }) {
            const before = last.readLater().read() ?? 0;
            last.write(n);
            return [before];
          },
        });
        assertThat(out).containsInAnyOrder([0, 1]);
      },
    },
    {
      name: 'late-elements-are-dropped',
      rule: 'An element whose window has expired does not reach a DoFn with state',
      source: 'StatefulDoFnRunner: late data dropping',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(10), add(2, 2), add(11, 4))
          .window(fixed('10ms'))
          .parDo('See', {
            state: { seen: state.value<number>() },
            process([, n], { state: { seen } }) {
              const before = seen.read() ?? 0;
              seen.write(before + n);
              return [`${n} after ${before}`];
            },
          });
        assertThat(out).containsInAnyOrder(['1 after 0', '4 after 0']);
      },
    },
    {
      name: 'kept-for-the-allowed-lateness',
      rule: 'State stays until the allowed lateness is over',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), watermark(15), add(2, 2), watermark(31), add(3, 4))
          .window(fixed('10ms'), { allowedLateness: '20ms', accumulation: 'discarding' })
          .parDo('See', {
            state: { seen: state.value<number>() },
            process([, n], { state: { seen } }) {
              const before = seen.read() ?? 0;
              seen.write(before + n);
              return [`${n} after ${before}`];
            },
          });
        assertThat(out).containsInAnyOrder(['1 after 0', '2 after 1']);
      },
    },
  ],
  ['state'],
);
