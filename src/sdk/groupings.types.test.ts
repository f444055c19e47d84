/** Type tests of what brings elements together: groupings, combines, joins, windows. */
import { test } from 'node:test';
import { type Equal, ok, wrong } from '../../test/support/type-checks.ts';
import {
  ApproximateQuantiles,
  ApproximateUnique,
  after,
  Count,
  calendarDays,
  coGroupByKey,
  count,
  fixed,
  fullOuterJoin,
  type GlobalWindow,
  type IntervalWindow,
  innerJoin,
  type KV,
  keys,
  kvSwap,
  Latest,
  latest,
  leftOuterJoin,
  Max,
  mapInputs,
  max,
  mean,
  type PCollection,
  Pipeline,
  Reify,
  rightOuterJoin,
  Sample,
  Sum,
  sessions,
  sliding,
  sum,
  type Timestamp,
  type TimestampedValue,
  Top,
  toList,
  toMap,
  top,
  tuple,
  values,
  withKeys,
  withTimestamps,
} from './index.ts';

interface Order {
  readonly user: string;
  readonly amount: number;
}

const p = new Pipeline();
const numbers = p.create([1, 2, 3]);
const strings = p.create(['a', 'b']);
const orders = p.create<Order>([{ user: 'u', amount: 5 }]);
const byUser = orders.keyBy('user', (order) => order.user);
const users = p.create<KV<string, { readonly name: string }>>([]);
const at = 0 as Timestamp;

test('keys and groupings are inferred', () => {
  const grouped = byUser.groupByKey();
  ok<Equal<typeof grouped, PCollection<KV<string, Iterable<Order>>, GlobalWindow>>>();
  const pair = orders.keyBy('pair', (order): readonly [string, number] => [order.user, order.amount]);
  ok<Equal<typeof pair, PCollection<KV<readonly [string, number], Order>, GlobalWindow>>>();
  const amounts = byUser.mapValues('amount', (order) => order.amount);
  ok<Equal<typeof amounts, PCollection<KV<string, number>, GlobalWindow>>>();
  const swapped = amounts.apply(kvSwap());
  ok<Equal<typeof swapped, PCollection<KV<number, string>, GlobalWindow>>>();
  const names = amounts.apply(keys());
  ok<Equal<typeof names, PCollection<string, GlobalWindow>>>();
  const only = amounts.apply(values());
  ok<Equal<typeof only, PCollection<number, GlobalWindow>>>();
  const tagged = strings.apply(withKeys((text) => text.length));
  ok<Equal<typeof tagged, PCollection<KV<number, string>, GlobalWindow>>>();

  wrong(() => {
    // @ts-expect-error groupByKey needs KV elements
    numbers.groupByKey();
    // @ts-expect-error an object is no deterministic key
    numbers.keyBy('k', (n) => ({ n }));
    // @ts-expect-error undefined is no key
    strings.keyBy('k', (text) => text.at(0));
    // @ts-expect-error mapValues needs KV elements
    numbers.mapValues('x', (n) => n);
  });
});

test('combines are inferred', () => {
  const total = numbers.combine(sum());
  ok<Equal<typeof total, PCollection<number, GlobalWindow>>>();
  const perUser = byUser.mapValues('amount', (order) => order.amount).combinePerKey(mean(), { hotKeyFanOut: 4 });
  ok<Equal<typeof perUser, PCollection<KV<string, number>, GlobalWindow>>>();
  const best = orders.combine(top(3, (order: Order) => order.amount));
  ok<Equal<typeof best, PCollection<readonly Order[], GlobalWindow>>>();
  const list = strings.combine(toList<string>());
  ok<Equal<typeof list, PCollection<readonly string[], GlobalWindow>>>();
  const rates = p.create<KV<string, number>>([]).combine(toMap());
  ok<Equal<typeof rates, PCollection<ReadonlyMap<string, number>, GlobalWindow>>>();
  const statistics = tuple({
    n: count(),
    total: mapInputs((order: Order) => order.amount, sum()),
    best: top(1, (order: Order) => order.user),
  });
  const summary = orders.combine(statistics);
  ok<
    Equal<
      typeof summary,
      PCollection<{ readonly n: number; readonly total: number; readonly best: readonly Order[] }, GlobalWindow>
    >
  >();
  const longest = strings.combine(max<string>((a, b) => a.length - b.length));
  ok<Equal<typeof longest, PCollection<string | undefined, GlobalWindow>>>();

  wrong(() => {
    // @ts-expect-error strings cannot be summed
    strings.combine(sum());
    // @ts-expect-error objects have no order of their own
    orders.combine(top(3));
    // @ts-expect-error the parts of a tuple take the same input
    strings.combine(tuple({ n: count(), total: sum() }));
    // @ts-expect-error latest needs timestamps
    strings.combine(latest<string>());
    // @ts-expect-error combinePerKey needs KV elements
    numbers.combinePerKey(sum());
  });
});

test('aggregate transforms are inferred', () => {
  const words = strings.apply(Count.perElement());
  ok<Equal<typeof words, PCollection<KV<string, number>, GlobalWindow>>>();
  const n = orders.apply(Count.globally());
  ok<Equal<typeof n, PCollection<number, GlobalWindow>>>();
  const perKey = byUser.apply(Count.perKey());
  ok<Equal<typeof perKey, PCollection<KV<string, number>, GlobalWindow>>>();
  const hourly = numbers.window(fixed('1h')).apply(Sum.globally());
  ok<Equal<typeof hourly, PCollection<number, IntervalWindow>>>();
  const greatest = numbers.apply(Max.globally());
  ok<Equal<typeof greatest, PCollection<number, GlobalWindow>>>();
  const dearest = byUser.apply(Max.perKey((a: Order, b: Order) => a.amount - b.amount));
  ok<Equal<typeof dearest, PCollection<KV<string, Order>, GlobalWindow>>>();
  const firsts = orders.apply(Top.globally(2, (order) => order.amount));
  ok<Equal<typeof firsts, PCollection<readonly Order[], GlobalWindow>>>();
  const newest = byUser.apply(Latest.perKey());
  ok<Equal<typeof newest, PCollection<KV<string, Order>, GlobalWindow>>>();
  const unique = strings.apply(ApproximateUnique.globally({ error: 0.02 }));
  ok<Equal<typeof unique, PCollection<number, GlobalWindow>>>();
  const quantiles = numbers.apply(ApproximateQuantiles.globally(4));
  ok<Equal<typeof quantiles, PCollection<readonly number[], GlobalWindow>>>();
  const some = orders.apply(Sample.any(2));
  ok<Equal<typeof some, PCollection<Order, GlobalWindow>>>();
  const perKeySample = byUser.apply(Sample.fixedSizePerKey(2));
  ok<Equal<typeof perKeySample, PCollection<KV<string, readonly Order[]>, GlobalWindow>>>();

  wrong(() => {
    // @ts-expect-error an object is no key
    orders.apply(Count.perElement());
    // @ts-expect-error per key of elements without keys
    numbers.apply(Count.perKey());
    // @ts-expect-error strings have no mean
    strings.apply(Sum.globally());
  });
});

test('joins and groupings of several collections are inferred', () => {
  const grouped = coGroupByKey({ users, orders: byUser });
  type Groups = { readonly users: Iterable<{ readonly name: string }>; readonly orders: Iterable<Order> };
  ok<Equal<typeof grouped, PCollection<KV<string, Groups>, GlobalWindow>>>();
  const greeting = grouped.map(
    'greet',
    ([user, { users, orders }]) => [user, [...users][0]?.name, [...orders].length] as const,
  );
  ok<Equal<typeof greeting, PCollection<readonly [string, string, number], GlobalWindow>>>();
  const inner = byUser.apply(innerJoin(users));
  ok<Equal<typeof inner, PCollection<KV<string, readonly [Order, { readonly name: string }]>, GlobalWindow>>>();
  const left = byUser.apply(leftOuterJoin(users));
  ok<Equal<typeof left, PCollection<KV<string, readonly [Order, { readonly name: string } | null]>, GlobalWindow>>>();
  const right = byUser.apply(rightOuterJoin(users));
  ok<Equal<typeof right, PCollection<KV<string, readonly [Order | null, { readonly name: string }]>, GlobalWindow>>>();
  const full = byUser.apply(fullOuterJoin(users)).map('narrow', ([, [order, user]]) => {
    if (order === null) return user.name;
    return order.user;
  });
  ok<Equal<typeof full, PCollection<string, GlobalWindow>>>();

  wrong(() => {
    // @ts-expect-error keys of different types never meet
    coGroupByKey({ users, numbers: numbers.keyBy('n', (n) => n) });
    // @ts-expect-error a collection without keys
    coGroupByKey({ users, strings });
    // @ts-expect-error keys of different types never meet
    byUser.apply(innerJoin(numbers.keyBy('n', (n) => n)));
    // @ts-expect-error collections of different windows never meet
    byUser.apply(innerJoin(users.window(fixed('1h'))));
  });
});

test('windows are inferred', () => {
  const hours = byUser.window(sessions({ gap: '1m' }));
  ok<Equal<typeof hours, PCollection<KV<string, Order>, IntervalWindow>>>();
  const starts = hours.parDo('start', {
    *process([user], { window }) {
      yield [user, window.start] as const;
    },
  });
  ok<Equal<typeof starts, PCollection<readonly [string, Timestamp], IntervalWindow>>>();
  const reified = hours.apply(Reify.windows());
  ok<
    Equal<typeof reified extends PCollection<{ readonly window: infer W }, IntervalWindow> ? W : never, IntervalWindow>
  >();
  const stamped = strings.apply(Reify.timestamps());
  ok<Equal<typeof stamped, PCollection<TimestampedValue<string>, GlobalWindow>>>();
  const timed = strings.apply(withTimestamps('time', () => after(at, '1.5h')));
  ok<Equal<typeof timed, PCollection<string, GlobalWindow>>>();
  strings.window(sliding({ size: '1h', every: '10m' })).window(calendarDays(1, { timeZone: 'Europe/Zurich' }));

  wrong(() => {
    // @ts-expect-error a bad duration
    numbers.window(sessions({ gap: '30 minutes' }));
    // @ts-expect-error a number is no timestamp
    strings.apply(withTimestamps('time', (text) => text.length));
    byUser.parDo('w', {
      *process([user], { window }) {
        // @ts-expect-error the global window has no start
        yield [user, window.start];
      },
    });
  });
});
