import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeRunner } from '../../../test/support/fake-runner.ts';
import { RunnerError } from '../../sdk/errors.ts';
import { refuseWork } from './refusing-worker.ts';

test('a worker that cannot start tells the runner why', async (t) => {
  const runner = new FakeRunner();
  await runner.start();
  t.after(() => runner.stop());
  const why = new RunnerError('GRAPH_DIFFERS', 'Another pipeline', { hint: 'no clock' });
  const { endpoint } = runner;
  const refusing = refuseWork({ id: 'w', controlEndpoint: endpoint, loggingEndpoint: endpoint }, why);
  await runner.connected;
  const { error } = await runner.instruct({ processBundle: { processBundleDescriptorId: 'stage' } });
  assert.match(error, /Another pipeline \[GRAPH_DIFFERS\]/);
  assert.match(error, /no clock/);
  assert.match(await runner.nextMessage(), /Another pipeline/);
  runner.end();
  await refusing;
});
