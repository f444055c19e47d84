import { type Key, type KV, type Pipeline, reshuffle, sum } from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { at, sorted, timesOf, windowsOf } from '../elements.ts';

/** Two values of each key are grouped and no more. */
function keyed(name: string, rule: string, keys: readonly Key[]) {
  return {
    name: `keys/${name}`,
    rule,
    pipeline(p: Pipeline) {
      const pairs = [...keys, ...keys.toReversed()].map((key, i): KV<Key, number> => [key, i]);
      const groups = p.create(pairs).groupByKey();
      const last = 2 * keys.length - 1;
      assertThat(sorted(groups)).containsInAnyOrder(keys.map((key, i): KV<Key, number[]> => [key, [i, last - i]]));
    },
  };
}

export const groupByKey = topic('grouping/group-by-key', 'Guide: GroupByKey; GroupByKeyTest', [
  {
    name: 'values-of-a-key',
    rule: 'All values of a key come together, those of other keys apart',
    source: 'GroupByKeyTest.testGroupByKey; fn_runner_test.py test_group_by_key',
    pipeline(p) {
      const pairs = p.create<KV<string, number>>([
        ['k1', 3],
        ['k5', 1],
        ['k1', 4],
        ['k2', 66],
        ['k2', -33],
        ['k3', 0],
      ]);
      assertThat(sorted(pairs.groupByKey())).containsInAnyOrder([
        ['k1', [3, 4]],
        ['k5', [1]],
        ['k2', [-33, 66]],
        ['k3', [0]],
      ]);
    },
  },
  {
    name: 'empty',
    rule: 'Of no elements there are no groups',
    source: 'GroupByKeyTest.testGroupByKeyEmpty',
    pipeline: (p) => assertThat(sorted(p.create<KV<string, number>>([]).groupByKey())).isEmpty(),
  },
  {
    name: 'equal-values',
    rule: 'Equal pairs stay separate values',
    pipeline(p) {
      const pairs = p.create<KV<string, number>>([
        ['a', 1],
        ['a', 1],
        ['a', 1],
      ]);
      assertThat(sorted(pairs.groupByKey())).isEqualTo(['a', [1, 1, 1]]);
    },
  },
  {
    name: 'null-values',
    rule: 'Null values are values',
    source: 'ptransform_test.py test_group_by_key; fn_runner_test.py test_group_by_key_with_empty_pcoll_elements',
    pipeline(p) {
      const pairs = p.create<KV<string, number | null>>([
        ['a', null],
        ['a', 1],
        ['b', null],
      ]);
      const sizes = pairs.groupByKey().mapValues('size', (values) => [...values].length);
      assertThat(sizes).containsInAnyOrder([
        ['a', 2],
        ['b', 1],
      ]);
    },
  },
  keyed('strings', 'Keys may be strings, the empty one too', ['', 'a', 'b', 'A', 'ä', '😀', ' ']),
  keyed('numbers', 'Keys may be numbers', [0, 1, -1, 1.5, 1e300, -1e-300, 2 ** 53, Number.POSITIVE_INFINITY]),
  keyed('bigints', 'Keys may be integers of any size', [0n, 1n, -1n, 2n ** 63n, -(2n ** 100n)]),
  keyed('booleans', 'Keys may be booleans', [true, false]),
  keyed('null', 'Null may be a key', [null, 'null', 0]),
  keyed('bytes', 'Keys may be bytes, compared by content', [
    new Uint8Array(0),
    Uint8Array.of(0),
    Uint8Array.of(0, 0),
    Uint8Array.of(255),
    Uint8Array.of(1, 2, 3),
  ]),
  keyed('tuples', 'Keys may be tuples, compared by content', [[], ['a'], ['a', 1], ['a', ['b']], [null], [['a'], 'b']]),
  {
    name: 'iterable/twice',
    rule: 'The values of a group can be read again',
    source: 'ptransform_test.py test_group_by_key_reiteration; cogbk.go GBKShortRead',
    pipeline(p) {
      const out = p
        .create<KV<string, number>>([
          ['a', 1],
          ['a', 2],
        ])
        .groupByKey()
        .map('twice', ([, values]) => {
          let total = 0;
          for (const one of values) for (const other of values) total += one * other;
          return total;
        });
      assertThat(out).isEqualTo(9);
    },
  },
  {
    name: 'iterable/abandoned',
    rule: 'A reader may stop before the last value; the next group is whole',
    source: 'cogbk.go GBKShortRead',
    pipeline(p) {
      const pairs = p.create([0]).flatMap('pairs', function* (): Generator<KV<number, number>> {
        for (let i = 0; i < 10_000; i++) yield [i % 10, i];
      });
      const firsts = pairs.groupByKey().map('some', ([key, values]) => {
        let seen = 0;
        for (const _value of values) if (++seen === 3) break;
        return [key, seen] as KV<number, number>;
      });
      assertThat(firsts).containsInAnyOrder(Array.from({ length: 10 }, (_, key): KV<number, number> => [key, 3]));
    },
  },
  {
    name: 'iterable/unread',
    rule: 'A group need not be read at all',
    pipeline(p) {
      const pairs = p.create<KV<string, number>>([
        ['a', 1],
        ['b', 2],
      ]);
      assertThat(pairs.groupByKey().map('key', ([key]) => key)).containsInAnyOrder(['a', 'b']);
    },
  },
  {
    name: 'many-values',
    rule: 'A group may have more values than fit one buffer',
    source: 'fn_runner_test.py test_gbk_many_values',
    pipeline(p) {
      const pairs = p.create([0, 1]).flatMap('many', function* (n): Generator<KV<string, string>> {
        for (let i = 0; i < 20_000; i++) yield ['k', `value ${n} ${i} ${'x'.repeat(50)}`];
      });
      const sizes = pairs.groupByKey().map('count', ([, values]) => {
        let [count, characters] = [0, 0];
        for (const value of values) {
          count++;
          characters += value.length;
        }
        return [count, characters > 40_000 * 50] as const;
      });
      assertThat(sizes).isEqualTo([40_000, true]);
    },
  },
  {
    name: 'many-keys',
    rule: 'There may be more keys than fit one buffer',
    pipeline(p) {
      const pairs = p.create([0, 1]).flatMap('many', function* (n): Generator<KV<number, number>> {
        for (let i = 0; i < 20_000; i++) yield [i, n];
      });
      const wrong = pairs.groupByKey().filter('wrong', ([, values]) => [...values].sort().join() !== '0,1');
      assertThat(wrong).isEmpty();
      assertThat(
        pairs
          .groupByKey('Again')
          .map('one', () => 1)
          .combine(sum()),
      ).isEqualTo(20_000);
    },
  },
  {
    name: 'of-groups',
    rule: 'Groups can be grouped again by another key',
    pipeline(p) {
      const pairs = p.create<KV<string, number>>([
        ['a', 1],
        ['b', 2],
        ['a', 3],
        ['c', 4],
      ]);
      const bySize = pairs
        .groupByKey()
        .map('by size', ([key, values]): KV<number, string> => [[...values].length, key])
        .groupByKey('BySize');
      assertThat(sorted(bySize)).containsInAnyOrder([
        [2, ['a']],
        [1, ['b', 'c']],
      ]);
    },
  },
  {
    name: 'by-the-same-key-again',
    rule: 'Grouping by the same key again gives one group of groups per key',
    pipeline(p) {
      const pairs = p.create<KV<string, number>>([
        ['a', 1],
        ['a', 3],
        ['b', 5],
      ]);
      const again = pairs
        .groupByKey()
        .mapValues('sum', (values) => [...values].reduce((x, y) => x + y, 0))
        .groupByKey('Again');
      assertThat(sorted(again)).containsInAnyOrder([
        ['a', [4]],
        ['b', [5]],
      ]);
    },
  },
  {
    name: 'global-window/timestamp',
    rule: 'In the global window all times come together',
    pipeline(p) {
      const groups = at<KV<string, number>>(p, [
        [['a', 1], -1_000_000],
        [['a', 2], 1_000_000],
      ]).groupByKey();
      assertThat(windowsOf(sorted(groups))).isEqualTo([['a', [1, 2]], 'global']);
    },
  },
  {
    name: 'order-of-a-bundle-is-not-promised',
    rule: 'Values of a group are a multiset: only the multiset is asserted, after a reshuffle too',
    pipeline(p) {
      const pairs = p.create(Array.from({ length: 100 }, (_, i): KV<string, number> => ['k', i])).apply(reshuffle());
      assertThat(sorted(pairs.groupByKey())).isEqualTo(['k', Array.from({ length: 100 }, (_, i) => i)]);
    },
  },
  {
    name: 'values-keep-their-kind',
    rule: 'Values of any kind come out of a group as they went in',
    pipeline(p) {
      const values = [{ a: 1 }, [1, 2], new Map([['x', 1]]), new Date(5), 1n, 'text'];
      const pairs = p.create(values.map((value): KV<string, unknown> => ['k', value]));
      assertThat(pairs.groupByKey().flatMap('values', ([, group]) => group as Iterable<{}>)).containsInAnyOrder(values);
    },
  },
  {
    name: 'timestamps-of-values-are-not-kept',
    rule: 'A group has one timestamp; its values are at the time of the group',
    pipeline(p) {
      const values = at<KV<string, number>>(p, [
        [['a', 1], 5],
        [['a', 2], 7],
      ])
        .groupByKey()
        .flatMap('values', ([, group]) => group);
      assertThat(timesOf(values).map('time', ([, time]) => time > 1e15)).containsInAnyOrder([true, true]);
    },
  },
]);
