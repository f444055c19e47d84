import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { coders } from '../coders/index.ts';
import { MillraceError } from '../errors.ts';
import { option } from '../options/option.ts';
import type { Pipeline } from './pipeline.ts';
import { findDefinition, isPipelineDefinition, originOf, pipeline } from './pipeline-definition.ts';
import type { Job } from './pipeline-result.ts';
import { interceptRuns, type RunOptions } from './runner.ts';

const doubled = pipeline(
  'doubled',
  { from: coders.safeInt, steps: option.integer({ min: 0, default: 2 }), label: option.string({ required: false }) },
  (p, options) => {
    let numbers = p.create([options.from]);
    for (let i = 0; i < options.steps; i++) numbers = numbers.map(options.label ?? 'double', (n) => 2 * n);
  },
);

afterEach(() => interceptRuns(undefined));

/** What a call of run() would have started. */
async function started(run: () => Promise<unknown>): Promise<{ pipeline: Pipeline; options: RunOptions }> {
  const { promise, resolve } = Promise.withResolvers<{ pipeline: Pipeline; options: RunOptions }>();
  interceptRuns((built, options) => {
    resolve({ pipeline: built, options });
    return new Promise<Job>(() => {});
  });
  return Promise.race([promise, run().then(() => promise)]);
}

function code(expected: string) {
  return (error: unknown) => error instanceof MillraceError && error.code === expected;
}

describe('a pipeline definition', () => {
  it('builds the graph of given options, defaults filled in', () => {
    assert.deepEqual(doubled.build({ from: 1 }).graph.roots, ['Create', 'double', 'double#2']);
    assert.deepEqual(doubled.build({ from: 1, steps: 1, label: 'twice' }).graph.roots, ['Create', 'twice']);
    const built = doubled.build({ from: 1 }, { threads: 0 });
    assert.equal(built.name, 'doubled');
    assert.deepEqual(built.options, { threads: 0 });
  });

  it('checks options given in code', () => {
    // @ts-expect-error from is required
    assert.throws(() => doubled.build({}), code('OPTION_MISSING'));
    // @ts-expect-error a string is no number
    assert.throws(() => doubled.build({ from: '1' }), code('OPTION_INVALID'));
    assert.throws(() => doubled.build({ from: 1, steps: -1 }), code('OPTION_INVALID'));
  });

  it('does not look at the environment when it builds', () => {
    process.env.MILLRACE_STEPS = '1';
    try {
      assert.equal(doubled.build({ from: 1 }).graph.roots.length, 3);
    } finally {
      delete process.env.MILLRACE_STEPS;
    }
  });

  it('runs with argv, and with values from code before it', async () => {
    const plain = await started(() => doubled.run(['--from', '3', '--steps', '1', '--threads', '2']));
    assert.equal(plain.pipeline.graph.roots.length, 2);
    assert.equal(plain.options.threads, 2);
    const mixed = await started(() =>
      doubled.run({ argv: ['--from', '3', '--threads', '2'], values: { steps: 0 }, threads: 0, env: {} }),
    );
    assert.deepEqual(mixed.pipeline.graph.roots, ['Create']);
    assert.equal(mixed.options.threads, 0);
    const env = await started(() => doubled.run({ env: { MILLRACE_FROM: '5', MILLRACE_STEPS: '1' } }));
    assert.equal(env.pipeline.graph.roots.length, 2);
  });

  it('refuses wrong options before anything runs', async () => {
    await assert.rejects(doubled.run({ env: {} }), code('OPTION_MISSING'));
    await assert.rejects(doubled.run(['--form', '1']), code('OPTION_UNKNOWN'));
  });

  it('runs to its end', async () => {
    const result = await doubled.run({ values: { from: 1 }, env: {}, threads: 0 });
    assert.equal(result.state, 'DONE');
  });

  it('hands out what it collects', async () => {
    const squares = pipeline('squares', { from: coders.safeInt }, (p, { from }) => {
      const numbers = p.create([from, from + 1]);
      return {
        squares: numbers.map('square', (n) => n * n).collect(),
        texts: numbers.map('t', String).collect('Texts'),
      };
    });
    const { collected, state } = await squares.run({ values: { from: 2 }, threads: 0 });
    assert.equal(state, 'DONE');
    assert.deepEqual(collected.squares.toSorted(), [4, 9]);
    assert.deepEqual(
      collected.texts.map((text) => text.length),
      [1, 1],
    );
    assert.deepEqual(Object.keys(collected), ['squares', 'texts']);
    // @ts-expect-error nothing of this name is handed out
    assert.equal(collected.cubes, undefined);
    assert.deepEqual((await doubled.run({ values: { from: 1 }, threads: 0 })).collected, {});
  });

  it('hands out nothing else', () => {
    // @ts-expect-error a collection, and not a ticket for its elements
    const collection = pipeline('collection', {}, (p) => ({ a: p.create([1]) }));
    assert.throws(() => collection.build({}), code('BUILD_RESULT'));
    // @ts-expect-error a promise
    const late = pipeline('late', {}, async (p) => ({ a: p.create([1]).collect() }));
    assert.throws(() => late.build({}), /cannot be async/);
    assert.throws(() => pipeline('number', {}, (() => 5) as never).build({}), code('BUILD_RESULT'));
  });

  it('can be found by a worker: its name, its file and the complete values', () => {
    assert.equal(findDefinition('doubled'), doubled);
    assert.equal(findDefinition('nothing'), undefined);
    assert.match(doubled.location ?? '', /pipeline-definition\.test\.ts:\d+:\d+$/);
    const origin = originOf(doubled.build({ from: 7 }));
    assert.equal(origin?.definition, doubled);
    assert.deepEqual(structuredClone(origin?.values), { from: 7, steps: 2, label: undefined });
    assert.ok(isPipelineDefinition(doubled));
    for (const value of [undefined, null, {}, () => doubled]) assert.ok(!isPipelineDefinition(value));
  });

  it('must have a name, fitting options and a function', () => {
    assert.throws(() => pipeline('', {}, () => {}), code('PIPELINE_NAME'));
    assert.throws(() => pipeline('x'.repeat(101), {}, () => {}), code('PIPELINE_NAME'));
    assert.throws(() => pipeline('x', { threads: option.integer() }, () => {}), code('OPTION_SPEC_INVALID'));
    assert.throws(() => pipeline('x', {}, undefined as never), code('FUNCTION_MISSING'));
  });
});
