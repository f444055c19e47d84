import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeElements, type FnStage, protoTransform, stageEnd } from '../../../../test/support/fn-stage.ts';
import { mapStage, serveStage } from '../../../../test/support/served-stage.ts';
import type { InstructionResponse } from '../../../model/fn-execution.ts';
import { TransformUrn } from '../../../model/urns.ts';
import { kvCoder } from '../../../sdk/coders/kv-coder.ts';
import { timestampCoder } from '../../../sdk/coders/timestamp-coder.ts';
import {
  coders,
  type OffsetRange,
  OffsetRangeTracker,
  offsetRangeCoder,
  Pipeline,
  resume,
  type SplittableContext,
  type SplittableDoFn,
  splittableParDo,
} from '../../../sdk/index.ts';
import { MIN_TIMESTAMP, type Timestamp } from '../../../sdk/windows/timestamp.ts';

const doubling = () => mapStage((n) => n * 2);

test('elements that have not begun can be given up', async (t) => {
  const served = await serveStage(t, doubling());
  const running = served.begin('b1');
  const desiredSplits = { in: { fractionOfRemainder: 0.5, estimatedInputElements: 4n } };
  let split: InstructionResponse | undefined;
  // The instruction may be taken before the bundle has begun, and is then answered with nothing.
  for (let i = 0; split?.processBundleSplit?.channelSplits.length !== 1; i++) {
    split = await served.runner.instruct({ processBundleSplit: { instructionId: 'b1', desiredSplits } });
    assert.ok(i < 1000);
  }
  assert.deepEqual(split.processBundleSplit?.channelSplits, [
    { transformId: 'in', lastPrimaryElement: 1n, firstResidualElement: 2n },
  ]);
  served.send('b1', [1, 2, 3, 4]);
  assert.equal((await running).error, '');
  assert.deepEqual(await served.output('b1'), [2, 4]);
});

test('a split by no fraction is refused, and gives up nothing', async (t) => {
  const served = await serveStage(t, doubling());
  const running = served.begin('b1');
  const split = (fractionOfRemainder: number) => {
    const desiredSplits = { in: { fractionOfRemainder, estimatedInputElements: 4n } };
    return served.runner.instruct({ processBundleSplit: { instructionId: 'b1', desiredSplits } });
  };
  for (const wrong of [Number.NaN, -0.5, 1.5, Number.POSITIVE_INFINITY]) {
    let { error } = await split(wrong);
    // As above, the bundle may not have begun.
    for (let i = 0; error === '' && i < 1000; i++) ({ error } = await split(wrong));
    assert.match(error, /FN_API_INVALID/);
  }
  served.send('b1', [1, 2, 3, 4]);
  assert.equal((await running).error, '');
  assert.deepEqual(await served.output('b1'), [2, 4, 6, 8]);
});

/** An element with its restriction and watermark state, and the size of that. */
const sized = kvCoder(kvCoder(coders.string, kvCoder(offsetRangeCoder, timestampCoder)), coders.double);

/** The part of a splittable transform that processes what others have split. */
function readStage(fn: Pick<SplittableDoFn<string, OffsetRange, number, number>, 'process' | 'teardown'>): FnStage {
  const pipeline = new Pipeline();
  pipeline.create(['x'], coders.string).apply(
    splittableParDo('read', {
      coder: coders.safeInt,
      restriction: {
        coder: offsetRangeCoder,
        initial: (): OffsetRange => ({ start: 0, end: 10 }),
        size: (_: string, { start, end }: OffsetRange) => end - start,
        tracker: (restriction: OffsetRange) => new OffsetRangeTracker(restriction),
      },
      ...fn,
    }),
  );
  const read = protoTransform(pipeline, 'read');
  const urn = TransformUrn.PROCESS_SIZED_ELEMENTS_AND_RESTRICTIONS;
  const spec = { urn, payload: read.spec?.payload ?? new Uint8Array() };
  return {
    pipeline,
    transforms: { read: { ...read, spec, inputs: { i: 'sized' } } },
    from: stageEnd('sized', sized),
    to: stageEnd('read.main', coders.safeInt),
  };
}

test('a restriction that stops to go on later is left to the runner, with its watermark', async (t) => {
  const stage = readStage({
    *process(_: string, { tracker, watermark }: SplittableContext<OffsetRange, number>) {
      const at = tracker.current().start;
      if (!tracker.tryClaim(at)) return undefined;
      yield [at];
      watermark.set(1000 as Timestamp);
      return resume('2s');
    },
  });
  const served = await serveStage(t, stage);
  const { error, processBundle } = await served.run('b1', [[['x', [{ start: 4, end: 10 }, MIN_TIMESTAMP]], 6]]);
  assert.equal(error, '');
  assert.deepEqual(await served.output('b1'), [4]);
  const [residual] = processBundle?.residualRoots ?? [];
  assert.partialDeepStrictEqual(residual, {
    requestedTimeDelay: { seconds: 2n },
    application: { transformId: 'read', inputId: 'i', outputWatermarks: { main: { seconds: 1n } } },
  });
  const [{ value }] = decodeElements(stage.from[1], residual.application?.element ?? new Uint8Array());
  assert.deepEqual(value, [['x', [{ start: 5, end: 10 }, 1000]], 5]);
});

test('the end of the worker ends a splittable call, and then tears down', async (t) => {
  const log: string[] = [];
  const begun = Promise.withResolvers<void>();
  const stage = readStage({
    async *process(_: string, { signal }: SplittableContext<OffsetRange, number>) {
      try {
        begun.resolve();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        yield [1];
      } finally {
        log.push('ended');
      }
    },
    teardown: () => void log.push('torn down'),
  });
  const served = await serveStage(t, stage);
  void served.run('b1', [[['x', [{ start: 0, end: 10 }, MIN_TIMESTAMP]], 10]]);
  await begun.promise;
  served.runner.end();
  await served.worker.done;
  assert.deepEqual(log, ['ended', 'torn down']);
});
