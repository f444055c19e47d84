import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshFolder } from '../../../test/support/fresh-folder.ts';
import { type Build, refused, runOn } from '../../../test/support/run-on-numbers.ts';
import {
  type AnyElement,
  afterCount,
  type Coder,
  type CombineFn,
  coders,
  fixed,
  globalWindows,
  max,
  mean,
  type OffsetRange,
  OffsetRangeTracker,
  offsetRangeCoder,
  type PCollection,
  repeatedly,
  resume,
  type StateSpec,
  splittableParDo,
  state,
  sum,
  type TimerSpec,
  timer,
  timestamp,
  type Window,
} from '../../sdk/index.ts';

const restriction = {
  coder: offsetRangeCoder,
  initial: (): OffsetRange => ({ start: 0, end: 1e6 }),
  tracker: (range: OffsetRange) => new OffsetRangeTracker(range),
};

/** Calls that come again for ever, so that a checkpoint holds a restriction of each element. */
const poll = (pairs: PCollection<AnyElement, Window>, more = {}) =>
  pairs.apply(
    splittableParDo('poll', {
      unbounded: true,
      restriction,
      // biome-ignore lint/correctness/useYield: it is asked for nothing
      *process(_: AnyElement, { tracker }) {
        return tracker.tryClaim(tracker.current().start) ? resume('1h') : undefined;
      },
      ...more,
    }),
  );

const polling =
  <T extends AnyElement>(coder: Coder<T>, element: (n: number) => T): Build =>
  (pairs) =>
    poll(pairs.map('element', ([, n]) => element(n) as AnyElement).withCoder(coder as Coder<AnyElement>));

test('what restrictions are of must stay: elements, windows, and whether they have state', async (t) => {
  const stateful = { state: { count: state.value<number>() } };
  const timed = { timers: { flush: timer.eventTime() }, onTimer: { flush: () => [] } };
  const plain: Build = (pairs) => poll(pairs);
  const changes: readonly [before: Build, after: Build, difference: RegExp][] = [
    [(pairs) => poll(pairs, stateful), plain, /, with state and is .* in the global window \(\w+\) \[/],
    [plain, (pairs) => poll(pairs, stateful), /in the global window \(\w+\) and is .*, with state \[/],
    [plain, (pairs) => poll(pairs, timed), /, with state \[/],
    [polling(coders.double, (n) => n), polling(coders.timestamp, (n) => timestamp(n)), /of double .* of timestamp /],
    [polling(coders.string, String), polling(coders.bytes, (n) => new Uint8Array([n])), /of string_utf8 .* of bytes /],
    [
      (pairs) => poll(pairs.window(fixed('2s'))),
      (pairs) => poll(pairs.window(fixed('3s'))),
      /fixed\(2s\).*fixed\(3s\)/,
    ],
  ];
  for (const [before, after, difference] of changes) {
    const message = await refused(freshFolder(t), before, after);
    assert.match(message, /source:poll was restrictions /);
    assert.match(message, difference);
  }
});

/** Without a name, as many programs have them. */
const least: CombineFn<number, number, number> = {
  create: () => Number.POSITIVE_INFINITY,
  add: Math.min,
  merge: (all) => Math.min(...all),
  extract: (n) => n,
};

const combining =
  <A, R>(fn: CombineFn<number, A, R>): Build =>
  (pairs, out) =>
    pairs
      .window(fixed('20s'))
      .combinePerKey(fn, { name: 'Combined' })
      .map('note', ([, result]) => {
        out.push(result);
      });

const early =
  <A, R>(fn: CombineFn<number, A, R>): Build =>
  (pairs) =>
    pairs
      .window(globalWindows(), { trigger: repeatedly(afterCount(1)), accumulation: 'accumulating' })
      .combinePerKey(fn, { name: 'Combined' })
      .map('note', () => 0);

const keeping =
  (spec: StateSpec<unknown>): Build =>
  (pairs) =>
    pairs.parDo('Kept', {
      state: { kept: spec as StateSpec<{ add(n: number): void }> },
      process: ([, n], { state }) => state.kept.add(n),
    });

test('what one CombineFn has accumulated is not gone on with by another', async (t) => {
  const changes: readonly [before: Build, after: Build, difference: RegExp][] = [
    [combining(sum()), combining(max()), /groups:Combined was .* of Sum as .* and is .* of Max /],
    [early(sum()), early(mean()), /groups:Combined was .* of Sum as .* and is .* of Mean /],
    [combining(sum()), combining(least), /groups:Combined was .* of Sum as .* and is .*, accumulators value /],
    [
      keeping(state.combining(sum())),
      keeping(state.combining(mean())),
      /state 'kept' of 'Kept' was combining Sum .* and is combining Mean /,
    ],
  ];
  for (const [before, after, difference] of changes) {
    assert.match(await refused(freshFolder(t), before, after), difference);
  }
});

test('a CombineFn without a name goes on', async (t) => {
  const directory = freshFolder(t);
  await runOn(directory, 2, 'stop', combining(least));
  assert.deepEqual(await runOn(directory, 3, 'drain', combining({ ...least })), [0]);
});

test('states and timers of other kinds are refused', async (t) => {
  const timed =
    (spec: TimerSpec): Build =>
    (pairs) =>
      pairs.parDo('Kept', { timers: { flush: spec }, onTimer: { flush: () => [] }, process: () => [] });
  const changes: readonly [before: Build, after: Build, difference: RegExp][] = [
    [keeping(state.bag<number>()), keeping(state.set<number>()), /state 'kept' of 'Kept' was bag of .* and is set of /],
    [
      timed(timer.eventTime()),
      timed(timer.processingTime()),
      /timer 'flush' of 'Kept' was event time and is processing time/,
    ],
  ];
  for (const [before, after, difference] of changes) {
    assert.match(await refused(freshFolder(t), before, after), difference);
  }
});
