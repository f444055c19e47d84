/**
 * Type tests: what is inferred is checked by `Equal`, and what must not compile stands below `@ts-expect-error`, which is
 * itself an error once the line compiles. Building the graphs is all that happens at run time.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Equal, ok, wrong } from '../../test/support/type-checks.ts';
import {
  asIterable,
  asList,
  asMap,
  asMultimap,
  asSingleton,
  batchElements,
  Count,
  coders,
  count,
  type DoFn,
  distinct,
  flatten,
  flattenIterables,
  type GlobalWindow,
  groupIntoBatches,
  type KV,
  map,
  mapInputs,
  type PCollection,
  Pipeline,
  parDo,
  partition,
  pipeline,
  Regex,
  Sum,
  sum,
  transform,
  tuple,
  Wait,
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
