import type { PCollection } from '../../pipeline/p-collection.ts';
import type { PTransform } from '../../pipeline/p-transform.ts';
import type { Key, KV } from '../../values.ts';
import type { Window } from '../../windows/window.ts';
import { flatMap } from '../element-wise.ts';
import { groupTagged } from './group-tagged.ts';
import { splitByTag } from './split-by-tag.ts';
import type { TaggedValue } from './tagged-value.ts';

type Keyed<K extends Key, V, W extends Window> = PCollection<KV<K, V>, W>;

/** Most values of the right side of one key in memory; more of them are joined block by block. */
const BLOCK = 10_000;

/**
 * Pairs each value of the left side with each value of the right side that has the same key and window:
 * `orders.apply(innerJoin(users))` gives `[userId, [order, user]]`. Keys that only one side has are dropped.
 *
 * In all joins the left side of a key is streamed and the right side held in memory (in blocks of 10,000 values, for each
 * of which the left side is read once), so put the side with fewer values per key on the right.
 */
export function innerJoin<K extends Key, L, R, W extends Window>(
  right: Keyed<K, R, W>,
  name = 'InnerJoin',
): PTransform<Keyed<NoInfer<K>, L, W>, Keyed<K, readonly [L, R], W>> {
  return join<K, L, R, W>(right, name, false, false) as PTransform<
    Keyed<NoInfer<K>, L, W>,
    Keyed<K, readonly [L, R], W>
  >;
}

/** As {@link innerJoin}; a value of the left side without a partner comes with null. */
export function leftOuterJoin<K extends Key, L, R, W extends Window>(
  right: Keyed<K, R, W>,
  name = 'LeftOuterJoin',
): PTransform<Keyed<NoInfer<K>, L, W>, Keyed<K, readonly [L, R | null], W>> {
  return join<K, L, R, W>(right, name, true, false) as PTransform<
    Keyed<NoInfer<K>, L, W>,
    Keyed<K, readonly [L, R | null], W>
  >;
}

/** As {@link innerJoin}; a value of the right side without a partner comes with null. */
export function rightOuterJoin<K extends Key, L, R, W extends Window>(
  right: Keyed<K, R, W>,
  name = 'RightOuterJoin',
): PTransform<Keyed<NoInfer<K>, L, W>, Keyed<K, readonly [L | null, R], W>> {
  return join<K, L, R, W>(right, name, false, true) as PTransform<
    Keyed<NoInfer<K>, L, W>,
    Keyed<K, readonly [L | null, R], W>
  >;
}

/** As {@link innerJoin}; values of either side without a partner come with null. */
export function fullOuterJoin<K extends Key, L, R, W extends Window>(
  right: Keyed<K, R, W>,
  name = 'FullOuterJoin',
): PTransform<Keyed<NoInfer<K>, L, W>, Keyed<K, readonly [L, R] | readonly [L, null] | readonly [null, R], W>> {
  type Pair = readonly [L, R] | readonly [L, null] | readonly [null, R];
  return join<K, L, R, W>(right, name, true, true) as PTransform<Keyed<NoInfer<K>, L, W>, Keyed<K, Pair, W>>;
}

type Joined<K, L, R> = KV<K, readonly [L | null, R | null]>;

function join<K extends Key, L, R, W extends Window>(
  right: Keyed<K, R, W>,
  name: string,
  keepLeft: boolean,
  keepRight: boolean,
): PTransform<Keyed<K, L, W>, PCollection<Joined<K, L, R>, W>> {
  const joinKey = ([key, group]: KV<K, Iterable<TaggedValue>>): Iterable<Joined<K, L, R>> => {
    const [lefts, rights] = splitByTag(group, 2) as [Iterable<L>, Iterable<R>];
    return joinValues(key, lefts, rights, keepLeft, keepRight);
  };
  return {
    name,
    expand: (left) =>
      left.pipeline
        .applyTo({ left, right }, { name: 'CoGroup', expand: (sides) => groupTagged<K, W>(sides, name) })
        .apply(flatMap<KV<K, Iterable<TaggedValue>>, Joined<K, L, R>, W>('Pair', joinKey)),
  };
}

/** All pairs of one key. */
export function joinValues<K, L, R>(
  key: K,
  lefts: Iterable<L>,
  rights: Iterable<R>,
  keepLeft: boolean,
  keepRight: boolean,
): Iterable<Joined<K, L, R>> {
  if (!Array.isArray(lefts) || !Array.isArray(rights) || lefts.length * rights.length > BLOCK) {
    return joinBlocks(key, lefts, rights, keepLeft, keepRight);
  }
  const joined: Joined<K, L, R>[] = [];
  if (rights.length === 0) {
    if (keepLeft) for (const left of lefts) joined.push([key, [left, null]]);
  } else if (lefts.length === 0) {
    if (keepRight) for (const right of rights) joined.push([key, [null, right]]);
  } else {
    for (const left of lefts) for (const right of rights) joined.push([key, [left, right]]);
  }
  return joined;
}

function* joinBlocks<K, L, R>(
  key: K,
  lefts: Iterable<L>,
  rights: Iterable<R>,
  keepLeft: boolean,
  keepRight: boolean,
): Generator<Joined<K, L, R>> {
  let anyLeft = false;
  let block: R[] = [];
  let blocks = 0;
  function* flush(): Generator<Joined<K, L, R>> {
    blocks++;
    for (const left of lefts) {
      anyLeft = true;
      for (const right of block) yield [key, [left, right]];
    }
    if (!anyLeft && keepRight) for (const right of block) yield [key, [null, right]];
    block = [];
  }
  for (const right of rights) {
    block.push(right);
    if (block.length === BLOCK) yield* flush();
    if (blocks > 0 && !anyLeft && !keepRight) return;
  }
  if (block.length > 0) yield* flush();
  if (blocks === 0 && keepLeft) for (const left of lefts) yield [key, [left, null]];
}
