/** Type tests of what transforms take and give beside elements; see inference.types.test.ts. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  asMap,
  coders,
  count,
  type DoFn,
  type FailedElement,
  fixed,
  flatten,
  type GlobalWindow,
  type IntervalWindow,
  type KV,
  mapInputs,
  max,
  mean,
  type OffsetRange,
  OffsetRangeTracker,
  offsetRangeCoder,
  type PCollection,
  Pipeline,
  type SplittableDoFn,
  splittableParDo,
  state,
  sum,
  type TimeWindowFn,
  timer,
  toList,
  top,
  tuple,
  type WindowFn,
  windowInto,
} from './index.ts';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function ok<_T extends true>(): void {}

const p = new Pipeline();
const numbers = p.create([1, 2, 3]);

test('the coder of a DoFn takes all of its outputs', () => {
  numbers.parDo('strings', { coder: coders.string, process: (n) => [String(n)] });
  numbers.parDo('nullable', { coder: coders.nullable(coders.string), process: (n) => [n > 1 ? 'a' : null] });
  numbers.parDo('wider', { coder: coders.default<string | number>(), process: (n) => [n] });
  // @ts-expect-error the coder has no nulls
  numbers.parDo('nulls', { coder: coders.string, process: (n) => [n > 1 ? 'a' : null] });
  // @ts-expect-error the coder takes strings
  numbers.parDo('numbers', { coder: coders.string, process: (n) => [n] });
  numbers.parDo('generator', {
    coder: coders.double,
    // @ts-expect-error the coder has no undefined
    *process(n) {
      yield n > 1 ? n : undefined;
    },
  });
});

const strings = p.create(['a']);
const windowed = numbers.window(fixed('1m'));

test('flatten gives the union of its elements, in one windowing', () => {
  const both = flatten([strings, numbers]);
  ok<Equal<typeof both, PCollection<string | number, GlobalWindow>>>();
  const three = flatten([strings, numbers, p.create([null])], 'Three');
  ok<Equal<typeof three, PCollection<string | number | null, GlobalWindow>>>();
  const one = flatten([windowed, windowed]);
  ok<Equal<typeof one, PCollection<number, IntervalWindow>>>();
  const list: PCollection<string>[] = [strings, strings];
  const many = flatten(list);
  ok<Equal<typeof many, PCollection<string, GlobalWindow>>>();
  assert.throws(() => {
    // @ts-expect-error other windows
    flatten([windowed, numbers]);
  }, /Flatten/);
});

test('the inputs of a tuple are those of the collection', () => {
  const orders = p.create([{ shop: 'x', amount: 1 }]);
  const statistics = orders.combine(
    tuple({
      n: count(),
      total: mapInputs((order) => order.amount, sum()),
      shops: mapInputs(({ shop }) => shop, toList<string>()),
      best: top(1, { compare: (a, b) => a.amount - b.amount }),
      most: max((a, b) => a.amount - b.amount),
    }),
  );
  statistics.map('x', ({ n, total, shops }) => n + total + shops.length);
  const perShop = orders
    .keyBy('shop', (order) => order.shop)
    .combinePerKey(tuple({ n: count(), mean: mapInputs((order) => order.amount, mean()) }));
  ok<
    Equal<typeof perShop, PCollection<readonly [string, { readonly n: number; readonly mean: number }], GlobalWindow>>
  >();
  const alone = tuple({ n: count(), total: mapInputs((order: { amount: number }) => order.amount, sum()) });
  orders.combine(alone);
  // @ts-expect-error orders have no price
  orders.combine(tuple({ total: mapInputs((order) => order.price, sum()) }));
  // @ts-expect-error numbers have no amount
  numbers.combine(alone);
});

test('a DoFn that does not say its windows fits all', () => {
  const nothing: DoFn<number, never> = { process() {} };
  const strict: DoFn<number, string, {}, {}, IntervalWindow> = { process: (_n, { window }) => [`${window.start}`] };
  const none = windowed.parDo('nothing', nothing);
  ok<Equal<typeof none, PCollection<never, IntervalWindow>>>();
  numbers.parDo('nothing', nothing);
  windowed.parDo('strict', strict);
  // @ts-expect-error the DoFn reads the window's start
  numbers.parDo('strict', strict);
});

test('two outputs are called main and errors, and others by their tags', () => {
  const { main, errors } = numbers.withErrors().map('text', (n) => String(n));
  ok<Equal<typeof main, PCollection<string, GlobalWindow>>>();
  ok<Equal<typeof errors, PCollection<FailedElement<number>, GlobalWindow>>>();
});

test('a window function that looks at elements goes with collections of these', () => {
  const { urn, payload, coder } = fixed('1m');
  const byLength: WindowFn<IntervalWindow, string> = {
    ...{ urn, payload, coder },
    assign: (time, text) => (text.length > 1 ? fixed('1m') : fixed('1h')).assign(time),
  };
  const lengths = strings.window(byLength);
  ok<Equal<typeof lengths, PCollection<string, IntervalWindow>>>();
  // @ts-expect-error it takes strings
  numbers.window(byLength);
  // @ts-expect-error some of the elements are no strings
  flatten([strings, numbers]).window(byLength);
  const wider: WindowFn<IntervalWindow, string | number> = {
    ...{ urn, payload, coder },
    assign: (time) => fixed('1m').assign(time),
  };
  strings.window(wider);
  numbers.apply(windowInto(wider));
  // @ts-expect-error one that looks at elements is not one that looks at timestamps alone
  const blind: TimeWindowFn<IntervalWindow> = byLength;
  assert.ok(blind);
});

test('a late output holds the elements that came in', () => {
  const pairs = windowed.keyBy('key', (n) => String(n));
  const combined = pairs.withLateOutput().combinePerKey(mean());
  ok<Equal<typeof combined.main, PCollection<KV<string, number>, IntervalWindow>>>();
  ok<Equal<typeof combined.late, PCollection<KV<string, number>, IntervalWindow>>>();
  const grouped = pairs.withLateOutput().groupByKey();
  ok<Equal<typeof grouped.main, PCollection<KV<string, Iterable<number>>, IntervalWindow>>>();
  const done = pairs.withLateOutput().parDo('state', {
    state: { last: state.value<number>() },
    outputs: { odd: coders.string },
    process: ([key, n], { state, output }) => {
      state.last.write(n);
      output('odd', key);
      return [n > 0];
    },
  });
  ok<Equal<typeof done.main, PCollection<boolean, IntervalWindow>>>();
  ok<Equal<typeof done.late, PCollection<KV<string, number>, IntervalWindow>>>();
  ok<Equal<typeof done.odd, PCollection<string, IntervalWindow>>>();
  // @ts-expect-error it has no output of that name
  assert.equal(done.even, undefined);
  // @ts-expect-error numbers are no pairs
  assert.ok(() => windowed.withLateOutput().combinePerKey(sum()));
});

test('the context of a splittable DoFn has the types of its declarations', () => {
  const restriction = {
    coder: offsetRangeCoder,
    initial: (): OffsetRange => ({ start: 0, end: 1 }),
    tracker: (range: OffsetRange) => new OffsetRangeTracker(range),
  };
  const read = windowed.apply(
    splittableParDo('read', {
      restriction,
      sides: { names: asMap(strings.keyBy('key', (text) => text.length)) },
      outputs: { odd: coders.string },
      *process(n: number, { sides, output, window, tracker, state }) {
        ok<Equal<typeof sides.names, ReadonlyMap<number, string>>>();
        ok<Equal<typeof window, IntervalWindow>>();
        ok<Equal<typeof state, {}>>();
        tracker.tryClaim(0);
        output('odd', 'text');
        // @ts-expect-error the output is of strings
        output('odd', n);
        // @ts-expect-error there is no such output
        output('even', 'text');
        // @ts-expect-error there is no such side input
        assert.ok(sides.other);
        // @ts-expect-error positions are numbers
        tracker.tryClaim('1');
        yield [n > 0];
      },
    }),
  );
  ok<Equal<typeof read.main, PCollection<boolean, IntervalWindow>>>();
  ok<Equal<typeof read.odd, PCollection<string, IntervalWindow>>>();
  const stateful = windowed.keyBy('key', String).apply(
    splittableParDo('stateful', {
      restriction,
      state: { last: state.value<number>() },
      timers: { end: timer.eventTime() },
      *process([key, n]: KV<string, number>, { state, timers, window }) {
        state.last.write(n);
        timers.end.set(window.maxTimestamp);
        // @ts-expect-error the state is of numbers
        state.last.write(key);
        // @ts-expect-error there is no such timer
        assert.ok(timers.other);
        yield [key];
      },
      onTimer: {
        end: (key, { state, fireTimestamp }) => {
          ok<Equal<typeof key, string>>();
          return [`${state.last.read()} at ${fireTimestamp}`];
        },
      },
    }),
  );
  ok<Equal<typeof stateful, PCollection<string, IntervalWindow>>>();
  windowed.apply(
    // @ts-expect-error state is for pairs
    splittableParDo('keyless', { restriction, state: { last: state.value<number>() }, process: (_n: number) => [[1]] }),
  );
  const plain: SplittableDoFn<number, OffsetRange, number, string> = { restriction, process: () => [['a']] };
  const one = windowed.apply(splittableParDo('plain', plain));
  ok<Equal<typeof one, PCollection<string, IntervalWindow>>>();
  const interval: SplittableDoFn<number, OffsetRange, number, string, {}, {}, IntervalWindow> = {
    restriction,
    process: (_n, { window }) => [[String(window.end)]],
  };
  windowed.apply(splittableParDo('interval', interval));
  // @ts-expect-error it takes intervals, and this is the global window
  numbers.apply(splittableParDo<number, OffsetRange, number, string, {}, {}, GlobalWindow>('global', interval));
  // @ts-expect-error it takes numbers
  strings.apply(splittableParDo('texts', plain));
});
