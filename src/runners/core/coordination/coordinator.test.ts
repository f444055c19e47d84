import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { combinePerKey } from '../../../sdk/combine/combine.ts';
import type { CombineFn } from '../../../sdk/combine/combine-fn.ts';
import { Pipeline } from '../../../sdk/pipeline/pipeline.ts';
import { OffsetRangeTracker, offsetRangeCoder } from '../../../sdk/transforms/offset-range-tracker.ts';
import { asList } from '../../../sdk/transforms/side-input.ts';
import { splittableParDo } from '../../../sdk/transforms/splittable-par-do.ts';
import type { ExecutionPlan } from '../plan/execution-plan.ts';
import { planPipeline } from '../plan/planner.ts';
import { Coordinator, type CoordinatorOptions, type JobOutcome } from './coordinator.ts';
import type { BundleWork, ChannelOutput, PlainError, RestrictionSplit } from './messages.ts';

const total: CombineFn<number, number, number> = {
  name: 'Sum',
  create: () => 0,
  add: (a, b) => a + b,
  merge: (all) => [...all].reduce((a, b) => a + b, 0),
  extract: (a) => a,
};

const failure: PlainError = { name: 'Error', type: undefined, code: '', summary: 'no', context: {}, fatal: false };

/** A coordinator whose workers answer what the test says. */
class World {
  readonly coordinator: Coordinator;
  readonly plan: ExecutionPlan;
  /** Work sent to each worker and not yet answered. */
  readonly running = new Map<string, BundleWork>();
  readonly splitsAsked: string[] = [];
  readonly discardedFiles: string[] = [];
  readonly discardedAttempts: string[] = [];
  outcome: JobOutcome | undefined;
  now = 0;

  constructor(pipeline: Pipeline, workers: number, options: Partial<CoordinatorOptions> = {}) {
    this.plan = planPipeline(pipeline.graph);
    this.coordinator = new Coordinator(
      this.plan,
      { maxAttempts: 3, memory: 1000, workers, resendMillis: 100, ...options },
      {
        now: () => this.now,
        send: (worker, message) => {
          if (message.type === 'run') this.running.set(worker, message.work);
          if (message.type === 'split') this.splitsAsked.push(worker);
        },
        discardAttempt: (bundle, attempt) => void this.discardedAttempts.push(`${bundle}.${attempt}`),
        discardParts: (files) => void this.discardedFiles.push(...files),
        ended: (outcome) => {
          this.outcome = outcome;
        },
      },
    );
    for (let i = 0; i < workers; i++) this.coordinator.addWorker(`w${i}`);
    this.coordinator.start();
  }

  work(worker: string): BundleWork {
    const work = this.running.get(worker);
    assert.ok(work !== undefined, `${worker} has no work`);
    return work;
  }

  /** The name of the stage that a worker is at. */
  at(worker: string): string {
    return this.plan.stages[this.work(worker).stage].name;
  }

  done(worker: string, outputs: readonly ChannelOutput[] = [], splits: readonly RestrictionSplit[] = []): BundleWork {
    const work = this.work(worker);
    this.running.delete(worker);
    const { bundle, attempt } = work;
    this.coordinator.receive(worker, {
      type: 'done',
      bundle,
      attempt,
      outputs,
      counts: { elements: {}, metrics: {} },
      splits,
    });
    return work;
  }

  fail(worker: string, error = failure): void {
    const { bundle, attempt } = this.work(worker);
    this.running.delete(worker);
    this.coordinator.receive(worker, { type: 'failed', bundle, attempt, error });
  }

  /** What a bundle writes into a grouping: so many bytes per partition. */
  grouped(channel: number, partitionBytes: readonly number[], memoryBytes = 0): ChannelOutput {
    const bytes = partitionBytes.reduce((a, b) => a + b, 0);
    const file = `${channel}: ${partitionBytes}`;
    return { channel, parts: [file], sizes: [bytes], memoryBytes, bytes, files: [file], partitionBytes };
  }
}

function listed(channel: number, parts: readonly string[], sizes: readonly number[]): ChannelOutput {
  return { channel, parts, sizes, memoryBytes: 0, bytes: 0, files: [] };
}

describe('groupings that follow each other', () => {
  function pipeline(): Pipeline {
    const p = new Pipeline();
    p.create([1])
      .keyBy('key', (n) => n)
      .apply('sum', combinePerKey(total))
      .mapValues('half', (n) => n / 2)
      .groupByKey()
      .map('out', (x) => x);
    return p;
  }

  test('a partition is grouped again as soon as it is complete, and given up when that is done', () => {
    const world = new World(pipeline(), 2);
    world.done('w0', [world.grouped(0, [5, 6, 0, 7])]);
    assert.deepEqual([world.at('w0'), world.at('w1')], ['sum + half', 'sum + half']);
    // The third partition waits; the first one is done and goes on.
    world.done('w0', [world.grouped(1, [3, 0, 0, 0])]);
    assert.equal(world.at('w0'), 'sum + half');
    world.done('w0', [world.grouped(1, [0, 0, 0, 3])]);
    assert.equal(world.at('w0'), 'GroupByKey + out');
    assert.deepEqual(world.work('w0').source, { kind: 'partition', partition: 0, parts: ['1: 3,0,0,0'] });
    world.done('w0');
    assert.deepEqual(world.discardedFiles, ['1: 3,0,0,0']);
    assert.deepEqual(world.work('w0').source, { kind: 'partition', partition: 3, parts: ['1: 0,0,0,3'] });
    world.done('w0');
    assert.equal(world.outcome, undefined);
    // The second partition comes to nothing, so nothing follows it.
    world.done('w1', [world.grouped(1, [0, 0, 0, 0])]);
    assert.deepEqual(world.outcome, { state: 'DONE' });
    assert.deepEqual(world.discardedFiles, ['1: 3,0,0,0', '1: 0,0,0,3', '0: 5,6,0,7', '1: 0,0,0,0']);
  });

  test('the work of stages to come is estimated from what the stages before have done', () => {
    const world = new World(pipeline(), 1);
    const work = () =>
      world.coordinator.progress(() => ({ fraction: 0, elements: 0 })).stages.map((stage) => stage.work);
    assert.deepEqual(work(), [1, 1, 1], 'nothing is known');
    world.done('w0', [world.grouped(0, [50, 60, 0, 90])]);
    assert.deepEqual(work(), [1, 200, 200]);
    world.done('w0', [world.grouped(1, [5, 0, 0, 0])]);
    // A quarter of the sums gave 5.
    assert.deepEqual(work(), [1, 200, 20]);
    world.done('w0', [world.grouped(1, [0, 6, 0, 0])]);
    world.done('w0', [world.grouped(1, [0, 0, 0, 7])]);
    assert.deepEqual(work(), [1, 200, 18]);
  });

  test('what leaves its partition fails the job', () => {
    const world = new World(pipeline(), 1);
    world.done('w0', [world.grouped(0, [5, 6])]);
    world.done('w0', [world.grouped(1, [0, 3])]);
    assert.match(String(world.outcome?.error), /KEY_CHANGED/);
  });
});

describe('restrictions', () => {
  function pipeline(): Pipeline {
    const p = new Pipeline();
    p.create([0]).apply(
      splittableParDo('Read', {
        restriction: {
          coder: offsetRangeCoder,
          initial: () => ({ start: 0, end: 1 }),
          tracker: (range) => new OffsetRangeTracker(range),
        },
        *process() {
          yield [0];
        },
      }),
    );
    return p;
  }

  /** The restrictions that a worker has to read. */
  const partsOf = (work: BundleWork) => (work.source.kind === 'restrictions' ? work.source.parts : []);

  test('small ones come together, large ones alone', () => {
    const world = new World(pipeline(), 1);
    const sizes = [1, 1, 1, 20, 1, 1, 1].map((gigabytes) => gigabytes * 2 ** 30);
    world.done('w0', [listed(0, ['a', 'b', 'c', 'D', 'e', 'f', 'g'], sizes)]);
    const bundles: unknown[] = [];
    while (world.outcome === undefined) bundles.push(partsOf(world.done('w0')));
    assert.deepEqual(bundles, [['a', 'b', 'c'], ['D'], ['e', 'f', 'g']]);
  });

  test('a split counts once, however often it is told, and a lost one comes with the end', () => {
    const world = new World(pipeline(), 1);
    world.done('w0', [listed(0, ['a', 'b', 'c', 'd'], [0.1, 0.1, 0.1, 0.1])]);
    const first = world.work('w0');
    const parts = [...partsOf(first)];
    const splits: RestrictionSplit[] = [
      {
        index: 0,
        kept: parts.length,
        shortened: { at: 0, part: 'first half', size: 1 },
        residual: { parts: ['second half'], sizes: [1] },
      },
      { index: 1, kept: 1, residual: { parts: parts.slice(1), sizes: parts.slice(1).map(() => 1) } },
    ];
    const { bundle, attempt } = first;
    for (let i = 0; i < 2; i++) world.coordinator.receive('w0', { type: 'split', bundle, attempt, split: splits[0] });
    world.fail('w0');
    assert.deepEqual(partsOf(world.work('w0')), ['first half', ...parts.slice(1)]);
    // Splits of the failed attempt do not count for this one.
    world.coordinator.receive('w0', { type: 'split', bundle, attempt, split: splits[1] });
    world.done('w0', [], [{ ...splits[0], shortened: undefined, residual: { parts: ['rest'], sizes: [1] } }] as never);
    const read: unknown[] = [];
    while (world.outcome === undefined) read.push(...partsOf(world.done('w0')));
    assert.deepEqual(read.sort(), [
      ...['a', 'b', 'c', 'd'].filter((part) => !parts.includes(part)),
      'rest',
      'second half',
    ]);
  });

  test('an idle worker makes the one that has read longest give something away, but not all the time', () => {
    const world = new World(pipeline(), 2);
    world.done('w0', [listed(0, ['a'], [1])]);
    assert.deepEqual(world.splitsAsked, ['w0']);
    world.coordinator.tick();
    assert.equal(world.splitsAsked.length, 1);
    world.now += 60;
    world.coordinator.tick();
    assert.deepEqual(world.splitsAsked, ['w0', 'w0']);
  });
});

describe('attempts', () => {
  function pipeline(): Pipeline {
    const p = new Pipeline();
    p.create([1])
      .keyBy('key', (n) => n)
      .groupByKey()
      .map('out', (x) => x);
    return p;
  }

  test('a bundle that fails runs again before all others, on any worker, so many times', () => {
    const world = new World(pipeline(), 1);
    world.done('w0', [world.grouped(0, [1, 1, 1])]);
    const { bundle } = world.work('w0');
    world.fail('w0');
    assert.deepEqual([world.work('w0').bundle, world.work('w0').attempt], [bundle, 2]);
    world.coordinator.removeWorker('w0', failure);
    world.coordinator.addWorker('w1');
    assert.deepEqual([world.work('w1').bundle, world.work('w1').attempt], [bundle, 3]);
    assert.deepEqual(world.discardedAttempts, [`${bundle}.1`, `${bundle}.2`]);
    world.fail('w1');
    assert.equal(world.outcome?.state, 'FAILED');
  });

  test('a wrong pipeline is not tried again', () => {
    const world = new World(pipeline(), 1);
    world.fail('w0', { ...failure, fatal: true });
    assert.equal(world.outcome?.state, 'FAILED');
  });

  test('an answer that comes twice or too late changes nothing', () => {
    const world = new World(pipeline(), 2);
    const first = world.work('w0');
    world.coordinator.removeWorker('w0', failure);
    assert.equal(world.work('w1').attempt, 2);
    const late = { type: 'done', splits: [], counts: { elements: {}, metrics: {} } } as const;
    const outputs = [world.grouped(0, [9, 9])];
    world.coordinator.receive('w0', { ...late, bundle: first.bundle, attempt: 1, outputs });
    assert.deepEqual(world.discardedAttempts, ['0.1', '0.1']);
    world.done('w1', [world.grouped(0, [1])]);
    world.coordinator.receive('w1', { ...late, bundle: first.bundle, attempt: 2, outputs });
    assert.deepEqual(world.discardedAttempts, ['0.1', '0.1'], 'the files of the attempt that counts stay');
    assert.deepEqual(world.work('w1').source, { kind: 'partition', partition: 0, parts: ['0: 1'] });
    world.coordinator.receive('w1', { ...late, bundle: 99, attempt: 1, outputs });
    world.done('w1');
    assert.equal(world.outcome?.state, 'DONE');
  });

  test('work that is not answered is sent again', () => {
    const world = new World(pipeline(), 1);
    const { sequence } = world.work('w0');
    world.running.clear();
    world.now = 99;
    world.coordinator.tick();
    assert.equal(world.running.size, 0);
    world.now = 100;
    world.coordinator.tick();
    assert.equal(world.work('w0').sequence, sequence);
  });
});

test('memory is set aside for what runs: all allowances and contents together stay within the budget', () => {
  const p = new Pipeline();
  p.create([1])
    .keyBy('key', (n) => n)
    .groupByKey()
    .keyBy('other', ([key]) => key + 1)
    .groupByKey()
    .map('out', (x) => x);
  const world = new World(p, 2);
  assert.equal(world.work('w0').memoryAllowance, 500);
  world.done('w0', [world.grouped(0, [1, 1, 1, 1], 400)]);
  assert.deepEqual([world.work('w0').memoryAllowance, world.work('w1').memoryAllowance], [300, 300]);
  world.done('w0', [world.grouped(1, [1], 100)]);
  assert.equal(world.work('w0').memoryAllowance, 200);
  world.fail('w1');
  assert.equal(world.work('w1').memoryAllowance, 300);
  world.done('w0', [world.grouped(1, [1], 200)]);
  assert.equal(world.work('w0').memoryAllowance, 0);
});

test('a worker gets the contents of a side input once', () => {
  const p = new Pipeline();
  const side = p.create([1]).map('side', (n) => n);
  p.create([2])
    .keyBy('key', (n) => n)
    .groupByKey()
    .parDo('use', { sides: { side: asList(side) }, process: () => [] });
  const world = new World(p, 1);
  while (!world.at('w0').includes('use')) {
    const { writes } = world.plan.stages[world.work('w0').stage];
    world.done(
      'w0',
      writes.map(({ channel }) =>
        world.plan.channels[channel].kind === 'blocks'
          ? listed(channel, ['block'], [1])
          : world.grouped(channel, [1, 1, 1]),
      ),
    );
  }
  const [{ channel }] = world.plan.stages[world.work('w0').stage].sides;
  assert.deepEqual(world.work('w0').sides, { [channel]: ['block'] });
  // Any answer tells that the message has come; a new worker knows nothing.
  world.fail('w0');
  assert.deepEqual(world.work('w0').sides, {});
  world.coordinator.removeWorker('w0', failure);
  world.coordinator.addWorker('w1');
  assert.deepEqual(world.work('w1').sides, { [channel]: ['block'] });
});

test('progress never goes back and counts what runs', () => {
  const world = new World(
    (() => {
      const p = new Pipeline();
      p.create([1]).map('out', (x) => x);
      return p;
    })(),
    1,
  );
  const at = (fraction: number, elements: number) =>
    world.coordinator.progress(() => ({ fraction, elements })).stages[0];
  assert.deepEqual([at(0.5, 7).fraction, at(0.5, 7).elements], [0.5, 7]);
  assert.deepEqual([at(0.2, 3).fraction, at(0.2, 3).elements], [0.5, 7]);
  assert.equal(at(1, 8).fraction, 0.99, 'what is not done is not shown as done');
  world.done('w0');
  assert.deepEqual([at(0, 0).fraction, at(0, 0).elements], [1, 0]);
});
