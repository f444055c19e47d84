import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeRunner } from '../../../test/support/fake-runner.ts';
import { stageDescriptor } from '../../../test/support/fn-stage.ts';
import { mapStage } from '../../../test/support/served-stage.ts';
import { RunnerError } from '../../sdk/errors.ts';
import { refuseWork } from './refusing-worker.ts';

test('a worker that cannot start connects for stages that the runner describes before it asks', async (t) => {
  const runner = new FakeRunner();
  await runner.start();
  t.after(() => runner.stop());
  const refusing = refuseWork({ id: 'w', controlEndpoint: runner.endpoint }, new Error('no room'));
  await runner.connected;
  const stage = stageDescriptor(
    mapStage((n) => n),
    { data: runner.endpoint },
  );
  const { error } = await runner.instruct({ register: { processBundleDescriptor: [stage] } });
  assert.match(error, /no room/);
  await runner.dataConnected;
  runner.end();
  await refusing;
});

test('a worker that cannot start tells the runner why', async (t) => {
  const runner = new FakeRunner();
  await runner.start();
  t.after(() => runner.stop());
  const stage = stageDescriptor(
    mapStage((n) => n),
    { data: runner.endpoint },
  );
  runner.descriptors.set('stage', stage);
  const why = new RunnerError('GRAPH_DIFFERS', 'Another pipeline', { hint: 'no clock' });
  const { endpoint } = runner;
  const refusing = refuseWork({ id: 'w', controlEndpoint: endpoint, loggingEndpoint: endpoint }, why);
  await runner.connected;
  const { error } = await runner.instruct({ processBundle: { processBundleDescriptorId: 'stage' } });
  assert.match(error, /Another pipeline \[GRAPH_DIFFERS\]/);
  assert.match(error, /no clock/);
  assert.match(await runner.nextMessage(), /Another pipeline/);
  // Some runners know nothing of it before that.
  await runner.dataConnected;
  runner.end();
  await refusing;
});
