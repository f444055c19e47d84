import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshFolder } from '../../../test/support/fresh-folder.ts';
import { type Build, refused } from '../../../test/support/run-on-numbers.ts';
import {
  type AnyElement,
  type Coder,
  coders,
  fixed,
  type OffsetRange,
  OffsetRangeTracker,
  offsetRangeCoder,
  type PCollection,
  resume,
  splittableParDo,
  state,
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
