import {
  type AnyElement,
  coders,
  flatten,
  type Key,
  type KV,
  type Pipeline,
  reshuffle,
  sum,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';

/** Sums per key, for keys that must be equal or different. */
function grouped(
  name: string,
  rule: string,
  elements: readonly KV<Key, number>[],
  expected: readonly KV<Key, number>[],
) {
  return {
    name,
    rule,
    pipeline(p: Pipeline) {
      assertThat(p.create(elements).combinePerKey(sum())).containsInAnyOrder(expected);
    },
  };
}

export const coderRules = topic('coders/rules', 'Guide: data encoding and type safety; Coder; CoderTest', [
  grouped(
    'keys/numbers',
    'A number is one key whatever way it was written',
    [
      [1, 1],
      [1.0, 2],
      [-0, 4],
      [0, 8],
    ],
    [
      [1, 3],
      [0, 12],
    ],
  ),
  grouped(
    'keys/kinds-differ',
    'Keys of different kinds are different keys',
    [
      [1, 1],
      ['1', 2],
      [1n, 4],
      [true, 8],
      [null, 16],
      [[1], 32],
    ],
    [
      [1, 1],
      ['1', 2],
      [1n, 4],
      [true, 8],
      [null, 16],
      [[1], 32],
    ],
  ),
  grouped(
    'keys/nan',
    'NaN is one key',
    [
      [Number.NaN, 1],
      [Number.NaN, 2],
    ],
    [[Number.NaN, 3]],
  ),
  grouped(
    'keys/unicode-is-not-normalised',
    'Strings are keys by their code points, not by their looks',
    [
      ['\u00e9', 1],
      ['e\u0301', 2],
    ],
    [
      ['\u00e9', 1],
      ['e\u0301', 2],
    ],
  ),
  grouped(
    'keys/prefixes',
    'Keys that begin alike are different, also inside of tuples',
    [
      ['', 1],
      ['a', 2],
      ['ab', 4],
      [['a', 'b'], 8],
      [['ab', ''], 16],
      [['a', 'b', ''], 32],
    ],
    [
      ['', 1],
      ['a', 2],
      ['ab', 4],
      [['a', 'b'], 8],
      [['ab', ''], 16],
      [['a', 'b', ''], 32],
    ],
  ),
  {
    name: 'keys/large',
    rule: 'Keys may be large',
    source: 'GroupByKeyTest.testLargeKeys10KB … 1MB',
    pipeline(p) {
      const large = 'k'.repeat(1_000_000);
      const keyed = p.create([0, 1, 2, 3]).map('key', (n): KV<string, number> => [`${large}${n % 2}`, n]);
      const sums = keyed.combinePerKey(sum()).map('short', ([key, n]): KV<string, number> => [key.slice(-1), n]);
      assertThat(sums).containsInAnyOrder([
        ['0', 2],
        ['1', 4],
      ]);
    },
  },
  {
    name: 'keys/objects-refused',
    rule: 'A key without a deterministic encoding is refused',
    source: 'GroupByKeyTest.testGroupByKeyNonDeterministic; Coder.verifyDeterministic',
    fails: 'KEY_NOT_DETERMINISTIC',
    pipeline(p) {
      (
        p.create(
          [[{ a: 1 }, 1]] as KV<{ a: number }, number>[],
          coders.kv(coders.default<{ a: number }>(), coders.safeInt),
        ) as never as { groupByKey(): unknown }
      ).groupByKey();
    },
  },
  {
    name: 'keys/objects-refused-at-run-time',
    rule: 'A key that turns out to have no deterministic encoding fails the pipeline',
    fails: 'CODER_NOT_A_KEY',
    pipeline(p) {
      p.create([1])
        .map('pair', (n) => [{ n } as unknown as string, n] as KV<string, number>)
        .groupByKey()
        .map('use', ([, values]) => [...values].length);
    },
  },
  {
    name: 'keys/no-pairs-refused',
    rule: 'A grouping needs pairs',
    source: 'ptransform_test.py test_group_by_key_input_must_be_kv_pairs',
    fails: 'KEY_MISSING',
    pipeline(p) {
      (p.create(['a'], coders.string) as never as { groupByKey(): unknown }).groupByKey();
    },
  },
  {
    name: 'values/wrong-type',
    rule: 'A value that is not of its coder’s type fails the pipeline',
    fails: 'CODER_WRONG_TYPE',
    pipeline(p) {
      p.create([1 as unknown as string], coders.string)
        .apply(reshuffle())
        .map('use', (x) => x);
    },
  },
  {
    name: 'values/out-of-range',
    rule: 'An integer that its coder cannot hold fails the pipeline',
    fails: 'CODER_WRONG_TYPE',
    pipeline(p) {
      p.create([2 ** 53], coders.safeInt)
        .apply(reshuffle())
        .map('use', (x) => x);
    },
  },
  {
    name: 'values/function-refused',
    rule: 'What cannot be encoded fails the pipeline',
    source: 'Coder: every element of a PCollection must be encodable',
    fails: 'CODER_UNENCODABLE',
    pipeline(p) {
      p.create([1])
        .map('function', () => (() => 1) as AnyElement)
        .apply(reshuffle())
        .map('use', () => 1);
    },
  },
  {
    name: 'values/missing-field',
    rule: 'A row without one of its fields fails the pipeline',
    fails: 'CODER_MISSING_FIELD',
    pipeline(p) {
      const coder = coders.row({ a: coders.string, b: coders.string });
      p.create([{ a: 'x' } as { a: string; b: string }], coder)
        .apply(reshuffle())
        .map('use', ({ a }) => a);
    },
  },
  {
    name: 'values/large',
    rule: 'Elements may be large',
    source: 'fn_runner_test.py test_large_elements, test_pardo_large_input',
    pipeline(p) {
      const sizes = [1, 1000, 1_000_000, 5_000_000];
      const lengths = p
        .create(sizes)
        .map('text', (size) => 'a'.repeat(size))
        .apply(reshuffle())
        .map('length', (text) => text.length);
      assertThat(lengths).containsInAnyOrder(sizes);
    },
  },
  {
    name: 'values/many',
    rule: 'Elements of a bundle fill more than one buffer',
    pipeline(p) {
      const total = p
        .create([0])
        .flatMap('many', function* () {
          for (let i = 0; i < 200_000; i++) yield i;
        })
        .apply(reshuffle())
        .combine(sum());
      assertThat(total).isEqualTo((200_000 * 199_999) / 2);
    },
  },
  {
    name: 'values/kinds-mixed',
    rule: 'One collection may hold elements of many kinds',
    pipeline(p) {
      const values = [1, 'one', null, { n: 1 }, [1], true, 1n, new Map([[1, 1]])];
      assertThat(p.create(values).apply(reshuffle())).containsInAnyOrder(values);
    },
  },
  {
    name: 'values/undefined',
    rule: 'Elements may be nothing at all',
    source: 'CreateTest.testCreateWithVoidType; VoidCoder',
    pipeline: (p) =>
      assertThat(p.create([undefined, undefined]).apply(reshuffle())).containsInAnyOrder([undefined, undefined]),
  },
  {
    name: 'values/object-fields-by-name',
    rule: 'Objects are equal by their fields, whatever the order in which these were set',
    pipeline(p) {
      const elements = p
        .create([0, 1])
        .map('object', (n): { a: number; b: number } => (n === 0 ? { a: 1, b: 2 } : { b: 2, a: 1 }))
        .apply(reshuffle());
      assertThat(elements).containsInAnyOrder([
        { a: 1, b: 2 },
        { a: 1, b: 2 },
      ]);
    },
  },
  {
    name: 'flatten/of-different-coders',
    rule: 'Collections of different coders can be flattened and each element keeps its value',
    source: 'FlattenTest.testFlattenMultipleCoders, testFlattenWithDifferentInputAndOutputCoders',
    pipeline(p) {
      const both = flatten<string | number, never>([
        p.create(['a', 'b'], coders.string) as never,
        p.create([1, 2], coders.safeInt) as never,
      ]);
      assertThat(both.apply(reshuffle())).containsInAnyOrder(['a', 'b', 1, 2]);
    },
  },
  {
    name: 'flatten/of-keyed-coders-then-grouped',
    rule: 'Equal keys meet although their collections were encoded differently',
    source: 'FlattenTest.testFlattenWithDifferentInputAndOutputCoders2',
    pipeline(p) {
      const all = flatten<KV<string, number>, never>([
        p.create<KV<string, number>>([['a', 1]], coders.kv(coders.string, coders.safeInt)) as never,
        p.create<KV<string, number>>([['a', 2]]) as never,
      ]);
      assertThat(all.combinePerKey(sum())).isEqualTo(['a', 3]);
    },
  },
  {
    name: 'after-a-map',
    rule: 'The coder of a collection is that of its own elements, not of what they were made from',
    pipeline(p) {
      const lengths = p
        .create(['a', 'bb'], coders.string)
        .map('length', (text) => text.length)
        .withCoder(coders.safeInt)
        .apply(reshuffle());
      assertThat(lengths).containsInAnyOrder([1, 2]);
    },
  },
  {
    name: 'kept-by-a-filter',
    rule: 'A filter keeps the coder of its input',
    pipeline(p) {
      const kept = p
        .create([1n, 2n ** 62n], coders.int64)
        .filter('large', (n) => n > 1n)
        .apply(reshuffle());
      assertThat(kept).isEqualTo(2n ** 62n);
    },
  },
  {
    name: 'strings/lone-surrogates-refused',
    rule: 'A string that is no Unicode text cannot be encoded as UTF-8',
    fails: 'CODER_LONE_SURROGATE',
    pipeline(p) {
      p.create(['\ud800'], coders.string)
        .apply(reshuffle())
        .map('use', (x) => x);
    },
  },
  {
    name: 'none',
    rule: 'Something that is no coder is refused',
    fails: 'CODER_INVALID',
    pipeline(p) {
      p.create([1], {} as never);
    },
  },
]);
