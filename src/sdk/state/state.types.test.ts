/** Type tests of state and timers: `Equal` checks what is inferred; below `@ts-expect-error` stands what must not compile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type BagState,
  type CombiningState,
  coders,
  count,
  type DoFn,
  fixed,
  type GlobalWindow,
  type IntervalWindow,
  type Key,
  type KV,
  type MapState,
  type OrderedListState,
  type PCollection,
  Pipeline,
  type ProcessContext,
  parDo,
  type SetState,
  state,
  sum,
  type Timer,
  type TimerContext,
  type TimerFamily,
  type Timestamp,
  timer,
  transform,
  type ValueState,
} from '../index.ts';

type Yes<A> = <T>() => T extends A ? 1 : 2;
type Equal<A, B> = Yes<A> extends Yes<B> ? true : false;
function ok<T extends true>(): T | undefined {
  return undefined;
}
function wrong(body: () => void): void {
  try {
    body();
  } catch {
    // Most are refused when the graph is built, too.
  }
}

interface Click {
  readonly user: string;
  readonly page: string;
}

const p = new Pipeline();
const numbers = p.create([1, 2, 3]);
const clicks = p.create<Click>([]).keyBy('user', (click) => click.user);

test('handles are inferred from specs', () => {
  const out = clicks.window(fixed('1h')).parDo('all kinds', {
    state: {
      last: state.value<Click>(),
      pages: state.bag(coders.string),
      n: state.combining(count()),
      byPage: state.map<string, number>(),
      coded: state.map(coders.string, coders.double),
      ids: state.set<string>(),
      list: state.orderedList(coders.double),
    },
    timers: { idle: timer.eventTime(), flush: timer.processingTime(), each: timer.eventTimeFamily() },
    *process([user, click], context) {
      ok<Equal<typeof user, string>>();
      ok<Equal<typeof click, Click>>();
      const { state, timers } = context;
      ok<Equal<typeof state.last, ValueState<Click>>>();
      ok<Equal<typeof state.pages, BagState<string>>>();
      ok<Equal<typeof state.n extends CombiningState<unknown, infer _A, infer R> ? R : never, number>>();
      ok<Equal<typeof state.byPage, MapState<string, number>>>();
      ok<Equal<typeof state.coded, MapState<string, number>>>();
      ok<Equal<typeof state.ids, SetState<string>>>();
      ok<Equal<typeof state.list, OrderedListState<number>>>();
      ok<Equal<typeof timers.idle, Timer>>();
      ok<Equal<typeof timers.each, TimerFamily>>();
      ok<Equal<typeof context.window, IntervalWindow>>();
      timers.idle.set(context.timestamp, { outputTimestamp: 'none' });
      timers.flush.setRelative('1m', { align: '10s' });
      timers.each.set(click.page, context.timestamp);
      // @ts-expect-error a family needs a tag
      timers.each.set(context.timestamp);
      // @ts-expect-error a number is no timestamp
      timers.idle.set(1);
      // @ts-expect-error no such state
      state.first;
      // @ts-expect-error no such timer
      timers.late;
      // @ts-expect-error the bag holds strings
      state.pages.add(1);
      yield click.page.length;
    },
    onTimer: {
      idle: (user, { window, fireTimestamp, state }) => {
        ok<Equal<typeof user, string>>();
        ok<Equal<typeof window, IntervalWindow>>();
        ok<Equal<typeof fireTimestamp, Timestamp>>();
        return [state.n.read()];
      },
      *flush(_user, { state }) {
        yield state.last.read()?.page.length ?? 0;
      },
      each(_user, { tag, timers }) {
        ok<Equal<typeof tag, string>>();
        timers.idle.clear();
      },
    },
    onWindowExpiration: (user, { state, window }) => {
      ok<Equal<typeof user, string>>();
      ok<Equal<typeof window, IntervalWindow>>();
      return [state.n.read()];
    },
  });
  ok<Equal<typeof out, PCollection<number, IntervalWindow>>>();
});

test('what only timers emit is the output', () => {
  const idle = clicks.parDo('watch', {
    state: { n: state.combining(count()) },
    timers: { idle: timer.eventTime() },
    process([, click], { state, timers, timestamp }) {
      state.n.add(click);
      timers.idle.set(timestamp);
    },
    onTimer: {
      *idle(user, { state }) {
        yield { user, clicks: state.n.read() };
      },
    },
  });
  ok<Equal<typeof idle, PCollection<{ user: string; clicks: number }, GlobalWindow>>>();
  const tagged = clicks.parDo('tagged', {
    timers: { idle: timer.eventTime() },
    outputs: { users: coders.string },
    process(_click, { timers, timestamp }) {
      timers.idle.set(timestamp);
    },
    onTimer: {
      idle(user, { output }) {
        output('users', user);
      },
    },
  });
  ok<Equal<(typeof tagged)['users'], PCollection<string, GlobalWindow>>>();
});

test('a composite for any key, and a DoFn of a class', () => {
  const first = <K extends Key, V>() =>
    transform('First', (input: PCollection<KV<K, V>>) =>
      input.parDo('first', {
        state: { seen: state.value<boolean>() },
        *process([key, value], { state }) {
          if (state.seen.read() === true) return;
          state.seen.write(true);
          yield [key, value] as const;
        },
      }),
    );
  const firsts = clicks.apply(first());
  ok<Equal<typeof firsts, PCollection<readonly [string, Click], GlobalWindow>>>();

  class Totals
    implements DoFn<KV<string, number>, number, {}, {}, GlobalWindow, typeof Totals.state, typeof Totals.timers>
  {
    static readonly state = { total: state.combining(sum()) };
    static readonly timers = { out: timer.processingTime() };
    readonly state = Totals.state;
    readonly timers = Totals.timers;
    readonly onTimer = {
      out: (_key: string, { state }: TimerContext<{}, {}, GlobalWindow, typeof Totals.state>) => [state.total.read()],
    };
    process(
      [, n]: KV<string, number>,
      context: ProcessContext<{}, {}, GlobalWindow, typeof Totals.state, typeof Totals.timers>,
    ) {
      context.state.total.add(n);
      context.timers.out.setRelative('1s');
    }
  }
  const totals = clicks.mapValues('length', (click) => click.page.length).apply(parDo('totals', new Totals()));
  ok<Equal<typeof totals, PCollection<number, GlobalWindow>>>();
  const safe = clicks.withErrors().parDo('safe', {
    state: { n: state.value<number>() },
    *process(_click, { state }) {
      yield state.n.read() ?? 0;
    },
  });
  ok<Equal<typeof safe.main, PCollection<number, GlobalWindow>>>();
  assert.ok(p.graph.transforms.size > 5);
});

test('what must not compile', () => {
  wrong(() => {
    // @ts-expect-error state on an unkeyed collection
    numbers.parDo('x', { state: { n: state.value<number>() }, *process() {} });
    // @ts-expect-error timers on an unkeyed collection
    numbers.parDo('x', { timers: { t: timer.eventTime() }, *process() {} });
    // @ts-expect-error order in time on an unkeyed collection
    numbers.parDo('x', { requiresTimeSortedInput: true, *process() {} });
    clicks.parDo('x', {
      timers: { t: timer.eventTime() },
      process() {},
      // @ts-expect-error a handler is missing
      onTimer: {},
    });
    // @ts-expect-error an object is no deterministic key
    state.map<{ id: number }, number>();
    // @ts-expect-error an object is told apart only by a coder
    state.set<{ id: number }>();
    clicks.parDo('x', {
      state: { n: state.combining(sum()) },
      process([, click], { state }) {
        // @ts-expect-error the sum takes numbers
        state.n.add(click);
      },
    });
    clicks.parDo('x', {
      state: { n: state.value<number>() },
      process() {},
      onWindowExpiration(_key, context) {
        // @ts-expect-error timers cannot be set any more
        context.timers;
      },
    });
  });
});
