import type { Coder } from '../../src/sdk/coders/coder.ts';
import { defaultCoder } from '../../src/sdk/coders/default-coder.ts';
import { combinePerKey } from '../../src/sdk/combine/combine.ts';
import type { CombineFn } from '../../src/sdk/combine/combine-fn.ts';
import type { PCollection } from '../../src/sdk/pipeline/p-collection.ts';
import { Pipeline } from '../../src/sdk/pipeline/pipeline.ts';
import { withTimestamps } from '../../src/sdk/transforms/element-wise.ts';
import { flatten } from '../../src/sdk/transforms/flatten.ts';
import { GroupByKey } from '../../src/sdk/transforms/group-by-key.ts';
import { OffsetRangeTracker } from '../../src/sdk/transforms/offset-range-tracker.ts';
import { reshuffle } from '../../src/sdk/transforms/reshuffle.ts';
import type { OffsetRange } from '../../src/sdk/transforms/restriction.ts';
import { asMap } from '../../src/sdk/transforms/side-input.ts';
import { splittableParDo } from '../../src/sdk/transforms/splittable-par-do.ts';
import { sessions } from '../../src/sdk/windows/session-windows.ts';
import { timestamp } from '../../src/sdk/windows/timestamp.ts';
import type { Window } from '../../src/sdk/windows/window.ts';
import type { World } from './simulate.ts';

const total: CombineFn<number, number, number> = {
  name: 'Sum',
  create: () => 0,
  add: (a, b) => a + b,
  merge: (all) => [...all].reduce((a, b) => a + b, 0),
  extract: (a) => a,
};

/** Counts each element under its text: what is counted in committed bundles is the output, each element once. */
function collect<T, W extends Window>(collection: PCollection<T, W>, name = 'Collect'): void {
  collection.parDo(name, {
    process(element, { metrics }) {
      metrics.counter(`${name}: ${JSON.stringify(element)}`).inc();
    },
  });
}

/** How a source is cut before it is read. */
type Cut = (range: OffsetRange) => OffsetRange[];

const inThree: Cut = ({ start, end }) => {
  const at = Math.floor((start + end) / 3);
  return [
    { start, end: at },
    { start: at, end },
  ];
};

/** Many small pieces, so that a bundle is a list of them. */
const inPieces: Cut = ({ start, end }) =>
  Array.from({ length: end - start }, (_, i) => ({ start: start + i, end: start + i + 1 }));

/** A source of numbers that is slow enough to be interrupted and can be split while it reads. */
function slowNumbers(world: World, count: number, cut = inThree) {
  return splittableParDo<number, OffsetRange, number, number, {}, {}, Window>('Read', {
    restriction: {
      coder: defaultCoder as Coder<OffsetRange>,
      initial: () => ({ start: 0, end: count }),
      split: (_element, range) => cut(range),
      size: (_element, { start, end }) => end - start,
      tracker: (range) => new OffsetRangeTracker(range),
    },
    async *process(_element, { tracker }) {
      const { start } = tracker.current();
      for (let at = start; tracker.tryClaim(at); at++) {
        await world.sleep(5);
        yield [at];
      }
    },
  });
}

/** Source with splits, combine, grouping, side input, reshuffle, flatten, async steps. */
function everyChannel(world: World): Pipeline {
  const p = new Pipeline();
  const numbers = p.create([0]).apply(slowNumbers(world, 60));
  const sums = numbers.keyBy('mod 7', (n) => n % 7).apply(combinePerKey(total));
  const groups = numbers
    .map('slow', async (n) => {
      await world.sleep(3);
      return n;
    })
    .keyBy('mod 5', (n) => `key ${n % 5}`)
    .groupByKey()
    .map('sorted', ([key, values]) => [key, [...values].sort((a, b) => a - b)] as const);
  const joined = numbers.apply(reshuffle()).parDo('look up', {
    sides: { sums: asMap(sums) },
    process: (n, { sides }) => [`${n} of ${sides.sums.get(n % 7)}`],
  });
  collect(flatten([joined, groups.map('text', (group) => JSON.stringify(group))]));
  collect(sums, 'Sums');
  return p;
}

/** Sessions over events of a few users, grouped twice. */
function sessionsOfUsers(world: World): Pipeline {
  const p = new Pipeline();
  const events = p.create([0]).apply(slowNumbers(world, 50));
  const counts = events
    .apply(withTimestamps('time', (n) => timestamp(1_000 * (n % 10 < 5 ? n : n + 100))))
    .window(sessions({ gap: '3s' }))
    .keyBy('user', (n) => n % 3)
    .groupByKey()
    .parDo('with window', {
      process: ([user, values], { window }) => [
        [user, (window as { start?: number }).start ?? 0, [...values].sort().length] as const,
      ],
    });
  collect(counts);
  return p;
}

/** Groupings that follow others, partition by partition, and one that joins two of them; many restrictions in a bundle. */
function followedGroupings(world: World): Pipeline {
  const p = new Pipeline();
  const keyed = p
    .create([0])
    .apply(slowNumbers(world, 80, inPieces))
    .keyBy('mod 11', (n) => n % 11);
  const sums = keyed.apply('sums', combinePerKey(total));
  const counts = keyed
    .mapValues('one', async () => {
      await world.sleep(2);
      return 1;
    })
    .groupByKey()
    .mapValues('count', (ones) => [...ones].length)
    .filter('most', ([key]) => key < 9);
  const joined = flatten([sums, counts])
    .apply('join', new GroupByKey())
    .mapValues('sorted', async (values) => {
      await world.sleep(3);
      return [...values].sort((a, b) => a - b);
    });
  collect(joined);
  collect(
    joined
      .mapValues('largest', (values) => values[values.length - 1])
      .apply('again', combinePerKey(total))
      .map('text', (pair) => JSON.stringify(pair)),
    'Again',
  );
  return p;
}

export const pipelines = { everyChannel, sessionsOfUsers, followedGroupings };
