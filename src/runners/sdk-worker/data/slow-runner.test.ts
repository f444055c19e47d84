import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CREATED, protoTransform, stageEnd } from '../../../../test/support/fn-stage.ts';
import { serveStage } from '../../../../test/support/served-stage.ts';
import { coders, type PCollection, Pipeline } from '../../../sdk/index.ts';
import type { Timestamp } from '../../../sdk/windows/timestamp.ts';
import { GLOBAL_WINDOW } from '../../../sdk/windows/window.ts';

const LARGE = 'x'.repeat(100_000);
const MANY = 600;
/** Each makes a lot of one element, or of none. */
const MAKERS: Record<string, (made: () => string, pipeline: Pipeline) => PCollection<string>> = {
  'a generator': (made, pipeline) =>
    pipeline.create([1], coders.safeInt).flatMap('m', function* () {
      for (let i = 0; i < MANY; i++) yield made();
    }),
  'generators one after the other': (made, pipeline) =>
    pipeline
      .create([1], coders.safeInt)
      .flatMap('n', () => new Array<number>(10).fill(MANY / 10).values())
      .withCoder(coders.safeInt)
      .flatMap('m', function* (n) {
        for (let i = 0; i < n; i++) yield made();
      }),
  'an async generator': (made, pipeline) =>
    pipeline.create([1], coders.safeInt).flatMap('m', async function* () {
      for (let i = 0; i < MANY; i++) yield made();
    }),
  'the end of a bundle': (made, pipeline) =>
    pipeline.create([1], coders.safeInt).parDo('m', {
      process: () => [],
      *finishBundle() {
        for (let i = 0; i < MANY; i++) yield { value: made(), timestamp: 0 as Timestamp, window: GLOBAL_WINDOW };
      },
    }),
};
for (const [what, make] of Object.entries(MAKERS)) {
  test(`what a runner takes slowly is made slowly: ${what}`, async (t) => {
    let made = 0;
    const pipeline = new Pipeline();
    make(() => `${made++} ${LARGE}`, pipeline).withCoder(coders.string);
    const names = [...pipeline.graph.transforms.keys()].filter((name) => name === 'n' || name === 'm');
    const transforms = Object.fromEntries(names.map((name) => [name, protoTransform(pipeline, name)]));
    const from = stageEnd(CREATED, coders.safeInt);
    const served = await serveStage(t, { pipeline, transforms, from, to: stageEnd('m.main', coders.string) });
    const { runner } = served;
    runner.takeNothing();
    const running = served.run('b1', [1]);
    // Asking takes turns of the worker's event loop, between which it makes as much as it may.
    const progress = { processBundleProgress: { instructionId: 'b1' } };
    for (let last = -1; made === 0 || made > last; ) {
      last = made;
      await runner.instruct(progress);
      await runner.instruct(progress);
    }
    assert.ok(made < MANY, `${made} were made`);
    runner.takeOn();
    assert.equal((await running).error, '');
    assert.deepEqual(
      (await served.output('b1')).map((value) => Number.parseInt(String(value), 10)),
      Array.from({ length: MANY }, (_, i) => i),
    );
  });
}
