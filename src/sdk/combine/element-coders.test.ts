/** What a combine keeps of its inputs is written by the inputs' coder: elements that the default coder refuses pass through. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertThat, TestPipeline } from '../../testing/index.ts';
import {
  approximateQuantiles,
  type Coder,
  type CombineFn,
  combinePerKey,
  count,
  distinct,
  innerJoin,
  Latest,
  mapInputs,
  max,
  min,
  type PCollection,
  Pipeline,
  Reify,
  reshuffle,
  Sample,
  sample,
  timestamp,
  toList,
  toMap,
  top,
  tuple,
  withTimestamps,
} from '../index.ts';

/** Keeps its state where nobody else can read or write it. */
class Money {
  readonly #cents: number;
  constructor(cents: number) {
    this.#cents = cents;
  }
  get cents(): number {
    return this.#cents;
  }
}

const money: Coder<Money> = {
  urn: 'test:money',
  components: [],
  nonDeterministic: undefined,
  encode: (value, out) => out.varint(value.cents),
  decode: (input) => new Money(input.varint()),
};

const amounts = (p: Pipeline, ...cents: number[]): PCollection<Money> =>
  p.create(
    cents.map((n) => new Money(n)),
    money,
  );
const byCents = (a: Money, b: Money) => a.cents - b.cents;
const cents = (all: readonly Money[]) => all.map((each) => each.cents).sort((a, b) => a - b);
const keyed = (p: Pipeline, ...all: number[]) => amounts(p, ...all).keyBy('parity', (m) => m.cents % 2);

/** Written and read between combine and use, so that the output's coder is put to work as well. */
async function combined<A, R>(fn: CombineFn<Money, A, R>, show: (result: R) => unknown): Promise<unknown[]> {
  const results: unknown[] = [];
  for (const disable of [[], ['combinerLifting']] as const) {
    for (const hotKeyFanOut of [undefined, 2]) {
      const p = new TestPipeline({ disable });
      const options = hotKeyFanOut === undefined ? {} : { hotKeyFanOut };
      const all = amounts(p, 5, 7, 2, 9).combine(fn, options).apply(reshuffle());
      const perKey = keyed(p, 5, 7, 2).apply(combinePerKey(fn, options)).apply(reshuffle());
      const shown = [all.map('show', show).collect('A'), perKey.map('show', ([, result]) => show(result)).collect('B')];
      const result = await p.run();
      results.push(shown.map((each) => result.elements(each).toSorted()));
    }
  }
  for (const result of results.slice(1)) assert.deepEqual(result, results[0]);
  return results[0] as unknown[];
}

test('toList', async () => {
  assert.deepEqual(await combined(toList<Money>(), cents), [[[2, 5, 7, 9]], [[2], [5, 7]]]);
});

test('top', async () => {
  assert.deepEqual(await combined(top<Money>(1, { compare: byCents }), cents), [[[9]], [[2], [7]]]);
});

test('min and max by a comparator', async () => {
  assert.deepEqual(await combined(min<Money>(byCents), (m) => m?.cents), [[2], [2, 5]]);
  assert.deepEqual(await combined(max<Money>(byCents), (m) => m?.cents), [[9], [2, 7]]);
});

test('sample', async () => {
  assert.deepEqual(await combined(sample<Money>(10), cents), [[[2, 5, 7, 9]], [[2], [5, 7]]]);
  assert.deepEqual(await combined(sample<Money>(10, { seed: 1 }), cents), [[[2, 5, 7, 9]], [[2], [5, 7]]]);
});

test('approximateQuantiles', async () => {
  const ends = approximateQuantiles<Money>(2, { compare: byCents });
  assert.deepEqual(await combined(ends, cents), [
    [[2, 9]],
    [
      [2, 2],
      [5, 7],
    ],
  ]);
});

test('toMap', async () => {
  const p = new TestPipeline();
  const pairs = amounts(p, 5, 7).keyBy('cents', (m) => `${m.cents}`);
  const shown = pairs
    .combine(toMap<string, Money>())
    .apply(reshuffle())
    .map('show', (map) => cents([...map.values()]));
  assertThat(shown).containsInAnyOrder([[5, 7]]);
  await p.run();
});

test('tuple, with coders of each part; mapInputs', async () => {
  const fn = tuple({
    all: toList<Money>(),
    n: count(),
    most: max<Money>(byCents),
    total: mapInputs((m: Money) => ({ c: m.cents }), toList<{ c: number }>()),
  });
  const show = ({
    all,
    n,
    most,
    total,
  }: {
    all: readonly Money[];
    n: number;
    most: Money | undefined;
    total: readonly { c: number }[];
  }) => [cents(all), n, most?.cents, total.map(({ c }) => c).sort()];
  assert.deepEqual(await combined(fn, show), [
    [[[2, 5, 7, 9], 4, 9, [2, 5, 7, 9]]],
    [
      [[2], 1, 2, [2]],
      [[5, 7], 2, 7, [5, 7]],
    ],
  ]);
});

test('a CombineFn of a class with private fields makes its own', async () => {
  class Last implements CombineFn<Money, Money[], number> {
    readonly #keep = 1;
    create(): Money[] {
      return [];
    }
    readonly add = (all: Money[], input: Money) => [input, ...all].sort(byCents).slice(-this.#keep);
    merge(parts: Iterable<Money[]>): Money[] {
      return [...parts].flat().sort(byCents).slice(-this.#keep);
    }
    extract([last]: Money[]): number {
      return this.#keep * (last?.cents ?? 0);
    }
    accumulatorCoder(input: Coder<Money>): Coder<Money[]> {
      assert.equal(this.#keep, 1);
      return {
        ...input,
        urn: 'test:last',
        encode: (all, out) => {
          out.varint(all.length);
          for (const each of all) input.encode(each, out, true);
        },
        decode: (from) => Array.from({ length: from.varint() }, () => input.decode(from, true)),
      };
    }
  }
  const p = new TestPipeline();
  assertThat(amounts(p, 3, 8, 5).combine(new Last())).isEqualTo(8);
  await p.run();
  const fn = { ...toList<Money>(), accumulatorCoder: () => ({}) as never };
  assert.throws(() => amounts(new Pipeline(), 1).combine(fn), { code: 'CODER_INVALID' });
});

test('transforms that combine: Latest, Sample, distinct, joins, Reify', async () => {
  const p = new TestPipeline();
  const timed = amounts(p, 5, 7, 2).apply(withTimestamps('at', (m) => timestamp(m.cents)));
  const show = (name: string, all: PCollection<Money | undefined>) => all.apply(reshuffle()).map(name, (m) => m?.cents);
  assertThat(show('latest', timed.apply(Latest.globally()))).containsInAnyOrder([7]);
  assertThat(show('none', amounts(p).apply(Latest.globally()))).containsInAnyOrder([undefined]);
  const latest = timed.keyBy('parity', (m) => m.cents % 2).apply(Latest.perKey());
  assertThat(
    show(
      'values',
      latest
        .apply(reshuffle())
        .map('v', ([, m]) => m)
        .withCoder(money),
    ),
  ).containsInAnyOrder([2, 7]);
  assertThat(show('any', amounts(p, 4, 4).apply(Sample.any(1)))).containsInAnyOrder([4]);
  assertThat(show('distinct', amounts(p, 4, 4, 3).apply(distinct((m) => m.cents)))).containsInAnyOrder([3, 4]);
  const stamped = timed.apply(Reify.timestamps()).apply(reshuffle());
  assertThat(stamped.map('s', ({ value, timestamp }) => value.cents - timestamp)).containsInAnyOrder([0, 0, 0]);
  const joined = keyed(p, 5, 2).apply(innerJoin(keyed(p, 7, 4)));
  assertThat(joined.map('sum', ([, [a, b]]) => a.cents + b.cents)).containsInAnyOrder([12, 6]);
  await p.run();
});
