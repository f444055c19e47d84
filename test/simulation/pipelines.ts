import type { Coder } from '../../src/sdk/coders/coder.ts';
import { defaultCoder } from '../../src/sdk/coders/default-coder.ts';
import { combinePerKey } from '../../src/sdk/combine/combine.ts';
import type { CombineFn } from '../../src/sdk/combine/combine-fn.ts';
import type { PCollection } from '../../src/sdk/pipeline/p-collection.ts';
import { Pipeline } from '../../src/sdk/pipeline/pipeline.ts';
import { withTimestamps } from '../../src/sdk/transforms/element-wise.ts';
import { flatten } from '../../src/sdk/transforms/flatten.ts';
import { OffsetRangeTracker } from '../../src/sdk/transforms/offset-range-tracker.ts';
import { splittableParDo } from '../../src/sdk/transforms/par-do.ts';
import { reshuffle } from '../../src/sdk/transforms/reshuffle.ts';
import type { OffsetRange } from '../../src/sdk/transforms/restriction.ts';
import { asMap } from '../../src/sdk/transforms/side-input.ts';
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

/** A source of numbers that is slow enough to be interrupted and can be split while it reads. */
function slowNumbers(world: World, count: number) {
  return splittableParDo<number, OffsetRange, number, number, Window>('Read', {
    restriction: {
      coder: defaultCoder as Coder<OffsetRange>,
      initial: () => ({ start: 0, end: count }),
      split: (_element, { start, end }) => [
        { start, end: Math.floor((start + end) / 3) },
        { start: Math.floor((start + end) / 3), end },
      ],
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
export function everyChannel(world: World): Pipeline {
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
export function sessionsOfUsers(world: World): Pipeline {
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

export const pipelines = { everyChannel, sessionsOfUsers };
