import {
  batchElements,
  distinct,
  filter,
  fixed,
  flatMap,
  groupIntoBatches,
  type KV,
  keyBy,
  keys,
  kvSwap,
  map,
  mapValues,
  Regex,
  Reify,
  timestamp,
  values,
  withKeys,
  withTimestamps,
} from '../../../src/sdk/index.ts';
import { assertThat, inAnyOrder } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { at, timesOf, windowsOf, windowText } from '../elements.ts';

const PAIRS: readonly KV<string, number>[] = [
  ['a', 1],
  ['b', 2],
  ['a', 3],
];

export const library = topic('library/element-wise', 'Guide: core and SDK transforms', [
  {
    name: 'map',
    rule: 'Map gives one element for each',
    source: 'MapElementsTest.testMapSimpleFunction',
    pipeline: (p) => assertThat(p.create([1, 2]).apply(map('times', (n) => n * 10))).containsInAnyOrder([10, 20]),
  },
  {
    name: 'map/arrays-are-elements',
    rule: 'An array that map gives is one element',
    pipeline: (p) => assertThat(p.create([1]).map('list', (n) => [n, n, n])).isEqualTo([1, 1, 1]),
  },
  {
    name: 'map/asynchronous',
    rule: 'Map may give a promise of its element',
    pipeline: (p) => assertThat(p.create([1, 2]).map('later', async (n) => n + 1)).containsInAnyOrder([2, 3]),
  },
  {
    name: 'flat-map',
    rule: 'FlatMap gives any number of elements for each',
    source: 'FlatMapElementsTest.testFlatMapBasicWithLambda',
    pipeline(p) {
      assertThat(p.create([0, 1, 2]).apply(flatMap('copies', (n) => Array<number>(n).fill(n)))).containsInAnyOrder([
        1, 2, 2,
      ]);
    },
  },
  {
    name: 'flat-map/of-strings',
    rule: 'A text is an iterable of its characters',
    source: 'ptransform_test.py test_flatmap_builtin',
    pipeline: (p) =>
      assertThat(p.create(['ab', 'c']).flatMap('characters', (text) => text)).containsInAnyOrder(['a', 'b', 'c']),
  },
  {
    name: 'filter',
    rule: 'Filter keeps the elements for which the function is true',
    source: 'FilterTest',
    pipeline(p) {
      assertThat(p.create([1, 2, 3]).apply(filter('odd', (n) => n % 2 === 1))).containsInAnyOrder([1, 3]);
      assertThat(p.create([1]).filter('none', () => false)).isEmpty();
    },
  },
  {
    name: 'filter/asynchronous',
    rule: 'Filter may wait for its decision',
    pipeline: (p) => assertThat(p.create([1, 2]).filter('later', async (n) => n > 1)).isEqualTo(2),
  },
  {
    name: 'keys-and-values',
    rule: 'Keys and values of pairs',
    source: 'KeysTest, ValuesTest; ptransform_test.py test_keys_and_values',
    pipeline(p) {
      assertThat(p.create(PAIRS).apply(keys())).containsInAnyOrder(['a', 'b', 'a']);
      assertThat(p.create(PAIRS).apply(values())).containsInAnyOrder([1, 2, 3]);
    },
  },
  {
    name: 'swap',
    rule: 'Keys and values swapped',
    source: 'KvSwapTest',
    pipeline(p) {
      assertThat(p.create(PAIRS).apply(kvSwap())).containsInAnyOrder([
        [1, 'a'],
        [2, 'b'],
        [3, 'a'],
      ]);
    },
  },
  {
    name: 'with-keys',
    rule: 'A key for each element, constant or by a function',
    source: 'WithKeysTest.testConstantKeys, testExtractKeys; util_test.py WithKeys',
    pipeline(p) {
      assertThat(p.create(['x', 'yy']).apply(withKeys(100))).containsInAnyOrder([
        [100, 'x'],
        [100, 'yy'],
      ]);
      assertThat(
        p.create(['x', 'yy']).apply(
          'By',
          keyBy('length', (text: string) => text.length),
        ),
      ).containsInAnyOrder([
        [1, 'x'],
        [2, 'yy'],
      ]);
    },
  },
  {
    name: 'map-values',
    rule: 'MapValues changes values and keeps keys',
    source: 'MapValues; MapValuesTest',
    pipeline(p) {
      assertThat(p.create(PAIRS).apply(mapValues('times', (n: number) => n * 10))).containsInAnyOrder([
        ['a', 10],
        ['b', 20],
        ['a', 30],
      ]);
    },
  },
  {
    name: 'distinct',
    rule: 'Each element once',
    source: 'DistinctTest.testDistinct, testDistinctEmpty',
    pipeline(p) {
      assertThat(p.create(['k1', 'k5', 'k5', 'k2', 'k1']).apply(distinct())).containsInAnyOrder(['k1', 'k5', 'k2']);
      assertThat(p.create<string>([]).apply(distinct())).isEmpty();
    },
  },
  {
    name: 'distinct/by-value',
    rule: 'Of elements with equal representative values one is kept',
    source: 'DistinctTest.testDistinctWithRepresentativeValue',
    pipeline(p) {
      const kept = p.create(PAIRS).apply(distinct(([key]: KV<string, number>) => key));
      assertThat(kept.map('key', ([key]) => key)).containsInAnyOrder(['a', 'b']);
    },
  },
  {
    name: 'distinct/windowed',
    rule: 'Each element once per window',
    source: 'DistinctTest.testWindowedDistinct',
    pipeline(p) {
      const kept = at(p, [
        ['k1', 1],
        ['k2', 2],
        ['k3', 3],
        ['k1', 11],
        ['k2', 12],
        ['k2', 13],
      ])
        .window(fixed('10ms'))
        .apply(distinct());
      assertThat(windowsOf(kept)).containsInAnyOrder([
        ['k1', '0-10'],
        ['k2', '0-10'],
        ['k3', '0-10'],
        ['k1', '10-20'],
        ['k2', '10-20'],
      ]);
    },
  },
  {
    name: 'with-timestamps',
    rule: 'Each element gets the timestamp of the function',
    source: 'WithTimestampsTest.withTimestampsShouldApplyTimestamps',
    pipeline(p) {
      const stamped = p.create([0, 1234, -5]).apply(withTimestamps('by value', (n: number) => timestamp(n)));
      assertThat(timesOf(stamped)).containsInAnyOrder([
        [0, 0],
        [1234, 1234],
        [-5, -5],
      ]);
    },
  },
  {
    name: 'with-timestamps/window-stays',
    rule: 'A new timestamp does not move an element to another window until windows are assigned again',
    source: 'WithTimestamps; Window.into',
    pipeline(p) {
      const moved = at(p, [['x', 5]])
        .window(fixed('10ms'))
        .apply(withTimestamps('later', () => timestamp(25)));
      assertThat(windowsOf(moved)).isEqualTo(['x', '0-10']);
      assertThat(windowsOf(moved.window(fixed('10ms')))).isEqualTo(['x', '20-30']);
    },
  },
  {
    name: 'reify/timestamps',
    rule: 'The timestamp becomes a part of the element',
    source: 'ReifyTimestampsTest.inValuesSucceeds; util_test.py Reify',
    pipeline: (p) =>
      assertThat(at(p, [['x', 7]]).apply(Reify.timestamps())).isEqualTo({ value: 'x', timestamp: timestamp(7) }),
  },
  {
    name: 'reify/windows',
    rule: 'Timestamp, window and pane become parts of the element',
    source: 'Reify.windows; util_test.py test_window',
    pipeline(p) {
      const text = at(p, [['x', 7]])
        .window(fixed('10ms'))
        .apply(Reify.windows())
        .map(
          'text',
          ({ value, timestamp, window, pane }) => `${value} ${timestamp} ${windowText(window)} ${pane.timing}`,
        );
      assertThat(text).isEqualTo('x 7 0-10 UNKNOWN');
    },
  },
  {
    name: 'batches/sizes',
    rule: 'Batches have at most the largest size, and hold every element once',
    source: 'util_test.py BatchElementsTest.test_constant_batch',
    pipeline(p) {
      const batches = p.create(Array.from({ length: 35 }, (_, i) => i)).apply(batchElements({ maxSize: 10 }));
      assertThat(batches.filter('large', (batch) => batch.length > 10 || batch.length === 0)).isEmpty();
      assertThat(batches.flatMap('elements', (batch) => batch)).containsInAnyOrder(
        Array.from({ length: 35 }, (_, i) => i),
      );
    },
  },
  {
    name: 'batches/windowed',
    rule: 'A batch holds elements of one window',
    source: 'util_test.py test_windowed_batches',
    pipeline(p) {
      const batches = at(p, [
        ['a', 1],
        ['b', 11],
        ['c', 2],
      ])
        .window(fixed('10ms'))
        .apply(batchElements({ maxSize: 10 }));
      const elements = batches.flatMap('elements', (batch) => batch);
      assertThat(windowsOf(elements)).containsInAnyOrder([
        ['a', '0-10'],
        ['b', '10-20'],
        ['c', '0-10'],
      ]);
    },
  },
  {
    name: 'batches/empty',
    rule: 'Of nothing there are no batches',
    pipeline: (p) => assertThat(p.create<number>([]).apply(batchElements({ maxSize: 10 }))).isEmpty(),
  },
  {
    name: 'group-into-batches',
    rule: 'The values of each key come in batches of the size, the last one smaller',
    source: 'GroupIntoBatchesTest.testInGlobalWindowBatchSizeCount, testWithUnevenBatches',
    pipeline(p) {
      const pairs = p.create(Array.from({ length: 23 }, (_, i): KV<string, number> => [i < 12 ? 'a' : 'b', i]));
      const batches = pairs.apply(groupIntoBatches(5));
      assertThat(batches.map('size', ([key, batch]): KV<string, number> => [key, batch.length])).containsInAnyOrder([
        ['a', 5],
        ['a', 5],
        ['a', 2],
        ['b', 5],
        ['b', 5],
        ['b', 1],
      ]);
      assertThat(batches.flatMap('values', ([, batch]) => batch)).containsInAnyOrder(
        Array.from({ length: 23 }, (_, i) => i),
      );
    },
  },
  {
    name: 'group-into-batches/windowed',
    rule: 'A batch holds values of one window',
    source: 'GroupIntoBatchesTest; util_test.py GroupIntoBatches',
    pipeline(p) {
      const batches = at<KV<string, number>>(p, [
        [['a', 1], 1],
        [['a', 2], 2],
        [['a', 3], 11],
      ])
        .window(fixed('10ms'))
        .apply(groupIntoBatches(10));
      assertThat(windowsOf(batches)).containsInAnyOrder([
        [['a', inAnyOrder([1, 2])], '0-10'],
        [['a', [3]], '10-20'],
      ]);
    },
  },
  {
    name: 'regex/matches',
    rule: 'Whole matches, and groups of them',
    source: 'RegexTest; util_test.py RegexTest',
    pipeline(p) {
      const words = p.create(['a', 'xb', 'xc']);
      assertThat(words.apply(Regex.matches(/x(.)/, 1))).containsInAnyOrder(['b', 'c']);
      assertThat(words.apply('All', Regex.matches(/./))).isEqualTo('a');
    },
  },
  {
    name: 'regex/find-and-replace',
    rule: 'Matches inside of a text',
    source: 'RegexTest.testFind, testReplaceAll, testSplits',
    pipeline(p) {
      const words = p.create(['aj', 'xj', 'yj zj']);
      assertThat(words.apply(Regex.find(/[xyz]/))).containsInAnyOrder(['x', 'y']);
      assertThat(words.apply(Regex.findAll(/[xyz]/))).containsInAnyOrder(['x', 'y', 'z']);
      assertThat(words.apply(Regex.replaceAll(/[xyz]/, 'n'))).containsInAnyOrder(['aj', 'nj', 'nj nj']);
      assertThat(words.apply(Regex.split(/\s+/))).containsInAnyOrder(['aj', 'xj', 'yj', 'zj']);
    },
  },
]);
