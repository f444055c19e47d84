/** The runner of a measurement, in a thread beside the harness: gives it bundles, one after the other, and checks what they make. */
import { setImmediate } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { FakeRunner } from '../../test/support/fake-runner.ts';
import { decodeElements, encodeElements, stageDescriptor } from '../../test/support/fn-stage.ts';
import { startStateService } from '../../test/support/state-service.ts';
import type { FromRunner, RunnerData } from './runner-messages.ts';
import { MESSAGE_ELEMENTS, SHAPES, type Shape } from './shapes.ts';

/** Messages that are sent before the thread looks at what has come. */
const SENT_AT_ONCE = 20;

const { shape: name, bundles, warmUp } = workerData as RunnerData;
const shape = SHAPES[name]();
const post = (message: FromRunner): void => parentPort?.postMessage(message);

const runner = new FakeRunner();
await runner.start();
const states = await startStateService();
const endpoints = { data: runner.endpoint, state: states.endpoint };
runner.descriptors.set('stage', stageDescriptor(shape.stage, endpoints));
post({ type: 'serving', control: runner.endpoint, state: states.endpoint });
await runner.connected;

const messages = Array.from({ length: shape.elements / MESSAGE_ELEMENTS }, (_, i) => shape.message(i));
const encoded = messages.map((elements) => encodeElements(shape.stage.from[1], elements));
for (let bundle = 0; bundle < warmUp + bundles; bundle++) {
  if (bundle === warmUp) post({ type: 'warm' });
  const callsBefore = await stateCalls();
  const seconds = await run(bundle);
  const calls = (await stateCalls()) - callsBefore;
  if (bundle >= warmUp) post({ type: 'bundle', seconds, stateCalls: calls });
  await check(shape, bundle);
}
post({ type: 'done' });

async function stateCalls(): Promise<number> {
  const { gets, appends, clears } = await states.counts();
  return gets + appends + clears;
}

/** One bundle, from the instruction until the answer and the end of the output. @returns seconds */
async function run(bundle: number): Promise<number> {
  const id = `b${bundle}`;
  const start = performance.now();
  const running = runner.instruct({ processBundle: { processBundleDescriptorId: 'stage' } }, id);
  for (const [i, elements] of encoded.entries()) {
    runner.send(id, 'in', elements, i === encoded.length - 1);
    if (i % SENT_AT_ONCE === 0) await setImmediate();
  }
  const [{ error }] = await Promise.all([running, runner.ended(id, 'out')]);
  if (error !== '') throw new Error(error);
  return (performance.now() - start) / 1000;
}

async function check({ stage, digest, expected }: Shape, bundle: number): Promise<void> {
  const output = await runner.outputOf(`b${bundle}`, 'out');
  let sum = 0;
  for (const { value } of decodeElements(stage.to[1], output)) sum += digest(value);
  const right = expected(bundle, messages.flat());
  if (sum !== right) throw new Error(`bundle ${bundle} of ${name} comes to ${sum} where ${right} is right`);
}
