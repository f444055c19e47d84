import {
  Count,
  fixed,
  type KV,
  type PCollection,
  type Pipeline,
  reshuffle,
  sessions,
  sliding,
  sum,
  Wait,
  type Window,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { at, timesOf, windowsOf } from '../elements.ts';

/** The main input is passed on unchanged after the signal of these windows. */
function passesOn(name: string, rule: string, source: string, windowed: (p: Pipeline) => PCollection<unknown, Window>) {
  return {
    name,
    rule,
    source,
    pipeline(p: Pipeline) {
      const main = at(p, [
        ['x', 1],
        ['y', 12],
      ]).window(fixed('10ms'));
      const passed = main.apply(Wait.on(windowed(p)));
      assertThat(timesOf(passed)).containsInAnyOrder([
        ['x', 1],
        ['y', 12],
      ]);
      assertThat(windowsOf(passed)).containsInAnyOrder([
        ['x', '0-10'],
        ['y', '10-20'],
      ]);
    },
  };
}

const SIGNAL = [
  [1, 1],
  [2, 15],
] as const;

export const waits = topic('graph/wait', 'Wait.on; WaitTest', [
  passesOn(
    'global',
    'Elements pass after the signal, with their windows and times',
    'WaitTest.testWaitInGlobalWindow',
    (p) => p.create([1]),
  ),
  passesOn(
    'same-windows',
    'The signal may have the windows of the main input',
    'WaitTest.testWaitWithSameFixedWindows',
    (p) => at(p, SIGNAL).window(fixed('10ms')),
  ),
  passesOn('other-windows', 'The signal may have other windows', 'WaitTest.testWaitWithDifferentFixedWindows', (p) =>
    at(p, SIGNAL).window(fixed('7ms')),
  ),
  passesOn(
    'sliding-signal',
    'The signal may be in several windows',
    'WaitTest.testWaitWithSignalInSlidingWindows',
    (p) => at(p, SIGNAL).window(sliding({ size: '10ms', every: '5ms' })),
  ),
  passesOn('session-signal', 'The signal may be in sessions', 'WaitTest', (p) =>
    at(p, SIGNAL).window(sessions({ gap: '5ms' })),
  ),
  passesOn('empty-signal', 'An empty signal is complete', 'WaitTest.testWaitWithSomeSignalWindowsEmpty', (p) =>
    p.create<number>([]),
  ),
  passesOn(
    'signal-after-a-shuffle',
    'The signal may be the end of several stages',
    'WaitTest.testWaitBoundedInDefaultWindow',
    (p) =>
      p
        .create<KV<string, number>>([['a', 1]])
        .combinePerKey(sum())
        .apply(reshuffle())
        .apply(Count.globally()),
  ),
  {
    name: 'effects-come-first',
    rule: 'Everything of the signal has been computed when the first element passes',
    pipeline(p) {
      const log: string[] = [];
      const signal = p
        .create([1, 2, 3])
        .apply(reshuffle())
        .map('signal', (n) => {
          log.push('signal');
          return n;
        });
      const seen = p
        .create(['x', 'y'])
        .apply(Wait.on(signal))
        .map('main', (x) => {
          log.push('main');
          return `${x} ${log.indexOf('main') >= 3 && log.slice(0, 3).every((each) => each === 'signal')}`;
        });
      assertThat(seen).containsInAnyOrder(['x true', 'y true']);
    },
  },
  {
    name: 'several-signals',
    rule: 'Elements wait for all signals',
    pipeline(p) {
      const done = new Set<string>();
      const signal = (name: string) =>
        p.create([name]).map(name, (each) => {
          done.add(each);
          return each;
        });
      const seen = p
        .create([0])
        .apply(Wait.on(signal('a'), signal('b')))
        .map('main', () => done.size);
      assertThat(seen).isEqualTo(2);
    },
  },
  {
    name: 'on-itself',
    rule: 'A collection may wait for what was made of it',
    pipeline(p) {
      const written: number[] = [];
      const rows = p.create([1, 2, 3]);
      const done = rows.map('write', (n) => written.push(n));
      const after = rows.apply(Wait.on(done)).map('read', () => written.length);
      assertThat(after).containsInAnyOrder([3, 3, 3]);
    },
  },
  {
    name: 'empty-main-input',
    rule: 'An empty main input stays empty',
    pipeline: (p) => assertThat(p.create<number>([]).apply(Wait.on(p.create([1])))).isEmpty(),
  },
  {
    name: 'no-signal-refused',
    rule: 'There is something to wait for',
    fails: 'WAIT_INVALID',
    pipeline(p) {
      p.create([1]).apply(Wait.on());
    },
  },
]);
