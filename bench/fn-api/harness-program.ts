/** One measurement of the harness behind the Fn API: SHAPE BUNDLES. The last line that it prints is a {@link HarnessRun}. */
import { once } from 'node:events';
import { argv, threadCpuUsage } from 'node:process';
import { Worker } from 'node:worker_threads';
import { startSdkWorker } from '../../src/runners/sdk-worker/sdk-worker.ts';
import { StateChannels } from '../../src/runners/sdk-worker/state/state-channels.ts';
import { median } from '../harness/median.ts';
import type { HarnessRun } from './report.ts';
import type { FromRunner, RunnerData } from './runner-messages.ts';
import { SHAPES, type ShapeName } from './shapes.ts';

/** Bundles in which V8 compiles the stage. */
const WARM_UP = 3;
const ROUND_TRIPS = 10_000;

const [name, bundles] = [argv[2] as ShapeName, Number(argv[3])];
const { stage, elements } = SHAPES[name]();
const workerData: RunnerData = { shape: name, bundles, warmUp: WARM_UP };
const thread = new Worker(new URL('./runner-thread.ts', import.meta.url), { workerData });

const seconds: number[] = [];
let stateCalls = 0;
let cpu = threadCpuUsage();
let stateEndpoint = '';
for (let isDone = false; !isDone; ) {
  const [message] = (await once(thread, 'message')) as [FromRunner];
  switch (message.type) {
    case 'serving':
      stateEndpoint = message.state;
      startSdkWorker({ id: 'harness', controlEndpoint: message.control, pipeline: stage.pipeline });
      break;
    case 'warm':
      cpu = threadCpuUsage();
      break;
    case 'bundle':
      seconds.push(message.seconds);
      stateCalls += message.stateCalls;
      break;
    case 'done':
      isDone = true;
  }
}
const { user, system } = threadCpuUsage(cpu);
const total = seconds.reduce((sum, each) => sum + each);
const run: HarnessRun = {
  elementsPerSecond: elements / median(seconds),
  bestElementsPerSecond: elements / Math.min(...seconds),
  threadMicros: (user + system) / (elements * bundles),
  stateCallsPerSecond: stateCalls / total,
  roundTripMicros: stateCalls === 0 ? undefined : await roundTrip(stateEndpoint),
};
console.log(JSON.stringify(run));
process.exit();

/** Microseconds in which state is read that nobody has asked for ahead; the thread blocks meanwhile. */
async function roundTrip(endpoint: string): Promise<number> {
  const channels = new StateChannels({ workerId: 'harness' });
  const channel = channels.of(endpoint);
  const stateKey = {
    bagUserState: { transformId: 't', userStateId: 's', window: new Uint8Array(), key: new Uint8Array(8) },
  };
  const call = { stateKey, get: { continuationToken: new Uint8Array() } };
  const micros: number[] = [];
  for (let i = 0; i < ROUND_TRIPS; i++) {
    const start = performance.now();
    channel.request('i', call);
    micros.push((performance.now() - start) * 1000);
  }
  await channels.close();
  return median(micros);
}
