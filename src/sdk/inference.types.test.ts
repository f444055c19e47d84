/**
 * Type tests: what is inferred is checked by `Equal`, and what must not compile stands below `@ts-expect-error`, which is
 * itself an error once the line compiles. Building the graphs is all that happens at run time.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ApproximateQuantiles,
  ApproximateUnique,
  after,
  asIterable,
  asList,
  asMap,
  asMultimap,
  asSingleton,
  batchElements,
  Count,
  calendarDays,
  coders,
  coGroupByKey,
  count,
  type DoFn,
  distinct,
  fixed,
  flatten,
  flattenIterables,
  fullOuterJoin,
  type GlobalWindow,
  groupIntoBatches,
  type IntervalWindow,
  innerJoin,
  type KV,
  keys,
  kvSwap,
  Latest,
  latest,
  leftOuterJoin,
  Max,
  map,
  mapInputs,
  max,
  mean,
  type PCollection,
  Pipeline,
  parDo,
  partition,
  pipeline,
  Regex,
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
  transform,
  tuple,
  values,
  Wait,
  withKeys,
  withTimestamps,
} from './index.ts';

type Yes<A> = <T>() => T extends A ? 1 : 2;
type Equal<A, B> = Yes<A> extends Yes<B> ? true : false;
function ok<T extends true>(): T | undefined {
  return undefined;
}

interface Order {
  readonly user: string;
  readonly amount: number;
}

/** Statements that must be errors of the compiler; what they do at run time does not matter. */
function wrong(body: () => void): void {
  try {
    body();
  } catch {
    // Most are refused when the graph is built, too.
  }
}

// @ts-expect-error so that a broken Equal is noticed
ok<Equal<{ readonly a: string }, { readonly a: number }>>();

const p = new Pipeline();
const numbers = p.create([1, 2, 3]);
const strings = p.create(['a', 'b']);
const orders = p.create<Order>([{ user: 'u', amount: 5 }]);
const byUser = orders.keyBy('user', (order) => order.user);
const users = p.create<KV<string, { readonly name: string }>>([]);
const at = 0 as Timestamp;

test('elements are inferred', () => {
  ok<Equal<typeof numbers, PCollection<number>>>();
  ok<Equal<typeof byUser, PCollection<KV<string, Order>, GlobalWindow>>>();
  const mapped = numbers.map('text', (n) => String(n));
  ok<Equal<typeof mapped, PCollection<string, GlobalWindow>>>();
  const awaited = numbers.map('later', async (n) => n > 1);
  ok<Equal<typeof awaited, PCollection<boolean, GlobalWindow>>>();
  const many = strings.flatMap('letters', (text) => text.split(''));
  ok<Equal<typeof many, PCollection<string, GlobalWindow>>>();
  const streamed = strings.flatMap('stream', async function* (text) {
    yield text.length;
  });
  ok<Equal<typeof streamed, PCollection<number, GlobalWindow>>>();
  const mixed = p.create<number | string>([1, 'a']);
  const narrowed = mixed.filter('numbers', (x) => typeof x === 'number');
  ok<Equal<typeof narrowed, PCollection<number, GlobalWindow>>>();
  const all = flatten([strings, mapped]);
  ok<Equal<typeof all, PCollection<string, GlobalWindow>>>();

  wrong(() => {
    // @ts-expect-error a string has no toFixed
    strings.map('x', (text) => text.toFixed());
    // @ts-expect-error collections of different elements
    flatten<string, GlobalWindow>([strings, numbers]);
    // @ts-expect-error a predicate gives a boolean
    numbers.filter('x', (n) => n);
  });
});

test('what looks like a pair is inferred as one', () => {
  const ones = strings.map('one', (text) => [text, 1]);
  ok<Equal<typeof ones, PCollection<[string, number], GlobalWindow>>>();
  const counted = ones.combinePerKey(sum());
  ok<Equal<typeof counted, PCollection<KV<string, number>, GlobalWindow>>>();
  const several = strings.flatMap('two', (text) => [
    [text, 1],
    [text, 2],
  ]);
  ok<Equal<typeof several, PCollection<[string, number], GlobalWindow>>>();
  const yielded = strings.parDo('yield', {
    *process(text) {
      yield [text, text.length];
    },
  });
  ok<Equal<typeof yielded, PCollection<[string, number], GlobalWindow>>>();
  const created = p.create([
    ['a', 1],
    ['b', 2],
  ]);
  ok<Equal<typeof created, PCollection<[string, number], GlobalWindow>>>();
  const caught = strings.withErrors().map('one', (text) => [text, 1]);
  ok<Equal<typeof caught.main, PCollection<[string, number], GlobalWindow>>>();
  const words = strings.map('words', (text) => text.split(' '));
  ok<Equal<typeof words, PCollection<string[], GlobalWindow>>>();
  const kinds = strings.map('kind', (text) => ({ kind: 'word', text }));
  ok<Equal<typeof kinds, PCollection<{ kind: string; text: string }, GlobalWindow>>>();
});

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

test('side inputs and tagged outputs are inferred', () => {
  const totals = byUser.mapValues('amount', (order) => order.amount).combinePerKey(sum());
  const sides = {
    total: asMap(totals),
    names: asMultimap(users),
    n: asSingleton(numbers.combine(count())),
    each: asIterable(numbers),
    list: asList(strings),
  };
  const shares = orders.parDo('share', {
    sides,
    *process(order, { sides: { total, names, n, each, list } }) {
      ok<Equal<typeof total, ReadonlyMap<string, number>>>();
      ok<Equal<typeof names, ReadonlyMap<string, readonly { readonly name: string }[]>>>();
      ok<Equal<typeof each, Iterable<number>>>();
      ok<Equal<typeof list, readonly string[]>>();
      yield order.amount / (total.get(order.user) ?? n);
    },
  });
  ok<Equal<typeof shares, PCollection<number, GlobalWindow>>>();
  const split = numbers.parDo('split', {
    outputs: { odd: coders.double, text: coders.string },
    *process(n, { output }) {
      if (n % 2 === 1) output('odd', n);
      else output('text', String(n));
      yield n > 1;
    },
  });
  ok<Equal<(typeof split)['main'], PCollection<boolean, GlobalWindow>>>();
  ok<Equal<(typeof split)['odd'], PCollection<number, GlobalWindow>>>();
  ok<Equal<(typeof split)['text'], PCollection<string, GlobalWindow>>>();
  const safe = strings.withErrors().map('parse', (text) => JSON.parse(text) as Order);
  ok<Equal<typeof safe.main, PCollection<Order, GlobalWindow>>>();
  const failed = safe.errors.map('text', ({ element, error }) => `${element.length} ${error.message}`);
  ok<Equal<typeof failed, PCollection<string, GlobalWindow>>>();

  wrong(() => {
    numbers.parDo('split', {
      outputs: { odd: coders.double },
      *process(n, { output }) {
        // @ts-expect-error no such output
        output('even', n);
        // @ts-expect-error the output holds numbers
        output('odd', 'n');
        yield n;
      },
    });
    // @ts-expect-error a bare collection is no side input
    numbers.parDo('x', { sides: { strings }, *process() {} });
    // @ts-expect-error a map needs KV elements
    asMap(strings);
    // @ts-expect-error an index without a part
    numbers.apply(partition('x', ['a', 'b'], () => 'c'));
  });
});

test('other transforms are inferred', () => {
  const parts = numbers.apply(partition('size', ['small', 'large'], (n) => (n < 2 ? 'small' : 'large')));
  ok<
    Equal<
      typeof parts,
      { readonly small: PCollection<number, GlobalWindow>; readonly large: PCollection<number, GlobalWindow> }
    >
  >();
  const once = strings.apply(distinct());
  ok<Equal<typeof once, PCollection<string, GlobalWindow>>>();
  const oncePerUser = orders.apply(distinct((order) => order.user));
  ok<Equal<typeof oncePerUser, PCollection<Order, GlobalWindow>>>();
  const batches = orders.apply(batchElements({ maxSize: 10 }));
  ok<Equal<typeof batches, PCollection<readonly Order[], GlobalWindow>>>();
  const perUser = byUser.apply(groupIntoBatches(10));
  ok<Equal<typeof perUser, PCollection<KV<string, readonly Order[]>, GlobalWindow>>>();
  const flat = batches.apply(flattenIterables());
  ok<Equal<typeof flat, PCollection<Order, GlobalWindow>>>();
  const waited = orders.apply(Wait.on(numbers, strings));
  ok<Equal<typeof waited, PCollection<Order, GlobalWindow>>>();
  const found = strings.apply(Regex.find(/a/));
  ok<Equal<typeof found, PCollection<string, GlobalWindow>>>();
  const countWords = transform('CountWords', (lines: PCollection<string>) =>
    lines.flatMap('words', (line) => line.split(' ')).apply(Count.perElement()),
  );
  const counted = strings.apply('count', countWords);
  ok<Equal<typeof counted, PCollection<KV<string, number>, GlobalWindow>>>();

  wrong(() => {
    // @ts-expect-error an object is no key
    orders.apply(distinct());
    // @ts-expect-error lines are strings
    numbers.apply(countWords);
    // @ts-expect-error regular expressions work on strings
    numbers.apply(Regex.find(/a/));
  });
});

test('a DoFn of a class is inferred like one in place', () => {
  class Lengths implements DoFn<string, number> {
    *process(text: string) {
      yield text.length;
    }
  }
  const lengths = strings.apply(parDo('lengths', new Lengths()));
  ok<Equal<typeof lengths, PCollection<number, GlobalWindow>>>();
  assert.ok(p.graph.transforms.size > 50);
});

test('options and the pipeline that they are for are inferred', () => {
  const wordcount = pipeline('inferred word count', { input: coders.string, top: coders.safeInt }, (begin, options) => {
    ok<Equal<typeof options, { readonly input: string; readonly top: number }>>();
    const lines = begin.create([options.input]);
    const counts = lines
      .flatMap('words', (line) => line.toLowerCase().match(/\p{L}+/gu) ?? [])
      .keyBy('word', (word) => word)
      .combinePerKey(count())
      .map('format', ([word, n]) => `${word}: ${n}`);
    ok<Equal<typeof counts, PCollection<string, GlobalWindow>>>();
  });

  wrong(() => {
    // @ts-expect-error the option is a string
    wordcount.build({ input: 1, top: 1 });
  });
});

test('what takes numbers does not take numbers and nulls', () => {
  const numbers = p.create<number | null>([1, null]);
  const keyed = numbers.keyBy('key', () => 'a');
  numbers
    .filter('present', (n) => n !== null)
    .combine(tuple({ n: count(), sum: sum() }))
    .map('add', ({ n, sum }) => n + sum);

  class Lengths implements DoFn<number, number> {
    process(n: number) {
      return [n];
    }
  }
  const double = transform('Double', (input: PCollection<number>) => input.map('double', (n) => 2 * n));

  wrong(() => {
    // @ts-expect-error null is not added
    numbers.combine(sum());
    // @ts-expect-error nor per key
    keyed.combinePerKey(sum());
    // @ts-expect-error nor by the transform
    numbers.apply(Sum.globally());
    // @ts-expect-error nor in a tuple
    numbers.combine(tuple({ sum: sum() }));
    // @ts-expect-error no number is a string
    strings.combine(tuple({ length: mapInputs((text: string) => text.length, sum()), sum: sum() }));
    // @ts-expect-error the element may be null
    numbers.parDo('process', { process: (n: number) => [n] });
    // @ts-expect-error the DoFn takes numbers
    numbers.parDo('process', new Lengths());
    // @ts-expect-error the function takes numbers
    numbers.apply(map('map', (n: number) => n));
    // @ts-expect-error the composite takes numbers
    numbers.apply(double);
    // @ts-expect-error the coder takes numbers
    numbers.withCoder(coders.double);
    // @ts-expect-error the coder takes numbers
    p.create([1, null], coders.double);
    // @ts-expect-error there are two outputs, main and errors
    numbers.withErrors().map('map', (n) => n).failures;
  });
});
