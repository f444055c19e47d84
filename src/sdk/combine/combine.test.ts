import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertThat, inAnyOrder, TestPipeline } from '../../testing/index.ts';
import {
  approximateUnique,
  asSingleton,
  type CombineFn,
  coders,
  count,
  fixed,
  type KV,
  mapInputs,
  max,
  mean,
  sessions,
  sliding,
  sum,
  timestamp,
  toList,
  toMap,
  top,
  toSet,
  tuple,
  withTimestamps,
} from '../index.ts';

const words = ['a', 'b', 'a', 'c', 'a', 'b'];

describe('combine', () => {
  test('several in one pass', async () => {
    const p = new TestPipeline();
    const orders = p.create([
      { shop: 'x', amount: 5 },
      { shop: 'y', amount: 7 },
      { shop: 'x', amount: 1 },
    ]);
    type Order = { readonly shop: string; readonly amount: number };
    const amount = (order: Order) => order.amount;
    const statistics = tuple({
      orders: count(),
      total: mapInputs(amount, sum()),
      average: mapInputs(amount, mean()),
      shops: mapInputs((order: Order) => order.shop, approximateUnique<string>()),
      best: top(1, amount),
    });
    assert.equal(tuple({ orders: count(), total: sum() }).name, 'OrdersAndTotal');
    assertThat(orders.combine(statistics)).isEqualTo({
      orders: 3,
      total: 13,
      average: 13 / 3,
      shops: 2,
      best: [{ shop: 'y', amount: 7 }],
    });
    const perShop = orders.keyBy('shop', (order) => order.shop).combinePerKey(statistics);
    assertThat(perShop.mapValues('n', (of) => [of.orders, of.total])).containsInAnyOrder([
      ['x', [2, 6]],
      ['y', [1, 7]],
    ]);
    await p.run();
  });

  test('to collections that serve as side inputs', async () => {
    const p = new TestPipeline();
    const rates = p
      .create<KV<string, number>>([
        ['EUR', 2],
        ['USD', 3],
      ])
      .combine(toMap());
    const side = asSingleton(rates);
    const priced = p
      .create([
        ['EUR', 10],
        ['USD', 10],
      ] as const)
      .parDo('convert', {
        sides: { side },
        *process([currency, price], { sides }) {
          yield (sides.side.get(currency) ?? 0) * price;
        },
      });
    assertThat(priced).containsInAnyOrder([20, 30]);
    assertThat(p.create(words).combine(toSet())).isEqualTo(new Set(['a', 'b', 'c']));
    assertThat(p.create(words).combine(toSet(), { hotKeyFanOut: 3 })).isEqualTo(new Set(['a', 'b', 'c']));
    assertThat(p.create(words).combine(toList())).isEqualTo(inAnyOrder(words));
    await p.run();
  });

  test('toMap fails on a second value of a key, unless it is told what to do', async () => {
    const pairs: KV<string, number>[] = [
      ['a', 1],
      ['a', 2],
    ];
    const p = new TestPipeline();
    p.create(pairs).combine(toMap());
    await assert.rejects(p.run(), { code: 'DUPLICATE_KEY' });
    const q = new TestPipeline();
    assertThat(q.create(pairs).combine(toMap({ onDuplicate: (a, b) => a + b }))).isEqualTo(new Map([['a', 3]]));
    await q.run();
  });

  test('with a hot-key fan-out gives the same', async () => {
    const p = new TestPipeline();
    const keyed = p.create(words).keyBy('word', (word) => word);
    for (const hotKeyFanOut of [1, 2, 7]) {
      assertThat(keyed.combinePerKey(count(), { hotKeyFanOut })).containsInAnyOrder([
        ['a', 3],
        ['b', 2],
        ['c', 1],
      ]);
      assertThat(keyed.combinePerKey(approximateUnique<string>(), { hotKeyFanOut })).containsInAnyOrder([
        ['a', 1],
        ['b', 1],
        ['c', 1],
      ]);
      assertThat(keyed.combinePerKey(toList<string>(), { hotKeyFanOut })).containsInAnyOrder([
        ['a', ['a', 'a', 'a']],
        ['b', ['b', 'b']],
        ['c', ['c']],
      ]);
    }
    await p.run();
    assert.throws(() => keyed.combinePerKey(count(), { hotKeyFanOut: 0 }), { code: 'PIPELINE_SEALED' });
    const q = new TestPipeline().create<KV<string, number>>([]);
    assert.throws(() => q.combinePerKey(count(), { hotKeyFanOut: 0 }), { code: 'COMBINE_FAN_OUT' });
  });

  test('with a hot-key fan-out merges the sessions of all parts', async () => {
    const p = new TestPipeline();
    const seconds = [0, 5, 11, 18, 40, 44];
    const clicks = p
      .create(seconds)
      .apply(withTimestamps('time', (second) => timestamp(second * 1000)))
      .window(sessions({ gap: '10s' }))
      .keyBy('user', () => 'u');
    assertThat(clicks.combinePerKey(count())).containsInAnyOrder([
      ['u', 4],
      ['u', 2],
    ]);
    assertThat(clicks.combinePerKey(count(), { hotKeyFanOut: 3 })).containsInAnyOrder([
      ['u', 4],
      ['u', 2],
    ]);
    const lasts = clicks.combinePerKey(max(), { hotKeyFanOut: 2 });
    assertThat(lasts).containsInAnyOrder([
      ['u', 18],
      ['u', 44],
    ]);
    await p.run();
  });

  test('works with a CombineFn of the user, compacted and with a coder of its own', async () => {
    const longest: CombineFn<string, string, number> = {
      create: () => '',
      add: (accumulator, word) => (word.length > accumulator.length ? word : accumulator),
      merge: (accumulators) => [...accumulators].reduce((a, b) => (a.length >= b.length ? a : b), ''),
      extract: (accumulator) => accumulator.length,
      compact: (accumulator) => accumulator,
      coder: coders.string,
    };
    const p = new TestPipeline();
    assertThat(p.create(['ab', 'abc', 'a']).combine(longest)).isEqualTo(3);
    assertThat(p.create<string>([]).combine(longest)).isEqualTo(0);
    await p.run();
    const twice = new TestPipeline().create(['a']);
    assert.throws(() => twice.combine(count as never), { code: 'COMBINE_FN_INVALID' });
  });
});

describe('grouping by windows', () => {
  const times = (p: TestPipeline, seconds: readonly number[]) =>
    p.create(seconds).apply(withTimestamps('time', (second) => timestamp(second * 1000)));

  test('fixed, sliding and session windows divide each key', async () => {
    const p = new TestPipeline();
    const keyed = times(p, [10, 50, 70, 130]).keyBy('key', () => 'k');
    assertThat(keyed.window(fixed('1m')).groupByKey()).containsInAnyOrder([
      ['k', inAnyOrder([10, 50])],
      ['k', [70]],
      ['k', [130]],
    ]);
    assertThat(keyed.window(sliding({ size: '2m', every: '1m' })).combinePerKey(sum())).containsInAnyOrder([
      ['k', 60],
      ['k', 130],
      ['k', 200],
      ['k', 130],
    ]);
    assertThat(keyed.window(sessions({ gap: '30s' })).combinePerKey(toList<number>())).containsInAnyOrder([
      ['k', [10]],
      ['k', inAnyOrder([50, 70])],
      ['k', [130]],
    ]);
    await p.run();
  });

  test('sessions of different keys do not merge', async () => {
    const p = new TestPipeline();
    const clicks = times(p, [0, 1, 2, 3]).window(sessions({ gap: '2s' }));
    const perParity = clicks.keyBy('parity', (second) => second % 2).combinePerKey(count());
    assertThat(perParity).containsInAnyOrder([
      [0, 1],
      [0, 1],
      [1, 1],
      [1, 1],
    ]);
    assertThat(clicks.combine(count())).containsInAnyOrder([4]);
    await p.run();
  });
});
