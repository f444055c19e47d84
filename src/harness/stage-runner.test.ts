import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserCodeError } from '../sdk/errors.ts';
import { Pipeline } from '../sdk/pipeline/pipeline.ts';
import type { DoFn } from '../sdk/transforms/do-fn.ts';
import { NO_FIRING } from '../sdk/windows/pane-info.ts';
import { timestamp } from '../sdk/windows/timestamp.ts';
import { GLOBAL_WINDOW } from '../sdk/windows/window.ts';
import { elementBlock, onlyBlock } from './bundle-input.ts';
import { DoFnLives } from './do-fn-lives.ts';
import { StageRunner } from './stage-runner.ts';

/** Runs a bundle that fails, of a stage of one DoFn, and says what it has slept for. */
async function sleepsOfFailure(elements: readonly number[], fn: DoFn<number, number>): Promise<readonly number[]> {
  const p = new Pipeline();
  const input = p.create([...elements]);
  const { id } = input.node;
  const step = { transform: input.parDo('Step', fn).node.producer, input: id };
  const slept: number[] = [];
  const environment = {
    now: () => 0,
    strict: false,
    redactErrors: false,
    currentStep: new Int32Array(1),
    sleep: async (millis: number) => void slept.push(millis),
  };
  const shape = { root: id, steps: [step], sinks: [], splits: [] };
  const runner = new StageRunner(p.graph, shape, environment, new DoFnLives());
  const next = onlyBlock(elementBlock(elements, timestamp(0), GLOBAL_WINDOW, NO_FIRING));
  const sideInputs = { view: () => assert.fail('there are none') };
  await assert.rejects(runner.run({ input: { kind: 'blocks', next }, sinks: [], sideInputs }), UserCodeError);
  return slept;
}

test('a bundle that has failed with nothing under way does not sleep', async () => {
  const slept = await sleepsOfFailure([1], {
    startBundle() {},
    process() {
      throw new Error('no');
    },
  });
  assert.deepEqual(slept, []);
});

test('a bundle that has failed gives calls that go on their time', async () => {
  const slept = await sleepsOfFailure([1, 2], {
    startBundle() {},
    async process(n) {
      if (n === 2) throw new Error('no');
      await new Promise(() => {});
      return undefined;
    },
  });
  assert.deepEqual(slept, [5000]);
});
