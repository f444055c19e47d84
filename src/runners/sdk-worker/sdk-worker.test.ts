import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { FakeRunner } from '../../../test/support/fake-runner.ts';
import {
  decodeElements,
  encodeElements,
  type FnStage,
  protoTransform,
  type StageEnd,
  stageDescriptor,
} from '../../../test/support/fn-stage.ts';
import type { InstructionResponse } from '../../model/fn-execution.ts';
import type { PTransform } from '../../model/pipeline.ts';
import type { Init } from '../../model/proto/message-type.ts';
import { TransformUrn } from '../../model/urns.ts';
import type { Coder } from '../../sdk/coders/coder.ts';
import { kvCoder } from '../../sdk/coders/kv-coder.ts';
import { timestampCoder } from '../../sdk/coders/timestamp-coder.ts';
import { RunnerError } from '../../sdk/errors.ts';
import {
  coders,
  type OffsetRange,
  OffsetRangeTracker,
  offsetRangeCoder,
  type PCollection,
  Pipeline,
  resume,
  type SplittableContext,
  splittableParDo,
  sum,
} from '../../sdk/index.ts';
import { MIN_TIMESTAMP, type Timestamp } from '../../sdk/windows/timestamp.ts';
import { GLOBAL_WINDOW } from '../../sdk/windows/window.ts';
import { refuseWork } from './refusing-worker.ts';
import { type SdkWorker, startSdkWorker } from './sdk-worker.ts';

let runner: FakeRunner;
let worker: SdkWorker | undefined;

beforeEach(async () => {
  runner = new FakeRunner();
  await runner.start();
});
afterEach(async () => {
  await worker?.stop();
  runner.stop();
});

async function serve(pipeline: Pipeline, onFailure?: (error: unknown) => void): Promise<void> {
  const listener = onFailure === undefined ? {} : { onFailure };
  const { endpoint } = runner;
  worker = startSdkWorker({
    id: 'w',
    controlEndpoint: endpoint,
    loggingEndpoint: endpoint,
    statusEndpoint: endpoint,
    pipeline,
    ...listener,
  });
  await runner.connected;
}

/** Registers a stage of some transforms, with the elements that go in and come out. */
function describe(pipeline: Pipeline, transforms: FnStage['transforms'], from: StageEnd, to: StageEnd): void {
  const { endpoint } = runner;
  runner.descriptors.set('stage', stageDescriptor({ pipeline, transforms, from, to }, { data: endpoint }));
}

/** All that a bundle has emitted. */
async function output(instruction: string, coder: Coder<unknown>): Promise<unknown[]> {
  return decodeElements(coder, await runner.outputOf(instruction, 'out')).map(({ value }) => value);
}

/** How many elements each collection has had, in counts below 128. */
function elementCounts({ error, processBundle }: InstructionResponse): Record<string, number> {
  assert.equal(error, '');
  const counts = (processBundle?.monitoringInfos ?? [])
    .filter(({ urn }) => urn === 'beam:metric:element_count:v1')
    .map(({ labels, payload }) => [labels.PCOLLECTION, payload[0]]);
  return Object.fromEntries(counts);
}

const process = { processBundle: { processBundleDescriptorId: 'stage' } };
const anyCoder = (coder: unknown) => coder as Coder<unknown>;
const ints = anyCoder(coders.safeInt);

function doubling(): Pipeline {
  const pipeline = new Pipeline();
  pipeline
    .create([1], coders.safeInt)
    .map('double', (n) => {
      if (n < 0) throw new RangeError('below zero');
      return n * 2;
    })
    .withCoder(coders.safeInt);
  return pipeline;
}

function serveDoubling(): void {
  const pipeline = doubling();
  describe(
    pipeline,
    { double: protoTransform(pipeline, 'double') },
    ['Create/Elements.main', ints],
    ['double.main', ints],
  );
}

test('a bundle goes through the functions that the descriptor names', async () => {
  serveDoubling();
  await serve(doubling());
  const running = runner.instruct(process, 'b1');
  const bytes = encodeElements(ints, [1, 2, 3]);
  // In two messages, the first of which ends within an element.
  runner.send('b1', 'in', bytes.subarray(0, 20), false);
  runner.send('b1', 'in', bytes.subarray(20), true);
  const response = await running;
  assert.deepEqual(await output('b1', ints), [2, 4, 6]);
  assert.deepEqual(elementCounts(response), { 'Create/Elements.main': 3, 'double.main': 3 });
});

test('an output that the runner has left out is not counted for it', async () => {
  const pipeline = new Pipeline();
  pipeline.create([1], coders.safeInt).parDo('share', {
    outputs: { odd: coders.safeInt },
    coder: coders.safeInt,
    process(n: number, { output }) {
      if (n % 2 === 0) return [n];
      output('odd', n);
      return [];
    },
  });
  const { odd: _, ...outputs } = protoTransform(pipeline, 'share').outputs ?? {};
  const share = { ...protoTransform(pipeline, 'share'), outputs };
  describe(pipeline, { share }, ['Create/Elements.main', ints], ['share.main', ints]);
  await serve(pipeline);
  const running = runner.instruct(process, 'b1');
  runner.send('b1', 'in', encodeElements(ints, [1, 2, 3]), true);
  assert.deepEqual(elementCounts(await running), { 'Create/Elements.main': 3, 'share.main': 1 });
});

test('a bundle that fails is answered with what and where, and the worker goes on', async () => {
  serveDoubling();
  const failures: unknown[] = [];
  await serve(doubling(), (error) => failures.push(error));
  const failing = runner.instruct(process, 'b1');
  runner.send('b1', 'in', encodeElements(ints, [1, -1]), true);
  const { error } = await failing;
  assert.match(error, /below zero.*USER_CODE/);
  assert.match(error, /transform: double/);
  assert.match(error, /sdk-worker\.test\.ts/);
  assert.equal(failures.length, 1);
  assert.match(await runner.nextMessage(), /below zero/);

  const next = runner.instruct(process, 'b2');
  runner.send('b2', 'in', encodeElements(ints, [4]), true);
  assert.equal((await next).error, '');
  assert.deepEqual(await output('b2', ints), [8]);
});

test('bundles of a stage run beside each other', async () => {
  serveDoubling();
  await serve(doubling());
  const [first, second] = [runner.instruct(process, 'b1'), runner.instruct(process, 'b2')];
  runner.send('b2', 'in', encodeElements(ints, [7]), true);
  assert.equal((await second).error, '');
  runner.send('b1', 'in', encodeElements(ints, [6]), true);
  assert.equal((await first).error, '');
  assert.deepEqual(await output('b1', ints), [12]);
  assert.deepEqual(await output('b2', ints), [14]);
});

test('elements that have not begun can be given up', async () => {
  serveDoubling();
  await serve(doubling());
  const running = runner.instruct(process, 'b1');
  const desiredSplits = { in: { fractionOfRemainder: 0.5, estimatedInputElements: 4n } };
  let split: InstructionResponse | undefined;
  // The instruction may be taken before the bundle has begun, and is then answered with nothing.
  for (let i = 0; split?.processBundleSplit?.channelSplits.length !== 1; i++) {
    split = await runner.instruct({ processBundleSplit: { instructionId: 'b1', desiredSplits } });
    assert.ok(i < 1000);
  }
  assert.deepEqual(split.processBundleSplit?.channelSplits, [
    { transformId: 'in', lastPrimaryElement: 1n, firstResidualElement: 2n },
  ]);
  runner.send('b1', 'in', encodeElements(ints, [1, 2, 3, 4]), true);
  assert.equal((await running).error, '');
  assert.deepEqual(await output('b1', ints), [2, 4]);
});

test('a split by no fraction is refused, and gives up nothing', async () => {
  serveDoubling();
  await serve(doubling());
  const running = runner.instruct(process, 'b1');
  const split = (fractionOfRemainder: number) => {
    const desiredSplits = { in: { fractionOfRemainder, estimatedInputElements: 4n } };
    return runner.instruct({ processBundleSplit: { instructionId: 'b1', desiredSplits } });
  };
  for (const wrong of [Number.NaN, -0.5, 1.5, Number.POSITIVE_INFINITY]) {
    let { error } = await split(wrong);
    // As above, the bundle may not have begun.
    for (let i = 0; error === '' && i < 1000; i++) ({ error } = await split(wrong));
    assert.match(error, /FN_API_INVALID/);
  }
  runner.send('b1', 'in', encodeElements(ints, [1, 2, 3, 4]), true);
  assert.equal((await running).error, '');
  assert.deepEqual(await output('b1', ints), [2, 4, 6, 8]);
});

test('lifted combines: early, merged, extracted', async () => {
  const pipeline = new Pipeline();
  pipeline.create([['a', 1]] as [string, number][], coders.kv(coders.string, coders.safeInt)).combinePerKey(sum());
  const name = [...pipeline.graph.transforms.values()].find(({ spec }) => spec?.kind === 'combinePerKey')?.name ?? '';
  const payload = protoTransform(pipeline, name).spec?.payload ?? new Uint8Array();
  const lift = (urn: string, input: string, out: string): Init<PTransform> => ({
    spec: { urn, payload },
    inputs: { i: input },
    outputs: { o: out },
    uniqueName: urn,
  });
  const pairs = anyCoder(kvCoder(coders.string, coders.safeInt));
  describe(
    pipeline,
    { pre: lift(TransformUrn.COMBINE_PER_KEY_PRECOMBINE, 'Create/Elements.main', 'acc') },
    ['Create/Elements.main', pairs],
    ['acc', pairs],
  );
  await serve(pipeline);
  const running = runner.instruct(process, 'b1');
  const elements = [
    ['a', 1],
    ['b', 2],
    ['a', 3],
  ];
  runner.send('b1', 'in', encodeElements(pairs, elements), true);
  assert.equal((await running).error, '');
  assert.deepEqual(await output('b1', pairs), [
    ['a', 4],
    ['b', 2],
  ]);
});

test('a restriction that stops to go on later is left to the runner, with its watermark', async () => {
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
      *process(_: string, { tracker, watermark }: SplittableContext<OffsetRange, number>) {
        const at = tracker.current().start;
        if (!tracker.tryClaim(at)) return undefined;
        yield [at];
        watermark.set(1000 as Timestamp);
        return resume('2s');
      },
    }),
  );
  const sized = anyCoder(kvCoder(kvCoder(coders.string, kvCoder(offsetRangeCoder, timestampCoder)), coders.double));
  const read = protoTransform(pipeline, 'read');
  describe(
    pipeline,
    {
      read: {
        ...read,
        spec: {
          urn: TransformUrn.PROCESS_SIZED_ELEMENTS_AND_RESTRICTIONS,
          payload: read.spec?.payload ?? new Uint8Array(),
        },
        inputs: { i: 'sized' },
      },
    },
    ['sized', sized],
    ['read.main', ints],
  );
  await serve(pipeline);
  const running = runner.instruct(process, 'b1');
  runner.send('b1', 'in', encodeElements(sized, [[['x', [{ start: 4, end: 10 }, MIN_TIMESTAMP]], 6]]), true);
  const { error, processBundle } = await running;
  assert.equal(error, '');
  assert.deepEqual(await output('b1', ints), [4]);
  const [residual] = processBundle?.residualRoots ?? [];
  assert.equal(residual.requestedTimeDelay?.seconds, 2n);
  assert.equal(residual.application?.transformId, 'read');
  assert.equal(residual.application?.inputId, 'i');
  assert.equal(residual.application?.outputWatermarks.main?.seconds, 1n);
  const [{ value }] = decodeElements(sized, residual.application?.element ?? new Uint8Array());
  assert.deepEqual(value, [['x', [{ start: 5, end: 10 }, 1000]], 5]);
});

test('what is still under way when a bundle fails does not come into the next one', async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  let buffer: number[] = [];
  const build = () => {
    const pipeline = new Pipeline();
    pipeline
      .create([1], coders.safeInt)
      .parDo('gather', {
        startBundle() {
          buffer = [];
        },
        async process(n: number): Promise<number[]> {
          if (n < 0) throw new RangeError('below zero');
          if (n < 10) await gate;
          buffer.push(n);
          return [];
        },
        *finishBundle() {
          for (const value of buffer) yield { value, timestamp: MIN_TIMESTAMP, window: GLOBAL_WINDOW };
        },
      })
      .withCoder(coders.safeInt);
    return pipeline;
  };
  const pipeline = build();
  describe(
    pipeline,
    { gather: protoTransform(pipeline, 'gather') },
    ['Create/Elements.main', ints],
    ['gather.main', ints],
  );
  await serve(pipeline);
  const [failing, next] = [runner.instruct(process, 'b1'), runner.instruct(process, 'b2')];
  runner.send('b2', 'in', encodeElements(ints, [10]), true);
  runner.send('b1', 'in', encodeElements(ints, [1, 2, -1]), true);
  // The answer waits for the calls that go on.
  setImmediate(open);
  assert.match((await failing).error, /below zero/);
  assert.equal((await next).error, '');
  assert.deepEqual(await output('b2', ints), [10]);
});

test('whatever is thrown, the runner is answered', async () => {
  const thrown: unknown[] = [
    Object.create(null),
    new Error('half of a pair \ud83d'),
    new Error('e', { cause: Object.create(null) }),
  ];
  const pipeline = new Pipeline();
  pipeline
    .create([1], coders.safeInt)
    .map('throw', (n): number => {
      throw thrown[n];
    })
    .withCoder(coders.safeInt);
  describe(
    pipeline,
    { throw: protoTransform(pipeline, 'throw') },
    ['Create/Elements.main', ints],
    ['throw.main', ints],
  );
  await serve(pipeline);
  for (let i = 0; i < thrown.length; i++) {
    const failing = runner.instruct(process, `b${i}`);
    runner.send(`b${i}`, 'in', encodeElements(ints, [i]), true);
    assert.match((await failing).error, /USER_CODE/);
  }
});

test('the end of the worker ends a splittable call, and then tears down', async () => {
  const log: string[] = [];
  const begun = Promise.withResolvers<void>();
  const pipeline = new Pipeline();
  pipeline.create(['x'], coders.string).apply(
    splittableParDo('poll', {
      coder: coders.safeInt,
      restriction: {
        coder: offsetRangeCoder,
        initial: (): OffsetRange => ({ start: 0, end: 10 }),
        tracker: (restriction: OffsetRange) => new OffsetRangeTracker(restriction),
      },
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
    }),
  );
  const sized = anyCoder(kvCoder(kvCoder(coders.string, kvCoder(offsetRangeCoder, timestampCoder)), coders.double));
  const poll = protoTransform(pipeline, 'poll');
  const urn = TransformUrn.PROCESS_SIZED_ELEMENTS_AND_RESTRICTIONS;
  describe(
    pipeline,
    { poll: { ...poll, spec: { urn, payload: poll.spec?.payload ?? new Uint8Array() }, inputs: { i: 'sized' } } },
    ['sized', sized],
    ['poll.main', ints],
  );
  await serve(pipeline);
  void runner.instruct(process, 'b1');
  runner.send('b1', 'in', encodeElements(sized, [[['x', [{ start: 0, end: 10 }, MIN_TIMESTAMP]], 10]]), true);
  await begun.promise;
  runner.end();
  await worker?.done;
  assert.deepEqual(log, ['ended', 'torn down']);
});

test('a worker that cannot start tells the runner why', async () => {
  const why = new RunnerError('GRAPH_DIFFERS', 'Another pipeline', { hint: 'no clock' });
  const { endpoint } = runner;
  const refusing = refuseWork({ id: 'w', controlEndpoint: endpoint, loggingEndpoint: endpoint }, why);
  await runner.connected;
  const { error } = await runner.instruct(process, 'b1');
  assert.match(error, /Another pipeline \[GRAPH_DIFFERS\]/);
  assert.match(error, /no clock/);
  assert.match(await runner.nextMessage(), /Another pipeline/);
  runner.end();
  await refusing;
});

test('a runner may ask for samples, and how the worker is', async () => {
  serveDoubling();
  await serve(doubling());
  const running = runner.instruct(process, 'b1');
  assert.match(await runner.askStatus(), /Bundles under way: /);
  runner.send('b1', 'in', encodeElements(ints, [1, 300]), true);
  const { processBundle } = await running;
  const { sampleData } = await runner.instruct({ sampleData: {} });
  const samples = sampleData?.elementSamples['double.main'].elements.map(({ element }) => [...element]);
  assert.deepEqual(samples, [[2], [0xd8, 4]]);
  const sizes = processBundle?.monitoringInfos.find(({ urn }) => urn === 'beam:metric:sampled_byte_size:v1');
  assert.deepEqual([...(sizes?.payload ?? [])], [2, 3, 1, 2]);
  assert.equal(sizes?.labels.PCOLLECTION, 'double.main');
  // Each metric has a short name too, which the runner may ask about.
  const names = Object.keys(processBundle?.monitoringData ?? {});
  const explained = await runner.instruct({ monitoringInfos: { monitoringInfoId: names } });
  const urns = Object.values(explained.monitoringInfos?.monitoringInfo ?? {}).map(({ urn }) => urn);
  assert.deepEqual(
    urns,
    processBundle?.monitoringInfos.map(({ urn }) => urn),
  );
});

test('a bundle whose id another one had is refused', async () => {
  serveDoubling();
  await serve(doubling());
  for (const error of ['', 'The runner gives two bundles the id b1 [FN_API_INVALID]']) {
    const running = runner.instruct(process, 'b1');
    runner.send('b1', 'in', encodeElements(ints, [1]), true);
    assert.ok((await running).error.includes(error));
  }
  const next = runner.instruct(process, 'b2');
  runner.send('b2', 'in', encodeElements(ints, [2]), true);
  assert.equal((await next).error, '');
  assert.deepEqual(await output('b2', ints), [4]);
});

test('a data stream that broke fails the bundle that reads from it, and is made anew for the next', async () => {
  serveDoubling();
  await serve(doubling());
  const failing = runner.instruct(process, 'b1');
  runner.send('b1', 'in', encodeElements(ints, [1]), false);
  // One that is done shows that the stream is there.
  const before = runner.instruct(process, 'b0');
  runner.send('b0', 'in', encodeElements(ints, [1]), true);
  await before;
  runner.breakData();
  assert.match((await failing).error, /broken off/);
  const next = runner.instruct(process, 'b2');
  runner.send('b2', 'in', encodeElements(ints, [2]), true);
  assert.equal((await next).error, '');
  assert.deepEqual(await output('b2', ints), [4]);
});

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
  test(`what a runner takes slowly is made slowly: ${what}`, async () => {
    let made = 0;
    const pipeline = new Pipeline();
    make(() => `${made++} ${LARGE}`, pipeline).withCoder(coders.string);
    const names = [...pipeline.graph.transforms.keys()].filter((name) => name === 'n' || name === 'm');
    describe(
      pipeline,
      Object.fromEntries(names.map((name) => [name, protoTransform(pipeline, name)])),
      ['Create/Elements.main', ints],
      ['m.main', anyCoder(coders.string)],
    );
    await serve(pipeline);
    runner.takeNothing();
    const running = runner.instruct(process, 'b1');
    runner.send('b1', 'in', encodeElements(ints, [1]), true);
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
    const taken = await output('b1', anyCoder(coders.string));
    assert.deepEqual(
      taken.map((value) => Number.parseInt(String(value), 10)),
      Array.from({ length: MANY }, (_, i) => i),
    );
  });
}

test('the worker ends when the runner ends the control stream', async () => {
  serveDoubling();
  await serve(doubling());
  runner.end();
  await worker?.done;
});
