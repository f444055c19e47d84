import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coders } from '../../../sdk/coders/index.ts';
import { combinePerKey } from '../../../sdk/combine/combine.ts';
import type { CombineFn } from '../../../sdk/combine/combine-fn.ts';
import { Pipeline } from '../../../sdk/pipeline/pipeline.ts';
import type { Rewrite } from '../../../sdk/pipeline/runner.ts';
import { state } from '../../../sdk/state/state.ts';
import { flatten } from '../../../sdk/transforms/flatten.ts';
import { GroupByKey } from '../../../sdk/transforms/group-by-key.ts';
import { reshuffle } from '../../../sdk/transforms/reshuffle.ts';
import { asIterable } from '../../../sdk/transforms/side-input.ts';
import { kv } from '../../../sdk/values.ts';
import { fixed } from '../../../sdk/windows/fixed-windows.ts';
import { sessions } from '../../../sdk/windows/session-windows.ts';
import type { ExecutionPlan } from './execution-plan.ts';
import { MAX_STEPS, planPipeline } from './planner.ts';

const total: CombineFn<number, number, number> = {
  name: 'Sum',
  create: () => 0,
  add: (a, b) => a + b,
  merge: (all) => [...all].reduce((a, b) => a + b, 0),
  extract: (a) => a,
};

const stepsOf = (plan: ExecutionPlan): string[][] =>
  plan.stages.map(({ steps }) => steps.map(({ transform }) => transform));

/** Every stage comes after the writers of what it reads. */
function checkOrder(plan: ExecutionPlan): void {
  for (const stage of plan.stages) {
    const reads = [
      ...(stage.input.kind === 'channel' ? [stage.input.channel] : []),
      ...stage.sides.map((side) => side.channel),
    ];
    for (const channel of reads) {
      for (const writer of plan.stages) {
        if (writer.writes.some((write) => write.channel === channel)) {
          assert.ok(writer.id < stage.id, `${writer.name} before ${stage.name}`);
          assert.ok(stage.after.includes(writer.id));
        }
      }
    }
  }
}

test('element-wise steps fuse with their source', () => {
  const p = new Pipeline();
  p.create([1])
    .map('a', (x) => x)
    .filter('b', () => true);
  const plan = planPipeline(p.graph);
  assert.deepEqual(stepsOf(plan), [['Create/Elements', 'a', 'b']]);
  assert.deepEqual(plan.channels, []);
});

test('siblings share a stage', () => {
  const p = new Pipeline();
  const source = p.create([1]);
  source.map('a', (x) => x);
  source.map('b', (x) => x);
  assert.deepEqual(stepsOf(planPipeline(p.graph)), [['Create/Elements', 'a', 'b']]);
});

test('a grouping separates stages, and a combine is lifted before it', () => {
  const p = new Pipeline();
  p.create([1])
    .keyBy('k', (x) => x)
    .apply(combinePerKey(total))
    .map('out', (x) => x);
  const plan = planPipeline(p.graph);
  assert.deepEqual(stepsOf(plan), [['Create/Elements', 'k'], ['out']]);
  assert.equal(plan.channels[0].kind, 'combine');

  const unlifted = planPipeline(p.graph, ['combinerLifting']);
  assert.deepEqual(stepsOf(unlifted), [
    ['Create/Elements', 'k'],
    ['SumPerKey/CombineGroupedValues', 'out'],
  ]);
  assert.equal(unlifted.channels[0].kind, 'group');
});

test('a flatten is unzipped: its readers run in the stages of its inputs', () => {
  const p = new Pipeline();
  flatten([p.create([1]).map('a', (x) => x), p.create([2]).map('b', (x) => x)]).map('c', (x) => x);
  assert.deepEqual(stepsOf(planPipeline(p.graph)), [
    ['Create/Elements', 'a', 'Flatten', 'c'],
    ['Create#2/Elements', 'b', 'Flatten', 'c'],
  ]);
  const joined = planPipeline(p.graph, ['flattenUnzipping']);
  assert.deepEqual(stepsOf(joined), [
    ['Create/Elements', 'a', 'Flatten'],
    ['Create#2/Elements', 'b', 'Flatten'],
    ['c'],
  ]);
  checkOrder(joined);
});

test('a side input made from the same elements makes the main input wait', () => {
  const p = new Pipeline();
  const source = p.create([1, 2]);
  const side = asIterable(source.map('double', (x) => 2 * x));
  const use = (name: string) =>
    source.parDo(name, { sides: { side }, process: (x, { sides }) => [[x, ...sides.side]] });
  use('one');
  use('two');
  const plan = planPipeline(p.graph);
  checkOrder(plan);
  assert.deepEqual(stepsOf(plan), [
    ['Create/Elements', 'double'],
    ['one', 'two'],
  ]);
});

test('two dependent side inputs on one collection need a stage each', () => {
  const p = new Pipeline();
  const source = p.create([1, 2]);
  const first = source.parDo('first', {
    sides: { a: asIterable(source.map('double', (x) => 2 * x)) },
    process: (x, { sides }) => [x + [...sides.a].length],
  });
  source.parDo('second', { sides: { b: asIterable(first) }, process: (x, { sides }) => [x + [...sides.b].length] });
  const plan = planPipeline(p.graph);
  checkOrder(plan);
  assert.deepEqual(stepsOf(plan), [['Create/Elements', 'double'], ['first'], ['second']]);
});

test('a chain that is too long for a stack is cut', async () => {
  const p = new Pipeline();
  let numbers = p.create([0]);
  for (let i = 0; i < 2500; i++) numbers = numbers.map(`${i}`, (n) => n + 1);
  const steps = stepsOf(planPipeline(p.graph));
  assert.deepEqual(
    steps.map(({ length }) => length),
    [MAX_STEPS, MAX_STEPS, 501],
  );
  let end = 0;
  numbers.map('end', (n) => {
    end = n;
  });
  await p.run({ threads: 0 });
  assert.equal(end, 2500);
});

test('a reshuffle is a barrier', () => {
  const p = new Pipeline();
  p.create([1])
    .apply(reshuffle())
    .map('a', (x) => x);
  const plan = planPipeline(p.graph);
  assert.deepEqual(stepsOf(plan), [['Create/Elements'], ['a']]);
  assert.equal(plan.channels[0].kind, 'blocks');
});

test('what nobody reads is removed, user functions are kept', () => {
  const p = new Pipeline();
  p.create([1])
    .keyBy('k', (x) => x)
    .groupByKey();
  const plan = planPipeline(p.graph);
  assert.deepEqual(stepsOf(plan), [['Create/Elements', 'k']]);
  assert.match(plan.notes.join(), /removed GroupByKey/);
  assert.equal(planPipeline(p.graph, ['deadCode']).channels.length, 1);
});

test('without fusion each transform has a stage of its own', () => {
  const p = new Pipeline();
  const mapped = p.create([1]).map('a', (x) => x);
  mapped.map('b', (x) => x);
  mapped.map('c', (x) => x);
  const plan = planPipeline(p.graph, ['fusion']);
  checkOrder(plan);
  assert.deepEqual(stepsOf(plan), [['Create/Elements'], ['a'], ['b'], ['c']]);
});

/** Channels that keep partitions, by the grouping that reads them. */
const keeping = (p: Pipeline, disabled: readonly Rewrite[] = []): string[] =>
  planPipeline(p.graph, [...disabled, 'deadCode']).channels.flatMap(({ keepsPartitions, transform }) =>
    keepsPartitions ? [transform] : [],
  );

test('a grouping by the keys of the one before follows it', () => {
  const p = new Pipeline();
  const keyed = p.create([1]).keyBy('k', (x) => x);
  const sums = keyed.apply('sums', combinePerKey(total));
  const counts = keyed.mapValues('one', () => 1).apply('counts', combinePerKey(total));
  sums
    .mapValues('half', (x) => x / 2)
    .filter('some', ([, x]) => x > 1)
    .apply('again', new GroupByKey());
  flatten([sums, counts]).apply('both', new GroupByKey());
  assert.deepEqual(keeping(p).sort(), ['again', 'both']);
  assert.deepEqual(keeping(p, ['keyPreserving']), []);
  assert.deepEqual(keeping(p, ['fusion']), [], 'a stored collection has no partitions');
  checkOrder(planPipeline(p.graph));
});

test('a grouping follows none that has other keys, other windows, or another source beside it', () => {
  const p = new Pipeline();
  const sums = p
    .create([1])
    .keyBy('k', (x) => x)
    .apply('sums', combinePerKey(total));
  sums.map('anything', ([k, v]) => [k, v] as const).apply('mapped', new GroupByKey());
  sums.window(fixed('1m')).apply('windowed', new GroupByKey());
  sums
    .withErrors()
    .mapValues('risky', (x) => x)
    .errors.keyBy('what', ({ transform }) => transform)
    .apply('dead letters', new GroupByKey());
  flatten([sums, p.create([kv(1, 1)])]).apply('mixed', new GroupByKey());
  sums.withCoder(coders.kv(coders.safeInt, coders.double)).apply('same', new GroupByKey());
  const merged = p
    .create([kv(1, 1)])
    .window(sessions({ gap: '1m' }))
    .apply('sessions', new GroupByKey());
  merged
    .mapValues('size', (values) => [...values].length)
    .apply('after sessions', new GroupByKey())
    .mapValues('first', ([size]) => size)
    .apply('after that', new GroupByKey());
  assert.deepEqual(keeping(p), ['after that'], 'windows that are merged on the way hash otherwise');
});

test('a stage that begins with a stateful transform is called by its name once', () => {
  const p = new Pipeline();
  p.create([1])
    .keyBy('key', String)
    .parDo('count', { state: { seen: state.value<number>() }, process: () => [] })
    .map('show', String);
  const { stages } = planPipeline(p.graph);
  assert.equal(stages[stages.length - 1].name, 'count + show');
});
