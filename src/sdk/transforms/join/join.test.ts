import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { assertThat, TestPipeline } from '../../../testing/index.ts';
import {
  Count,
  coders,
  fixed,
  fullOuterJoin,
  innerJoin,
  type KV,
  leftOuterJoin,
  rightOuterJoin,
  timestamp,
  withTimestamps,
} from '../../index.ts';
import { joinValues } from './join.ts';

fc.configureGlobal({ seed: 4 });

type Row = KV<number, string>;
type Pair = readonly [number, readonly [string | null, string | null]];

/** The nested loops that define a join. */
function slowJoin(lefts: readonly Row[], rights: readonly Row[], keepLeft: boolean, keepRight: boolean): Pair[] {
  const pairs: Pair[] = [];
  for (const [key, left] of lefts) {
    const partners = rights.filter(([other]) => other === key);
    for (const [, right] of partners) pairs.push([key, [left, right]]);
    if (partners.length === 0 && keepLeft) pairs.push([key, [left, null]]);
  }
  for (const [key, right] of rights) {
    if (keepRight && !lefts.some(([other]) => other === key)) pairs.push([key, [null, right]]);
  }
  return pairs;
}

describe('joins', () => {
  test('are the nested loops over both sides', async () => {
    const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.string({ maxLength: 2 })), { maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(rows, rows, async (a, b) => {
        const p = new TestPipeline();
        const lefts = p.create<Row>(a);
        const rights = p.create<Row>(b);
        assertThat(lefts.apply(innerJoin(rights))).containsInAnyOrder(slowJoin(a, b, false, false) as never);
        assertThat(lefts.apply(leftOuterJoin(rights))).containsInAnyOrder(slowJoin(a, b, true, false) as never);
        assertThat(lefts.apply(rightOuterJoin(rights))).containsInAnyOrder(slowJoin(a, b, false, true) as never);
        assertThat(lefts.apply(fullOuterJoin(rights))).containsInAnyOrder(slowJoin(a, b, true, true) as never);
        await p.run();
      }),
      { numRuns: 10 },
    );
  });

  test('pair a key with more values than a block on both sides, and read the left side lazily', () => {
    for (const [leftCount, rightCount] of [
      [3, 25_000],
      [12_000, 2],
      [0, 10_001],
      [10_001, 0],
      [1, 20_000],
    ]) {
      for (const keepLeft of [false, true]) {
        for (const keepRight of [false, true]) {
          const lefts = Array.from({ length: leftCount }, (_, i) => i);
          const rights = Array.from({ length: rightCount }, (_, i) => i);
          let pairs = 0;
          let sum = 0;
          for (const [, [left, right]] of joinValues(
            'k',
            lefts.values().toArray(),
            new Set(rights),
            keepLeft,
            keepRight,
          )) {
            pairs++;
            sum += (left ?? 0) * 7 + (right ?? 0);
          }
          const [a, b] = [lefts, rights].map((list) => list.reduce((x, y) => x + y, 0));
          const matched = leftCount * rightCount;
          const alone =
            (rightCount === 0 && keepLeft ? leftCount : 0) + (leftCount === 0 && keepRight ? rightCount : 0);
          assert.equal(pairs, matched + alone);
          assert.equal(sum, a * 7 * (rightCount || Number(keepLeft)) + b * (leftCount || Number(keepRight)));
        }
      }
    }
  });

  test('read a key of more values than fit one pass', async () => {
    const p = new TestPipeline();
    const lefts = p.create([30_000]).flatMap('many', function* (n): Generator<KV<string, number>> {
      for (let i = 0; i < n; i++) yield ['k', i];
    });
    const rights = p.create<KV<string, number>>([
      ['k', 1],
      ['k', 2],
      ['x', 3],
    ]);
    assertThat(lefts.apply(innerJoin(rights)).apply(Count.globally())).isEqualTo(60_000);
    assertThat(rights.apply(rightOuterJoin(lefts)).apply(Count.globally())).isEqualTo(60_000);
    assertThat(lefts.apply(fullOuterJoin(rights)).apply(Count.globally())).isEqualTo(60_001);
    await p.run();
  });

  test('meet per window', async () => {
    const p = new TestPipeline();
    const at = (rows: readonly (readonly [number, string])[]) =>
      p
        .create(rows)
        .apply(withTimestamps('time', ([second]) => timestamp(second * 1000)))
        .window(fixed('1m'))
        .map('row', ([second, text]): KV<string, string> => ['k', `${text}${second}`]);
    const joined = at([
      [1, 'l'],
      [61, 'l'],
    ]).apply(
      innerJoin(
        at([
          [2, 'r'],
          [3, 'r'],
          [121, 'r'],
        ]),
      ),
    );
    assertThat(joined).containsInAnyOrder([
      ['k', ['l1', 'r2']],
      ['k', ['l1', 'r3']],
    ]);
    await p.run();
  });

  test('meet on equal keys of different coders', async () => {
    const p = new TestPipeline();
    const coded = p.create<KV<string, number>>([['a', 1]], coders.kv(coders.string, coders.double));
    const plain = p.create<KV<string, boolean>>([['a', true]]);
    assertThat(coded.apply(innerJoin(plain))).isEqualTo(['a', [1, true]]);
    assertThat(coded.apply(innerJoin(coded))).isEqualTo(['a', [1, 1]]);
    await p.run();
  });

  test('refuse what cannot meet', () => {
    const p = new TestPipeline();
    const keyed = p.create<KV<string, number>>([]);
    assert.throws(() => keyed.apply(innerJoin(new TestPipeline().create<KV<string, number>>([]))), {
      code: 'FOREIGN_COLLECTION',
    });
    assert.throws(() => keyed.apply(innerJoin(keyed.window(fixed('1m')) as never)), { code: 'WINDOWS_DIFFER' });
  });
});
