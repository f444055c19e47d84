import { setTimeout } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import { breather } from '../../harness/breather.ts';
import type { Pipeline } from '../../sdk/pipeline/pipeline.ts';
import type { FromWorker, ToWorker } from '../core/coordination/messages.ts';
import { plainError } from '../core/coordination/plain-error.ts';
import { planPipeline } from '../core/plan/planner.ts';
import { insideJob } from '../program/inside-job.ts';
import { obtainPipeline } from '../program/obtain-pipeline.ts';
import { checkSameGraph } from '../program/same-graph.ts';
import { BundleControl } from '../worker/bundle-control.ts';
import { BundleExecutor } from '../worker/bundle-executor.ts';
import { NodeSpillDisk } from '../worker/node-spill-disk.ts';
import { PipelineWorker } from '../worker/pipeline-worker.ts';
import type { ThreadData } from './thread-worker.ts';
import type { WorkerGone, WorkerReady } from './worker-start.ts';

const { millrace: start, port } = workerData as ThreadData;
const post = (message: WorkerReady | WorkerGone | FromWorker): void => port.postMessage(message);

try {
  serve(await obtainPipeline(start.program, start.pipeline));
} catch (error) {
  post({ type: 'refused', error: plainError(error) });
}

function serve(pipeline: Pipeline): void {
  checkSameGraph(start.graph, pipeline.graph, 'the main thread', 'on every thread');
  const control = new BundleControl(start.control);
  const disk = new NodeSpillDisk(start.settings.folder);
  const executor = new BundleExecutor(pipeline.graph, planPipeline(pipeline.graph, start.disable), start.settings, {
    now: Date.now,
    disk,
    closeFiles: () => disk.close(),
    currentStep: control.words,
    counts: control.counts,
    breathe: breather(),
    sleep: (millis) => setTimeout(millis),
  });
  const worker = new PipelineWorker(executor, control, (message) => {
    // A rejection that nobody handles ends the thread after the current turn: it must come before the bundle is done.
    if (message.type === 'split') post(message);
    else setImmediate(post, message);
  });
  port.on('message', (message: ToWorker) => {
    insideJob(start.settings.folder, () => {
      if (message.type === 'end') void end(worker);
      else worker.receive(message);
    });
  });
  post({ type: 'ready' });
}

async function end(worker: PipelineWorker): Promise<void> {
  let gone: WorkerGone = { type: 'gone' };
  try {
    await worker.end();
  } catch (error) {
    gone = { type: 'gone', error: plainError(error) };
  }
  // The thread is ended when this message arrives; what was printed must be out by then.
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))));
  post(gone);
}
