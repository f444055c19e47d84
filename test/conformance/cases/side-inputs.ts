import {
  asIterable,
  asList,
  asMap,
  asMultimap,
  asSingleton,
  coders,
  flatten,
  type Key,
  type KV,
  type PCollection,
  type Pipeline,
  reshuffle,
  type SideInput,
  sum,
  toList,
} from '../../../src/sdk/index.ts';
import { assertThat, inAnyOrder } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';

/** What a function makes of a side input that it reads next to one element. */
function reading<V, R extends {} | null>(p: Pipeline, side: SideInput<V>, read: (value: V) => R): PCollection<R> {
  return p.create(['main']).parDo('Read', { sides: { side }, process: (_, { sides }) => [read(sides.side)] });
}

const ascending = (values: Iterable<number>) => [...values].sort((a, b) => a - b);

const CLANS: readonly KV<string, number>[] = [
  ['a', 1],
  ['b', 3],
  ['a', 2],
];

export const sideInputs = topic('side-inputs/views', 'Guide: side inputs; View; ViewTest; SideInput.access_pattern', [
  {
    name: 'singleton',
    rule: 'The one element of a collection, next to every element',
    source: 'ViewTest.testSingletonSideInput',
    pipeline(p) {
      const products = p
        .create([1, 2, 3])
        .parDo('times', { sides: { by: asSingleton(p.create([10])) }, process: (n, { sides }) => [n * sides.by] });
      assertThat(products).containsInAnyOrder([10, 20, 30]);
    },
  },
  {
    name: 'singleton/of-none',
    rule: 'A singleton of an empty collection without a default is an error',
    source: 'ViewTest.testEmptySingletonSideInput; sideinputs_test.py test_empty_singleton_side_input',
    fails: 'SIDE_INPUT_SINGLETON',
    pipeline(p) {
      reading(p, asSingleton(p.create<number>([])), (n) => n);
    },
  },
  {
    name: 'singleton/of-many',
    rule: 'A singleton of more than one element is an error',
    source: 'ViewTest.testNonSingletonSideInput; sideinputs_test.py test_multi_valued_singleton_side_input',
    fails: 'SIDE_INPUT_SINGLETON',
    pipeline(p) {
      reading(p, asSingleton(p.create([1, 2])), (n) => n);
    },
  },
  {
    name: 'singleton/default',
    rule: 'The default of a singleton stands for the element of an empty collection, and only then',
    source: 'View.Singleton.withDefaultValue; sideinputs_test.py test_default_value_singleton_side_input',
    pipeline(p) {
      assertThat(reading(p, asSingleton(p.create<number>([]), { fallback: 7 }), (n) => n)).isEqualTo(7);
      assertThat(reading(p, asSingleton(p.create([1]), { fallback: 7 }), (n) => n)).isEqualTo(1);
    },
  },
  {
    name: 'singleton/null-default',
    rule: 'Null may be a default, and an element',
    source: 'ViewTest.testSideInputWithNullDefault',
    pipeline(p) {
      const none = p.create<number | null>([]);
      assertThat(reading(p, asSingleton(none, { fallback: null }), (n) => n === null)).isEqualTo(true);
      assertThat(reading(p, asSingleton(p.create<number | null>([null])), (n) => n === null)).isEqualTo(true);
    },
  },
  {
    name: 'singleton/two-defaults',
    rule: 'Two views of one collection each have their own default',
    source: 'sideinputs_test.py test_as_singleton_with_different_defaults',
    pipeline(p) {
      const none = p.create<number>([]);
      const both = p.create(['x']).parDo('both', {
        sides: { one: asSingleton(none, { fallback: 1 }), two: asSingleton(none, { fallback: 2 }) },
        process: (x, { sides }) => [`${x}${sides.one}${sides.two}`],
      });
      assertThat(both).isEqualTo('x12');
    },
  },
  {
    name: 'singleton/of-a-combine',
    rule: 'The result of a global combine may be a singleton, of an empty collection too',
    source:
      'CombineTest.testCombineGloballyAsSingletonView; combiners_test.py test_combine_globally_with_default_side_input',
    pipeline(p) {
      assertThat(reading(p, asSingleton(p.create([1, 2]).combine(sum())), (n) => n)).isEqualTo(3);
      assertThat(reading(p, asSingleton(p.create<number>([]).combine(sum())), (n) => n)).isEqualTo(0);
    },
  },
  {
    name: 'iterable',
    rule: 'All elements in no particular order',
    source: 'ViewTest.testIterableSideInput',
    pipeline(p) {
      assertThat(reading(p, asIterable(p.create([3, 1, 2, 2])), ascending)).isEqualTo([1, 2, 2, 3]);
    },
  },
  {
    name: 'iterable/empty',
    rule: 'An iterable of an empty collection is empty',
    source: 'ViewTest.testEmptyIterableSideInput',
    pipeline: (p) => assertThat(reading(p, asIterable(p.create<number>([])), ascending)).isEqualTo([]),
  },
  {
    name: 'iterable/twice',
    rule: 'An iterable can be read again, and by two readers at once',
    source: 'sideinputs_test.py test_reiterable_side_input',
    pipeline(p) {
      const crossed = reading(p, asIterable(p.create([1, 2, 3])), (side) => {
        const pairs: number[] = [];
        for (const a of side) for (const b of side) pairs.push(a * 10 + b);
        return ascending(pairs);
      });
      assertThat(crossed).isEqualTo([11, 12, 13, 21, 22, 23, 31, 32, 33]);
    },
  },
  {
    name: 'iterable/abandoned',
    rule: 'A reader need not read to the end',
    pipeline(p) {
      const first = reading(p, asIterable(p.create([5, 5, 5])), (side) => {
        for (const value of side) return value;
        return -1;
      });
      assertThat(first).isEqualTo(5);
    },
  },
  {
    name: 'iterable/large',
    rule: 'An iterable may have more elements than fit one buffer',
    pipeline(p) {
      const many = p.create([0]).flatMap('many', function* () {
        for (let i = 0; i < 100_000; i++) yield i;
      });
      const total = reading(p, asIterable(many), (side) => {
        let all = 0;
        for (const n of side) all += n;
        return all;
      });
      assertThat(total).isEqualTo(4_999_950_000);
    },
  },
  {
    name: 'list',
    rule: 'All elements with random access',
    source: 'ViewTest.testListSideInput, testListWithRandomAccessSideInput',
    pipeline(p) {
      const read = reading(p, asList(p.create([11, 13, 17])), (list) => [list.length, ascending(list)[1]]);
      assertThat(read).isEqualTo([3, 13]);
    },
  },
  {
    name: 'list/empty',
    rule: 'A list of an empty collection is empty',
    source: 'ViewTest.testEmptyListSideInput',
    pipeline: (p) => assertThat(reading(p, asList(p.create<number>([])), (list) => list.length)).isEqualTo(0),
  },
  {
    name: 'list/immutable',
    rule: 'A list cannot be changed by its readers',
    source: 'ViewTest.testListSideInputIsImmutable',
    fails: 'USER_CODE',
    pipeline(p) {
      reading(p, asList(p.create([1])), (list) => (list as number[]).push(2));
    },
  },
  {
    name: 'map',
    rule: 'One value per key',
    source: 'ViewTest (side input multimap and map tests); beam:side_input:multimap:v1',
    pipeline(p) {
      const table = p.create<KV<string, number>>([
        ['a', 1],
        ['b', 3],
      ]);
      const read = reading(p, asMap(table), (map) => [
        map.get('a') ?? 0,
        map.get('b') ?? 0,
        map.get('c') ?? -1,
        map.size,
      ]);
      assertThat(read).isEqualTo([1, 3, -1, 2]);
    },
  },
  {
    name: 'map/entries',
    rule: 'The entries of a map can be listed',
    pipeline(p) {
      const table = p.create<KV<string, number>>([
        ['a', 1],
        ['b', 3],
      ]);
      assertThat(reading(p, asMap(table), (map) => [...map.keys()].sort().join() + ascending(map.values()))).isEqualTo(
        'a,b1,3',
      );
    },
  },
  {
    name: 'map/empty',
    rule: 'A map of an empty collection has no keys',
    pipeline(p) {
      assertThat(reading(p, asMap(p.create<KV<string, number>>([])), (map) => [map.size, map.has('a')])).isEqualTo([
        0,
        false,
      ]);
    },
  },
  {
    name: 'map/duplicate-key',
    rule: 'A key that comes twice is an error of a map',
    source: 'View.asMap: each key is associated with one value',
    fails: 'SIDE_INPUT_DUPLICATE_KEY',
    pipeline(p) {
      reading(p, asMap(p.create(CLANS)), (map) => map.size);
    },
  },
  {
    name: 'map/key-kinds',
    rule: 'Keys of a map are equal when their encodings are: bytes and tuples by content',
    source: 'View.asMap: keys are compared by their encoded form',
    pipeline(p) {
      const table = p.create<KV<Key, string>>([
        [Uint8Array.of(1, 2), 'bytes'],
        [['x', 1], 'tuple'],
        [7n, 'bigint'],
        [7, 'number'],
        [true, 'boolean'],
        [null, 'null'],
      ]);
      const keys: Key[] = [Uint8Array.of(1, 2), ['x', 1], 7n, 7, true, null];
      assertThat(reading(p, asMap(table), (map) => keys.map((key) => map.get(key) ?? '?').join())).isEqualTo(
        'bytes,tuple,bigint,number,boolean,null',
      );
    },
  },
  {
    name: 'map/immutable',
    rule: 'A map cannot be changed by its readers',
    source: 'ViewTest (side input map is immutable)',
    fails: 'SIDE_INPUT_READ_ONLY',
    pipeline(p) {
      reading(
        p,
        asMap(p.create<KV<string, number>>([['a', 1]])),
        (map) => (map as Map<string, number>).set('b', 2).size,
      );
    },
  },
  {
    name: 'multimap',
    rule: 'All values per key',
    source:
      'ViewTest (side input multimap tests); pardo.go ParDoMultiMapSideInput; fn_runner_test.py test_multimap_side_input',
    pipeline(p) {
      const read = p.create(['a', 'b', 'c']).parDo('Look up', {
        sides: { table: asMultimap(p.create(CLANS)) },
        process: (key, { sides }): KV<string, number[]>[] => [[key, ascending(sides.table.get(key) ?? [])]],
      });
      assertThat(read).containsInAnyOrder([
        ['a', [1, 2]],
        ['b', [3]],
        ['c', []],
      ]);
    },
  },
  {
    name: 'multimap/several',
    rule: 'A function may read several multimaps',
    source: 'fn_runner_test.py test_multimap_multiside_input',
    pipeline(p) {
      const table = asMultimap(p.create(CLANS));
      const other = asMultimap(p.create<KV<string, number>>([['a', 100]]));
      const read = p.create(['a', 'b']).parDo('Look up', {
        sides: { table, other },
        process: (key, { sides }) => [
          `${key}${ascending(sides.table.get(key) ?? [])}/${sides.other.get(key)?.length ?? 0}`,
        ],
      });
      assertThat(read).containsInAnyOrder(['a1,2/1', 'b3/0']);
    },
  },
  {
    name: 'multimap/empty',
    rule: 'A multimap of an empty collection has no keys',
    pipeline(p) {
      assertThat(reading(p, asMultimap(p.create<KV<string, number>>([])), (map) => map.size)).isEqualTo(0);
    },
  },
  {
    name: 'multimap/equal-values',
    rule: 'Equal pairs stay two values',
    pipeline(p) {
      const twice = p.create<KV<string, number>>([
        ['a', 1],
        ['a', 1],
      ]);
      assertThat(reading(p, asMultimap(twice), (map) => map.get('a')?.length ?? 0)).isEqualTo(2);
    },
  },
  {
    name: 'map/of-no-pairs',
    rule: 'A map or multimap needs a collection of pairs',
    source: 'View.asMap takes PCollection<KV>; fn_runner_test.py test_multimap_side_input_type_coercion',
    fails: 'SIDE_INPUT_NOT_KEYED',
    pipeline(p) {
      reading(p, asMap(p.create([1, 2]) as unknown as PCollection<KV<number, number>>), (map) => map.size);
    },
  },
  {
    name: 'values/nested-iterables',
    rule: 'Groups may be read as a side input',
    source: 'ViewTest.testSideInputWithNestedIterables; fn_runner_test.py test_gbk_side_input',
    pipeline(p) {
      const read = reading(p, asMap(p.create(CLANS).groupByKey()), (map) => [
        ascending(map.get('a') ?? []),
        ascending(map.get('b') ?? []),
      ]);
      assertThat(read).isEqualTo([[1, 2], [3]]);
    },
  },
  {
    name: 'values/with-a-coder',
    rule: 'Elements of a side input have the coder of their collection',
    pipeline(p) {
      const numbers = p.create([2n ** 60n, -1n], coders.int64);
      assertThat(reading(p, asList(numbers), (list) => [...list].sort((a, b) => (a < b ? -1 : 1)).join())).isEqualTo(
        `-1,${2n ** 60n}`,
      );
    },
  },
  {
    name: 'several',
    rule: 'A function may have several side inputs of different shapes',
    source: 'ParDoTest.testSideInputAnnotationWithMultipleSideInputs',
    pipeline(p) {
      const read = p.create(['x']).parDo('all', {
        sides: {
          one: asSingleton(p.create([1])),
          many: asIterable(p.create([1, 2])),
          list: asList(p.create([1, 2, 3])),
          map: asMap(p.create<KV<string, number>>([['k', 9]])),
          multimap: asMultimap(p.create(CLANS)),
        },
        process: (_, { sides }) => [
          [sides.one, [...sides.many].length, sides.list.length, sides.map.get('k') ?? 0, sides.multimap.size],
        ],
      });
      assertThat(read).isEqualTo([1, 2, 3, 9, 2] as never);
    },
  },
  {
    name: 'same-collection-twice',
    rule: 'One collection may be read in two shapes by one function',
    source: 'ParDoTest.testSameSideInputReadTwice; sideinputs_test.py test_as_list_and_as_dict_side_inputs',
    pipeline(p) {
      const table = p.create<KV<string, number>>([['a', 1]]);
      const read = p.create(['x']).parDo('both', {
        sides: { list: asList(table), map: asMap(table), again: asList(table) },
        process: (_, { sides }) => [sides.list.length + (sides.map.get('a') ?? 0) * 10 + sides.again.length * 100],
      });
      assertThat(read).isEqualTo(111);
    },
  },
  {
    name: 'two-readers',
    rule: 'One view may be read by several functions',
    pipeline(p) {
      const side = asSingleton(p.create([10]));
      const plus = p.create([1]).parDo('plus', { sides: { side }, process: (n, { sides }) => [n + sides.side] });
      const times = plus.parDo('times', { sides: { side }, process: (n, { sides }) => [n * sides.side] });
      assertThat(plus).isEqualTo(11);
      assertThat(times).isEqualTo(110);
    },
  },
  {
    name: 'of-the-main-input',
    rule: 'The main input may be the side input as well',
    source: 'fn_runner_test.py test_pardo_unfusable_side_inputs',
    pipeline(p) {
      const letters = p.create(['a', 'b']);
      const pairs = letters.parDo('cross', {
        sides: { all: asIterable(letters) },
        process: (a, { sides }) => [...sides.all].map((b) => a + b),
      });
      assertThat(pairs).containsInAnyOrder(['aa', 'ab', 'ba', 'bb']);
    },
  },
  {
    name: 'of-a-branch-of-the-main-input',
    rule: 'A side input may be computed from the elements it is read with',
    source: 'fn_runner_test.py test_pardo_unfusable_side_inputs_with_separation',
    pipeline(p) {
      const numbers = p.create([1, 2, 3]);
      const total = numbers.map('same', (n) => n).combine(sum());
      const shares = numbers.parDo('share', {
        sides: { total: asSingleton(total) },
        process: (n, { sides }) => [n / sides.total],
      });
      assertThat(shares).containsInAnyOrder([1 / 6, 2 / 6, 3 / 6]);
    },
  },
  {
    name: 'of-a-reader-of-a-side-input',
    rule: 'What reads a side input may itself become one',
    source: 'fn_runner_test.py test_pardo_side_input_dependencies',
    pipeline(p) {
      let side: PCollection<number> = p.create([1]);
      for (let i = 0; i < 4; i++) {
        const next = p
          .create([10 ** i])
          .parDo(`step ${i}`, { sides: { side: asSingleton(side) }, process: (n, { sides }) => [n + sides.side] });
        side = next;
      }
      assertThat(side).isEqualTo(1112);
    },
  },
  {
    name: 'of-a-flatten',
    rule: 'A flattened collection may be a side input',
    source: 'sideinputs_test.py test_flattened_side_input; FlattenTest.testEmptyFlattenAsSideInput',
    pipeline(p) {
      const all = flatten([p.create([1, 2]), p.create<number>([]), p.create([3])]);
      assertThat(reading(p, asIterable(all), ascending)).isEqualTo([1, 2, 3]);
      const none = flatten([p.create<number>([]), p.create<number>([])], 'None');
      assertThat(reading(p, asIterable(none), ascending)).isEqualTo([]);
    },
  },
  {
    name: 'after-a-shuffle',
    rule: 'A function after a grouping may read side inputs',
    pipeline(p) {
      const sums = p
        .create(CLANS)
        .groupByKey()
        .parDo('scale', {
          sides: { by: asSingleton(p.create([100]).apply(reshuffle())) },
          process: ([key, values], { sides }): KV<string, number>[] => [[key, ascending(values)[0] * sides.by]],
        });
      assertThat(sums).containsInAnyOrder([
        ['a', 100],
        ['b', 300],
      ]);
    },
  },
  {
    name: 'with-tagged-outputs',
    rule: 'A function with several outputs may read side inputs',
    source: 'ParDoTest.testMultiOutputParDoWithSideInputs',
    pipeline(p) {
      const { main, high } = p.create([1, 5, 9]).parDo('split', {
        sides: { limit: asSingleton(p.create([4])) },
        outputs: { high: coders.default<number>() },
        process(n, { sides, output }): number[] {
          if (n <= sides.limit) return [n];
          output('high', n);
          return [];
        },
      });
      assertThat(main).containsInAnyOrder([1]);
      assertThat(high).containsInAnyOrder([5, 9]);
    },
  },
  {
    name: 'main-input-empty',
    rule: 'With an empty main input a view is never read, a singleton of nothing either',
    pipeline(p) {
      const out = p.create<number>([]).parDo('none', {
        sides: { side: asSingleton(p.create<number>([])) },
        process: (n, { sides }) => [n + sides.side],
      });
      assertThat(out).isEmpty();
    },
  },
  {
    name: 'asynchronous-reader',
    rule: 'Side inputs are the same after an asynchronous step of the reader',
    pipeline(p) {
      const out = p.create([1, 2]).parDo('later', {
        sides: { list: asList(p.create([10, 20])) },
        async process(n, { sides }) {
          const { list } = sides;
          await Promise.resolve();
          return [n + list.length];
        },
      });
      assertThat(out).containsInAnyOrder([3, 4]);
    },
  },
  {
    name: 'as-one-list',
    rule: 'A list made by a combine is one element and may be a singleton',
    pipeline(p) {
      assertThat(reading(p, asSingleton(p.create([2, 1]).combine(toList())), (list) => [...list])).isEqualTo(
        inAnyOrder([1, 2]) as number[],
      );
    },
  },
  {
    name: 'not-a-side-input',
    rule: 'A bare collection is no side input',
    source: 'ParDoTest.testSideInputAnnotationFailedValidationMissing',
    fails: 'SIDE_INPUT_INVALID',
    pipeline(p) {
      p.create([1]).parDo('wrong', { sides: { side: p.create([2]) as never }, process: (n) => [n] });
    },
  },
]);
