import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshFolder } from '../../../test/support/fresh-folder.ts';
import { type Build, type Pair, refused, runOn } from '../../../test/support/run-on-numbers.ts';
import {
  type AnyElement,
  afterCount,
  type Coder,
  type CombineFn,
  coders,
  fixed,
  globalWindows,
  IntervalWindow,
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
  type WindowFn,
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
  <A, R>(fn: CombineFn<number, A, R>, windows: WindowFn<IntervalWindow> = fixed('20s')): Build =>
  (pairs, out) =>
    pairs
      .window(windows)
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

const keepAll = (pairs: PCollection<Pair, Window>) =>
  pairs.parDo('Kept', { state: { kept: state.bag<number>() }, process: ([, n], { state }) => state.kept.add(n) });

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

/** Windows of a second under one name, whatever coder they have. */
const seconds = (coder: Coder<IntervalWindow>): WindowFn<IntervalWindow> => ({
  urn: 'test:window_fn:seconds:v1',
  payload: () => new Uint8Array(),
  coder,
  assign(at) {
    const start = Math.floor(at / 1000) * 1000;
    return [new IntervalWindow(timestamp(start), timestamp(start + 1000))];
  },
});

const asText: Coder<IntervalWindow> = {
  urn: 'test:coder:window_text:v1',
  nonDeterministic: undefined,
  components: [],
  encode: ({ start, end }, out) => out.string(`${start} ${end}`),
  decode(input) {
    const [start, end] = input.string().split(' ').map(Number);
    return new IntervalWindow(timestamp(start), timestamp(end));
  },
};

test('custom windows of another coder are refused', async (t) => {
  const original = fixed('1s').coder;
  const builds = [
    (coder: Coder<IntervalWindow>): Build => combining(sum(), seconds(coder)),
    (coder: Coder<IntervalWindow>): Build =>
      (pairs) =>
        keepAll(pairs.window(seconds(coder))),
  ];
  for (const build of builds) {
    const message = await refused(freshFolder(t), build(original), build(asText));
    assert.match(message, /:(Combined|Kept) was .* as interval_window .* and is .* as test:coder:window_text /);
  }
});
