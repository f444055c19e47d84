import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CREATED, encodeElements, protoTransform, stepStage } from '../../../test/support/fn-stage.ts';
import { mapStage, serveStage } from '../../../test/support/served-stage.ts';
import { type InstructionResponse, LogEntrySeverity } from '../../model/fn-execution.ts';
import { RunnerError } from '../../sdk/errors.ts';
import { coders, Pipeline } from '../../sdk/index.ts';

/** How many elements each collection has had, in counts below 128. */
function elementCounts({ error, processBundle }: InstructionResponse): Record<string, number> {
  assert.equal(error, '');
  const counts = (processBundle?.monitoringInfos ?? [])
    .filter(({ urn }) => urn === 'beam:metric:element_count:v1')
    .map(({ labels, payload }) => [labels.PCOLLECTION, payload[0]]);
  return Object.fromEntries(counts);
}

const doubling = () => mapStage((n) => n * 2);

test('a bundle goes through the functions that the descriptor names', async (t) => {
  // The worker builds the pipeline anew.
  const served = await serveStage(t, doubling(), { pipeline: doubling().pipeline });
  const running = served.begin('b1');
  const bytes = encodeElements(coders.safeInt, [1, 2, 3]);
  // In two messages, the first of which ends within an element.
  served.runner.send('b1', 'in', bytes.subarray(0, 20), false);
  served.runner.send('b1', 'in', bytes.subarray(20), true);
  const response = await running;
  assert.deepEqual(await served.output('b1'), [2, 4, 6]);
  assert.deepEqual(elementCounts(response), { [CREATED]: 3, 'map.main': 3 });
});

test('an output that the runner has left out is not counted for it', async (t) => {
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
  const stage = { ...stepStage(pipeline, 'share', coders.safeInt, coders.safeInt), transforms: { share } };
  const served = await serveStage(t, stage);
  assert.deepEqual(elementCounts(await served.run('b1', [1, 2, 3])), { [CREATED]: 3, 'share.main': 1 });
});

test('bundles of a stage run beside each other', async (t) => {
  const served = await serveStage(t, doubling());
  const [first, second] = [served.begin('b1'), served.begin('b2')];
  served.send('b2', [7]);
  assert.equal((await second).error, '');
  served.send('b1', [6]);
  assert.equal((await first).error, '');
  assert.deepEqual(await served.output('b1'), [12]);
  assert.deepEqual(await served.output('b2'), [14]);
});

test('a runner may ask for samples, and how the worker is', async (t) => {
  const served = await serveStage(t, doubling());
  const { runner } = served;
  const running = served.begin('b1');
  assert.match(await runner.askStatus(), /Bundles under way: /);
  served.send('b1', [1, 300]);
  const { processBundle } = await running;
  const { sampleData } = await runner.instruct({ sampleData: {} });
  const samples = sampleData?.elementSamples['map.main'].elements.map(({ element }) => [...element]);
  assert.deepEqual(samples, [[2], [0xd8, 4]]);
  const sizes = processBundle?.monitoringInfos.find(({ urn }) => urn === 'beam:metric:sampled_byte_size:v1');
  assert.deepEqual([...(sizes?.payload ?? [])], [2, 3, 1, 2]);
  assert.equal(sizes?.labels.PCOLLECTION, 'map.main');
  // Each metric has a short name too, which the runner may ask about.
  const names = Object.keys(processBundle?.monitoringData ?? {});
  const explained = await runner.instruct({ monitoringInfos: { monitoringInfoId: names } });
  const urns = Object.values(explained.monitoringInfos?.monitoringInfo ?? {}).map(({ urn }) => urn);
  assert.deepEqual(
    urns,
    processBundle?.monitoringInfos.map(({ urn }) => urn),
  );
});

test('a stage that the program does not have fails for good, and the runner hears of it', async (t) => {
  const failures: unknown[] = [];
  const served = await serveStage(t, doubling(), {
    pipeline: new Pipeline(),
    onFailure: (error) => failures.push(error),
  });
  assert.match((await served.begin('b1')).error, /no transform 'map' \[FN_API_UNKNOWN_TRANSFORM\]/);
  const [failure] = failures;
  assert.ok(failure instanceof RunnerError);
  assert.equal(failure.context.final, true);
  // Before that, runners in Java do not read the answer.
  await served.runner.dataConnected;
});

test('what functions print is told to the runner', async (t) => {
  const printed: unknown[] = [];
  const { log } = console;
  const print = t.mock.method(console, 'log', (...values: unknown[]) => void printed.push(values));
  const stage = mapStage((n) => {
    console.log('seen %d', n);
    return n;
  });
  const served = await serveStage(t, stage, { tellsConsole: true });
  assert.equal((await served.run('b1', [7])).error, '');
  const [{ severity, message }] = await served.runner.messages(1);
  assert.equal(severity, LogEntrySeverity.INFO);
  assert.equal(message, 'seen 7');
  assert.deepEqual(printed, [['seen %d', 7]]);
  await served.worker.stop();
  console.log('not for the runner');
  assert.equal(served.runner.logged.length, 1);
  print.mock.restore();
  assert.equal(console.log, log);
});

test('the worker ends when the runner ends the control stream', async (t) => {
  const { runner, worker } = await serveStage(t, doubling());
  runner.end();
  await worker.done;
});
