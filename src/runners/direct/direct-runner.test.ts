import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { elementsOf, failureOf } from '../../../test/support/run-here.ts';
import { combinePerKey } from '../../sdk/combine/combine.ts';
import type { CombineFn } from '../../sdk/combine/combine-fn.ts';
import { PipelineError } from '../../sdk/errors.ts';
import { Pipeline } from '../../sdk/pipeline/pipeline.ts';
import type { Rewrite } from '../../sdk/pipeline/runner.ts';
import { withTimestamps } from '../../sdk/transforms/element-wise.ts';
import { flatten } from '../../sdk/transforms/flatten.ts';
import { GroupByKey } from '../../sdk/transforms/group-by-key.ts';
import { reshuffle } from '../../sdk/transforms/reshuffle.ts';
import { asIterable, asList, asMap, asMultimap, asSingleton } from '../../sdk/transforms/side-input.ts';
import { fixed } from '../../sdk/windows/fixed-windows.ts';
import { sessions } from '../../sdk/windows/session-windows.ts';
import { timestamp } from '../../sdk/windows/timestamp.ts';
import type { IntervalWindow } from '../../sdk/windows/window.ts';

const total: CombineFn<number, number, number> = {
  name: 'Sum',
  create: () => 0,
  add: (a, b) => a + b,
  merge: (all) => [...all].reduce((a, b) => a + b, 0),
  extract: (a) => a,
};

const REWRITES: readonly Rewrite[] = ['fusion', 'combinerLifting', 'flattenUnzipping', 'keyPreserving', 'deadCode'];

test('every rewrite can be switched off and gives the same answer', async () => {
  const build = (p: Pipeline) => {
    const numbers = p.create(Array.from({ length: 200 }, (_, i) => i));
    const sums = numbers.keyBy('mod', (n) => n % 7).apply(combinePerKey(total));
    const grouped = numbers
      .keyBy('key', (n) => `k${n % 5}`)
      .groupByKey()
      .map('sort', ([key, values]) => [key, [...values].sort((a, b) => a - b).join()] as const);
    const joined = flatten([numbers, numbers.map('negate', (n) => -n)])
      .apply(reshuffle())
      .parDo('look up', {
        sides: { sums: asMap(sums), all: asList(numbers) },
        process: (n, { sides }) => [[n, sides.sums.get(Math.abs(n) % 7), sides.all.length] as const],
      });
    const again = flatten([sums, sums.mapValues('twice', (n) => n * 2)])
      .apply('again', new GroupByKey())
      .map('sort again', ([key, values]) => [key, [...values].sort((a, b) => a - b)] as const);
    return flatten([
      joined.map('a', (x) => JSON.stringify(x)),
      grouped.map('b', (x) => JSON.stringify(x)),
      again.map('c', (x) => JSON.stringify(x)),
    ]);
  };
  const want = await elementsOf(build);
  assert.equal(want.length, 412);
  for (const rewrite of REWRITES) assert.deepEqual(await elementsOf(build, { disable: [rewrite] }), want, rewrite);
  assert.deepEqual(await elementsOf(build, { disable: REWRITES }), want);
});

test('a key that is changed on the way from one grouping to the next is an error, not a wrong answer', async () => {
  const build = (p: Pipeline) =>
    p
      .create(Array.from({ length: 50 }, (_, i) => i))
      .keyBy('pair', (n) => [n, 0] as [number, number])
      .apply(combinePerKey(total))
      .filter('spoil', ([key]) => {
        (key as [number, number])[1] = key[0] * 7;
        return true;
      })
      .groupByKey()
      .map('count', ([key, values]) => [key, [...values].length] as const);
  const error = await failureOf(build);
  assert.equal(error.code, 'KEY_CHANGED');
  assert.equal(error.context.transform, 'GroupByKey');
  assert.equal((await elementsOf(build, { disable: ['keyPreserving'] })).length, 50);
});

test('side inputs in all their shapes', async () => {
  const build = (p: Pipeline) => {
    const pairs = p.create([['a', 1] as const, ['b', 2] as const, ['a', 3] as const]);
    const sides = {
      one: asSingleton(p.create([42])),
      none: asSingleton(p.create<number>([]), { fallback: -1 }),
      all: asIterable(pairs),
      list: asList(pairs),
      map: asMap(pairs.filter('first', ([, n]) => n < 3)),
      multi: asMultimap(pairs),
    };
    return p.create(['x']).parDo('read', {
      sides,
      process: (_x, { sides: s }) => [
        [
          s.one,
          s.none,
          [...s.all].length,
          s.list.length,
          s.map.get('b'),
          [...(s.multi.get('a') ?? [])].sort(),
        ] as const,
      ],
    });
  };
  assert.deepEqual(await elementsOf(build), [[42, -1, 3, 3, 2, [1, 3]]]);
});

test('a singleton side input with two elements says what to do', async () => {
  const error = await failureOf((p) =>
    p.create([1]).parDo('read', {
      sides: { two: asSingleton(p.create([1, 2])) },
      process: (_n, { sides }) => [sides.two],
    }),
  );
  assert.equal(error.code, 'SIDE_INPUT_SINGLETON');
  assert.match(error.message, /more than one element/);
});

test('side inputs are read in the window of the main element', async () => {
  const windowed = (p: Pipeline, name: string, values: number[]) =>
    p
      .create(values)
      .apply(withTimestamps<number>(`${name} time`, (n) => timestamp(n * 1000)))
      .window(fixed('10s'));
  const build = (p: Pipeline) => {
    const side = windowed(p, 'side', [1, 2, 11]);
    return windowed(p, 'main', [5, 15]).parDo('read', {
      sides: { side: asList(side) },
      process: (n, { sides }) => [[n, [...sides.side].sort((a, b) => a - b)] as const],
    });
  };
  assert.deepEqual(await elementsOf(build), [
    [15, [11]],
    [5, [1, 2]],
  ]);
});

test('sessions merge per key and the output has the merged window', async () => {
  const build = (p: Pipeline) =>
    p
      .create([1, 2, 3, 20, 21, 50])
      .apply(withTimestamps('time', (n) => timestamp(n * 1000)))
      .window(sessions({ gap: '5s' }))
      .keyBy('user', () => 'u')
      .groupByKey()
      .parDo('show', {
        process: ([user, values], { window }) => {
          const { start, end } = window as IntervalWindow;
          return [[user, start / 1000, end / 1000, [...values].sort((a, b) => a - b)] as const];
        },
      });
  assert.deepEqual(await elementsOf(build), [
    ['u', 1, 8, [1, 2, 3]],
    ['u', 20, 26, [20, 21]],
    ['u', 50, 55, [50]],
  ]);
});

test('an abort signal cancels between bundles', async () => {
  const controller = new AbortController();
  const p = new Pipeline({ threads: 0 });
  p.create([1, 2, 3])
    .apply(reshuffle())
    .map('abort', () => controller.abort(new Error('enough')));
  await assert.rejects(p.run({ signal: controller.signal }), { code: 'CANCELLED', message: /enough/ });
});

test('a wrong pipeline is not retried', async () => {
  let calls = 0;
  const error = await failureOf((p) =>
    p.create([1]).parDo('wrong', {
      process(_n, context): number[] {
        calls++;
        (context.output as (tag: string, value: unknown) => void)('nowhere', 1);
        return [];
      },
    }),
  );
  assert.ok(error instanceof PipelineError);
  assert.equal(error.code, 'OUTPUT_UNKNOWN');
  assert.equal(calls, 1);
});

test('options out of their range are refused before anything runs', async () => {
  for (const options of [{ threads: -1 }, { threads: 1.5 }, { memory: 'lots' }, { memory: 5 }, { maxAttempts: 0 }]) {
    const run = async () => new Pipeline(options).run();
    await assert.rejects(run, { code: 'OPTION_INVALID' }, JSON.stringify(options));
  }
});

test('grouping past the memory budget goes to disk and leaves nothing behind', async () => {
  const tempDir = mkdtempSync(join(tmpdir(), 'direct-runner-'));
  try {
    const p = new Pipeline({ threads: 0, memory: '8MiB', tempDir });
    let groups = 0;
    let values = 0;
    p.create([0])
      .flatMap('many', function* () {
        for (let i = 0; i < 300_000; i++) yield [`key ${i % 1000}`, `value ${i} ${'x'.repeat(64)}`] as const;
      })
      .groupByKey()
      .map('count', ([, all]) => {
        groups++;
        for (const value of all) values += value.length > 0 ? 1 : 0;
        assert.ok(readdirSync(tempDir).some((folder) => existsSync(join(tempDir, folder))));
      });
    await p.run();
    assert.equal(groups, 1000);
    assert.equal(values, 300_000);
    assert.deepEqual(readdirSync(tempDir), []);
  } finally {
    rmSync(tempDir, { recursive: true });
  }
});

test('metrics count elements and user values', async () => {
  const p = new Pipeline({ threads: 0 });
  p.create([1, 2, 3])
    .filter('odd', (n) => n % 2 === 1)
    .parDo('measure', {
      process(n, { metrics }) {
        metrics.distribution('size').update(n);
        metrics.gauge('last').set(n);
        metrics.stringSet('names').add(`n${n}`);
      },
    });
  const { metrics } = await p.run();
  const odd = metrics.transforms.find(({ transform }) => transform === 'odd');
  assert.deepEqual([odd?.elementsIn, odd?.elementsOut], [3, { main: 2 }]);
  const user = new Map(metrics.user.map((metric) => [metric.name, metric.value]));
  assert.deepEqual(user.get('size'), { count: 2, sum: 4, min: 1, max: 3 });
  assert.equal(user.get('last'), 3);
  assert.deepEqual(user.get('names'), ['n1', 'n3']);
});

test('collected elements come back to the program', async () => {
  const p = new Pipeline({ threads: 0 });
  const numbers = p.create([3, 1, 2]);
  const all = numbers.collect();
  const doubled = numbers.map('double', (n) => ({ n, twice: 2 * n })).collect('Doubled');
  const none = numbers.filter('none', () => false).collect('None');
  // Also read by a later stage, which must not give the elements up.
  numbers.parDo('look', { sides: { all: asList(numbers) }, process: (_n, { sides }) => [sides.all.length] });
  const result = await p.run();
  assert.deepEqual([...result.elements(all)].sort(), [1, 2, 3]);
  assert.deepEqual(
    [...result.elements(doubled)].sort((a, b) => a.n - b.n),
    [1, 2, 3].map((n) => ({ n, twice: 2 * n })),
  );
  assert.deepEqual(result.elements(none), []);
  assert.throws(() => result.elements({ transform: 'Other' }), { code: 'NOT_COLLECTED' });
});

test('a ticket of another pipeline gives nothing, though the collection is called alike', async () => {
  const [p, q] = [new Pipeline({ threads: 0 }), new Pipeline({ threads: 0 })];
  const [mine, others] = [p.create(['of p']).collect(), q.create([42]).collect()];
  const result = await p.run();
  assert.deepEqual(result.elements(mine), ['of p']);
  assert.throws(() => result.elements(others), { code: 'NOT_COLLECTED', message: /of another pipeline/ });
});

test('collecting more than the memory budget fails and says what to do', async () => {
  const error = await failureOf(
    (p) =>
      p
        .create([0])
        .flatMap('many', function* () {
          for (let i = 0; i < 200_000; i++) yield `${i}${'x'.repeat(64)}`;
        })
        .collect(),
    { memory: '8MiB' },
  );
  assert.equal(error.code, 'COLLECT_TOO_LARGE');
  assert.equal(error.context.transform, 'Collect');
});

test('an abort signal cancels between slow elements of one block', async () => {
  const abort = new AbortController();
  let seen = 0;
  const p = new Pipeline({ threads: 0, signal: abort.signal });
  p.create(Array.from({ length: 1000 }, (_, i) => i))
    .apply(reshuffle())
    .map('slow', () => {
      // The event loop gets its turn every 50 ms, in which the timer comes.
      setTimeout(() => abort.abort(new Error('enough')), 0);
      const started = performance.now();
      while (performance.now() - started < 60);
      seen++;
    });
  await assert.rejects(p.run(), { code: 'CANCELLED' });
  assert.ok(seen < 10, `${seen} elements`);
});
