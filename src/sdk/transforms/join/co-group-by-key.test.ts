import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertThat, inAnyOrder, TestPipeline } from '../../../testing/index.ts';
import { coders, coGroupByKey, decodeFromBytes, encodeToBytes, type KV, reshuffle } from '../../index.ts';
import { splitByTag } from './split-by-tag.ts';
import { TaggedValue, UnionCoder } from './tagged-value.ts';

describe('coGroupByKey', () => {
  test('gathers the values of each key by collection', async () => {
    const p = new TestPipeline();
    const users = p.create<KV<string, { name: string }>>([
      ['u1', { name: 'Ada' }],
      ['u2', { name: 'Alan' }],
    ]);
    const orders = p.create<KV<string, number>>([
      ['u1', 5],
      ['u3', 7],
      ['u1', 6],
    ]);
    const marks = p.create<KV<string, boolean>>([]);
    const grouped = coGroupByKey({ users, orders, marks });
    const expected = [
      ['u1', { users: [{ name: 'Ada' }], orders: inAnyOrder([5, 6]), marks: [] }],
      ['u2', { users: [{ name: 'Alan' }], orders: [], marks: [] }],
      ['u3', { users: [], orders: [7], marks: [] }],
    ] as const;
    assertThat(grouped).containsInAnyOrder(expected as never);
    assertThat(grouped.apply(reshuffle())).containsInAnyOrder(expected as never);
    const sums = grouped.mapValues(
      'sum',
      ({ users, orders }) => [...users].length * 100 + [...orders].reduce((a, b) => a + b, 0),
    );
    assertThat(sums).containsInAnyOrder([
      ['u1', 111],
      ['u2', 100],
      ['u3', 7],
    ]);
    await p.run();
  });

  test('keeps the coders of its collections', async () => {
    const p = new TestPipeline();
    const bytes = p.create<KV<string, bigint>>([['a', 3n]], coders.kv(coders.string, coders.int64));
    const numbers = p.create<KV<string, number>>([['a', 4]], coders.kv(coders.string, coders.double));
    const grouped = coGroupByKey({ bytes, numbers });
    assert.equal(grouped.node.coder.urn, 'beam:coder:kv:v1');
    assert.equal(grouped.node.coder.components[0], coders.string);
    assert.deepEqual(grouped.node.coder.components[1].components, [coders.int64, coders.double]);
    assertThat(grouped).isEqualTo(['a', { bytes: [3n], numbers: [4] }]);
    await p.run();
  });

  test('can group a collection with itself, and one alone', async () => {
    const p = new TestPipeline();
    const list = p.create<KV<number, string>>([[1, 'x']]);
    assertThat(coGroupByKey({ a: list, b: list })).isEqualTo([1, { a: ['x'], b: ['x'] }]);
    assertThat(coGroupByKey({ list }, 'Alone')).isEqualTo([1, { list: ['x'] }]);
    await p.run();
  });

  test('refuses no collections and collections without keys', () => {
    const p = new TestPipeline();
    assert.throws(() => coGroupByKey({}), { code: 'CO_GROUP_EMPTY' });
    const strings = p.create(['a'], coders.string) as never;
    assert.throws(() => coGroupByKey({ strings }), { code: 'KEY_MISSING' });
  });
});

describe('splitByTag', () => {
  test('gives arrays of small groups and views of large ones, which hold the same', () => {
    for (const count of [0, 10, 30_000]) {
      const group = Array.from({ length: count }, (_, i) => new TaggedValue(i % 3 === 0 ? 0 : 2, i));
      let reads = 0;
      const iterable = {
        *[Symbol.iterator]() {
          reads++;
          yield* group;
        },
      };
      const [zero, one, two] = splitByTag(iterable, 3);
      assert.equal(Array.isArray(zero), count <= 10_000);
      assert.equal([...zero, ...two].length, count);
      assert.deepEqual([...one], []);
      assert.deepEqual([...zero].slice(0, 2), count === 0 ? [] : [0, 3]);
      assert.ok(count > 10_000 || reads === 1);
    }
  });
});

test('the union coder writes a tag and the value in its own coder', () => {
  const coder = new UnionCoder([coders.string, coders.int64]);
  for (const value of [new TaggedValue(0, 'text'), new TaggedValue(1, -5n)]) {
    for (const nested of [false, true]) {
      assert.deepEqual(decodeFromBytes(coder, encodeToBytes(coder, value, nested), nested), value);
    }
  }
  assert.deepEqual([...encodeToBytes(coder, new TaggedValue(0, 'a'))], [0, 97]);
  assert.throws(() => decodeFromBytes(coder, Uint8Array.of(2, 0)), { code: 'CODER_MALFORMED' });
});
