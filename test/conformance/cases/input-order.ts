import { fixed, type KV, state, timestamp, withTimestamps } from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { windowsOf } from '../elements.ts';
import { add, play, playKeyed, watermark } from '../streams.ts';

/** Gives all values of a key seen so far, in the order in which they came. */
const trail = {
  requiresTimeSortedInput: true,
  state: { log: state.value<string>() },
};

export const timeSortedInput = topic(
  'state/time-sorted-input',
  'DoFn.RequiresTimeSortedInput; beam:requirement:pardo:time_sorted_input:v1; ParDoTest.testRequiresTimeSortedInput…',
  [
    {
      name: 'stream',
      rule: 'Elements of a key come in the order of their timestamps',
      source: 'ParDoTest.testRequiresTimeSortedInputWithTestStream',
      pipeline(p) {
        const out = playKeyed<number>(
          p,
          add(5, 5),
          add(1, 1),
          add(3, 3),
          watermark(10),
          add(12, 12),
          add(11, 11),
          watermark(20),
        ).parDo('Trail', {
          ...trail,
          process([, n], { state: { log } }) {
            log.write(`${log.read() ?? ''} ${n}`);
            return [log.read() ?? ''];
          },
        });
        assertThat(out).containsInAnyOrder([' 1', ' 1 3', ' 1 3 5', ' 1 3 5 11', ' 1 3 5 11 12']);
      },
    },
    {
      name: 'bounded',
      rule: 'Bounded data is sorted as a whole',
      source: 'ParDoTest.testRequiresTimeSortedInput',
      pipeline(p) {
        const out = p
          .create([40, 10, 30, 20].map((n): KV<string, number> => ['k', n]))
          .apply(withTimestamps('time', ([, n]) => timestamp(n)))
          .parDo('Trail', {
            ...trail,
            process([, n], { state: { log } }) {
              log.write(`${log.read() ?? ''} ${n}`);
              return n === 40 ? [log.read() ?? ''] : [];
            },
          });
        assertThat(out).isEqualTo(' 10 20 30 40');
      },
    },
    {
      name: 'waits-for-the-watermark',
      rule: 'An element waits until the watermark has passed it: an earlier one may still come',
      pipeline(p) {
        const out = playKeyed<number>(p, add(20, 20), watermark(10), add(15, 15), watermark(30)).parDo('Trail', {
          ...trail,
          process([, n], { state: { log } }) {
            log.write(`${log.read() ?? ''} ${n}`);
            return n === 20 ? [log.read() ?? ''] : [];
          },
        });
        assertThat(out).isEqualTo(' 15 20');
      },
    },
    {
      name: 'late-dropped',
      rule: 'An element behind the watermark and the allowed lateness is dropped: later ones have been processed',
      source: 'ParDoTest.testRequiresTimeSortedInputWithLateData',
      pipeline(p) {
        const out = playKeyed<number>(p, add(5, 5), watermark(10), add(2, 2), add(12, 12), watermark(20)).parDo(
          'Trail',
          {
            ...trail,
            process([, n], { state: { log } }) {
              log.write(`${log.read() ?? ''} ${n}`);
              return n === 12 ? [log.read() ?? ''] : [];
            },
          },
        );
        assertThat(out).isEqualTo(' 5 12');
      },
    },
    {
      name: 'with-lateness',
      rule: 'With an allowed lateness elements wait so much longer, and late ones find their place',
      source: 'ParDoTest.testRequiresTimeSortedInputWithLateDataAndAllowedLateness',
      pipeline(p) {
        const out = playKeyed<number>(p, add(5, 5), watermark(10), add(2, 2), watermark(50))
          .window(fixed('10ms'), { allowedLateness: '20ms', accumulation: 'discarding' })
          .parDo('Trail', {
            ...trail,
            process([, n], { state: { log } }) {
              log.write(`${log.read() ?? ''} ${n}`);
              return n === 5 ? [log.read() ?? ''] : [];
            },
          });
        assertThat(out).isEqualTo(' 2 5');
      },
    },
    {
      name: 'per-key',
      rule: 'The order is that of each key',
      pipeline(p) {
        const out = play<KV<string, number>>(
          p,
          add(5, ['a', 5]),
          add(9, ['b', 9]),
          add(1, ['a', 1]),
          add(2, ['b', 2]),
          watermark(10),
        ).parDo('Trail', {
          ...trail,
          process([key, n], { state: { log } }) {
            log.write(`${log.read() ?? key} ${n}`);
            return n >= 5 ? [log.read() ?? ''] : [];
          },
        });
        assertThat(out).containsInAnyOrder(['a 1 5', 'b 2 9']);
      },
    },
    {
      name: 'per-window',
      rule: 'Windows are sorted each for itself',
      pipeline(p) {
        const out = playKeyed<number>(p, add(15, 15), add(8, 8), add(3, 3), add(12, 12), watermark(100))
          .window(fixed('10ms'))
          .parDo('Trail', {
            ...trail,
            process([, n], { state: { log } }) {
              log.write(`${log.read() ?? ''} ${n}`);
              return n === 8 || n === 15 ? [log.read() ?? ''] : [];
            },
          });
        assertThat(windowsOf(out)).containsInAnyOrder([
          [' 3 8', '0-10'],
          [' 12 15', '10-20'],
        ]);
      },
    },
  ],
  ['state', 'time-sorted-input'],
);

/** What was told to be durable, case by case; noted outside of the pipeline, as an acknowledgement is. */
const finalized: number[] = [];
const finalizedWithState: number[] = [];

function wereFinalized(told: readonly number[], ...expected: readonly number[]): void {
  if ([...told].sort().join() !== expected.join()) throw new Error(`finalized ${told}, not ${expected}`);
}

export const stableInput = topic(
  'pardo/stable-input',
  'DoFn.RequiresStableInput; beam:requirement:pardo:stable_input:v1; DoFn.BundleFinalizer; ParDoTest.testBundleFinalization',
  [
    {
      name: 'bounded',
      rule: 'A DoFn that wants stable input sees every element',
      pipeline(p) {
        const out = p.create([1, 2, 3]).parDo('Stable', { requiresStableInput: true, process: (n) => [n * 10] });
        assertThat(out).containsInAnyOrder([10, 20, 30]);
      },
    },
    {
      name: 'stream',
      rule: 'A DoFn that wants stable input sees every element of a stream, with its window',
      needs: ['test-stream'],
      pipeline(p) {
        const out = play<number>(p, add(1, 1), watermark(10), add(11, 2))
          .window(fixed('10ms'))
          .parDo('Stable', { requiresStableInput: true, process: (n) => [n * 10] });
        assertThat(windowsOf(out)).containsInAnyOrder([
          [10, '0-10'],
          [20, '10-20'],
        ]);
      },
    },
    {
      name: 'finalization',
      rule: 'A call may ask to be told when its effects are durable',
      needs: ['finalization'],
      source:
        'ParDoTest.testBundleFinalization; pardo.go ParDoProcessElementBundleFinalizer; fn_runner_test.py test_register_finalizations',
      pipeline(p) {
        finalized.length = 0;
        const out = p.create([1, 2]).parDo('Finalize', {
          process(n, { afterBundleCommit }) {
            afterBundleCommit(() => {
              finalized.push(n);
            });
            return [n];
          },
        });
        assertThat(out).containsInAnyOrder([1, 2]);
      },
      afterwards: () => wereFinalized(finalized, 1, 2),
    },
    {
      name: 'finalization/with-state',
      rule: 'A call with state may ask to be told too',
      source: 'ParDoTest.testBundleFinalizationWithState',
      needs: ['state', 'test-stream', 'finalization'],
      pipeline(p) {
        finalizedWithState.length = 0;
        const out = playKeyed<number>(p, add(1, 1), add(2, 2)).parDo('Finalize', {
          state: { n: state.value<number>() },
          process([, n], { state: { n: last }, afterBundleCommit }) {
            afterBundleCommit(() => {
              finalizedWithState.push(n);
            });
            const before = last.read() ?? 0;
            last.write(n);
            return [before];
          },
        });
        assertThat(out).containsInAnyOrder([0, 1]);
      },
      afterwards: () => wereFinalized(finalizedWithState, 1, 2),
    },
  ],
);
