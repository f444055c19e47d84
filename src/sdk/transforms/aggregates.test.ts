import { describe, test } from 'node:test';
import { assertThat, closeTo, inAnyOrder, TestPipeline } from '../../testing/index.ts';
import {
  ApproximateQuantiles,
  ApproximateUnique,
  Count,
  fixed,
  Latest,
  Max,
  Mean,
  Min,
  type Pipeline,
  Sample,
  Sum,
  Top,
  timestamp,
  withTimestamps,
} from '../index.ts';

const pairs = (p: Pipeline) =>
  p.create<readonly [string, number]>([
    ['a', 1],
    ['b', 2],
    ['a', 3],
  ]);
const empty = (p: Pipeline) => p.create<number>([]);

describe('aggregates', () => {
  test('count elements, values of keys, and each element', async () => {
    const p = new TestPipeline();
    assertThat(pairs(p).apply(Count.globally())).isEqualTo(3);
    assertThat(pairs(p).apply(Count.perKey())).containsInAnyOrder([
      ['a', 2],
      ['b', 1],
    ]);
    assertThat(p.create(['x', 'y', 'x']).apply(Count.perElement())).containsInAnyOrder([
      ['x', 2],
      ['y', 1],
    ]);
    assertThat(empty(p).apply(Count.globally())).isEqualTo(0);
    assertThat(empty(p).apply(Count.perElement())).isEmpty();
    await p.run();
  });

  test('compute sums, means and extremes', async () => {
    const p = new TestPipeline();
    const numbers = p.create([4, -2, 7]);
    assertThat(numbers.apply(Sum.globally())).isEqualTo(9);
    assertThat(numbers.apply(Mean.globally())).isEqualTo(3);
    assertThat(numbers.apply(Min.globally())).isEqualTo(-2);
    assertThat(numbers.apply(Max.globally())).isEqualTo(7);
    assertThat(pairs(p).apply(Sum.perKey())).containsInAnyOrder([
      ['a', 4],
      ['b', 2],
    ]);
    assertThat(pairs(p).apply(Mean.perKey())).containsInAnyOrder([
      ['a', 2],
      ['b', 2],
    ]);
    assertThat(pairs(p).apply(Min.perKey())).containsInAnyOrder([
      ['a', 1],
      ['b', 2],
    ]);
    assertThat(pairs(p).apply(Max.perKey())).containsInAnyOrder([
      ['a', 3],
      ['b', 2],
    ]);
    const byLength = (a: string, b: string) => a.length - b.length;
    assertThat(p.create(['ab', 'c', 'def']).apply(Max.globally(byLength))).isEqualTo('def');
    assertThat(p.create<string>([]).apply(Min.globally(byLength))).isEqualTo(undefined);
    assertThat(empty(p).apply(Sum.globally())).isEqualTo(0);
    assertThat(empty(p).apply(Mean.globally())).isEqualTo(Number.NaN);
    assertThat(empty(p).apply(Min.globally())).isEqualTo(Number.POSITIVE_INFINITY);
    await p.run();
  });

  test('find the greatest elements in order', async () => {
    const p = new TestPipeline();
    assertThat(p.create([5, 1, 9, 7]).apply(Top.globally(2))).isEqualTo([9, 7]);
    assertThat(pairs(p).apply(Top.perKey(1))).containsInAnyOrder([
      ['a', [3]],
      ['b', [2]],
    ]);
    const people = p.create([
      { name: 'Ada', age: 36 },
      { name: 'Alan', age: 41 },
    ]);
    assertThat(people.apply(Top.globally(1, (person) => person.age))).isEqualTo([{ name: 'Alan', age: 41 }]);
    await p.run();
  });

  test('approximate distinct counts and quantiles through the shuffle', async () => {
    const p = new TestPipeline();
    const numbers = p.create(Array.from({ length: 3000 }, (_, i) => i % 1000));
    assertThat(numbers.apply(ApproximateUnique.globally())).isEqualTo(closeTo(1000, 5));
    assertThat(numbers.apply(ApproximateQuantiles.globally(3))).isEqualTo([0, closeTo(500, 30), 999]);
    const keyed = numbers.keyBy('parity', (n) => n % 2);
    assertThat(keyed.apply(ApproximateUnique.perKey())).containsInAnyOrder([
      [0, closeTo(500, 3)],
      [1, closeTo(500, 3)],
    ]);
    assertThat(keyed.apply(ApproximateQuantiles.perKey([0, 1]))).containsInAnyOrder([
      [0, [0, 998]],
      [1, [1, 999]],
    ]);
    await p.run();
  });

  test('sample and take any', async () => {
    const p = new TestPipeline();
    const numbers = p.create([1, 2, 3, 4, 5]);
    assertThat(numbers.apply(Sample.any(3))).countIs(3);
    assertThat(numbers.apply(Sample.any(9))).containsInAnyOrder([1, 2, 3, 4, 5]);
    assertThat(numbers.apply(Sample.fixedSizeGlobally(9, { seed: 1 }))).isEqualTo(inAnyOrder([1, 2, 3, 4, 5]));
    assertThat(pairs(p).apply(Sample.fixedSizePerKey(5))).containsInAnyOrder([
      ['a', inAnyOrder([1, 3])],
      ['b', [2]],
    ]);
    assertThat(empty(p).apply(Sample.any(3))).isEmpty();
    await p.run();
  });

  test('find the latest by timestamp', async () => {
    const p = new TestPipeline();
    const stamped = pairs(p).apply(withTimestamps('time', ([, n]) => timestamp(-n)));
    assertThat(stamped.apply(Latest.globally())).isEqualTo(['a', 1]);
    assertThat(stamped.apply(Latest.perKey())).containsInAnyOrder([
      ['a', 1],
      ['b', 2],
    ]);
    await p.run();
  });

  test('work per window, where an empty window gives nothing', async () => {
    const p = new TestPipeline();
    const times = p.create([0, 10, 70, 200]).apply(withTimestamps('time', (second) => timestamp(second * 1000)));
    const minutes = times.window(fixed('1m'));
    assertThat(minutes.apply(Count.globally())).containsInAnyOrder([2, 1, 1]);
    assertThat(minutes.apply(Sum.globally())).containsInAnyOrder([10, 70, 200]);
    assertThat(minutes.filter('none', () => false).apply(Count.globally())).isEmpty();
    await p.run();
  });
});
