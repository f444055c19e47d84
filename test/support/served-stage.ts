import type { TestContext } from 'node:test';
import type { InstructionResponse } from '../../src/model/fn-execution.ts';
import { type SdkWorker, type SdkWorkerOptions, startSdkWorker } from '../../src/runners/sdk-worker/sdk-worker.ts';
import { coders, Pipeline } from '../../src/sdk/index.ts';
import { FakeRunner } from './fake-runner.ts';
import { decodeElements, encodeElements, type FnStage, stageDescriptor, stepStage } from './fn-stage.ts';

/** An SDK worker with one stage, and the runner that drives it. */
export class ServedStage {
  readonly runner: FakeRunner;
  readonly worker: SdkWorker;
  readonly #stage: FnStage;

  constructor(runner: FakeRunner, worker: SdkWorker, stage: FnStage) {
    this.runner = runner;
    this.worker = worker;
    this.#stage = stage;
  }

  /** Begins a bundle. @returns its answer */
  begin(bundle: string): Promise<InstructionResponse> {
    return this.runner.instruct({ processBundle: { processBundleDescriptorId: 'stage' } }, bundle);
  }

  /** Sends all elements of a bundle. */
  send(bundle: string, elements: readonly unknown[]): void {
    this.runner.send(bundle, 'in', encodeElements(this.#stage.from[1], elements), true);
  }

  /** A whole bundle. @returns its answer */
  run(bundle: string, elements: readonly unknown[]): Promise<InstructionResponse> {
    const running = this.begin(bundle);
    this.send(bundle, elements);
    return running;
  }

  /** All that a bundle has emitted. */
  async output(bundle: string): Promise<unknown[]> {
    const bytes = await this.runner.outputOf(bundle, 'out');
    return decodeElements(this.#stage.to[1], bytes).map(({ value }) => value);
  }
}

/** Serves a stage until the test ends. @param options what differs from a plain worker with the stage's pipeline */
export async function serveStage(
  t: TestContext,
  stage: FnStage,
  options: Partial<Pick<SdkWorkerOptions, 'onFailure' | 'pipeline' | 'tellsConsole'>> = {},
): Promise<ServedStage> {
  const runner = new FakeRunner();
  await runner.start();
  const { endpoint } = runner;
  runner.descriptors.set('stage', stageDescriptor(stage, { data: endpoint }));
  const worker = startSdkWorker({
    id: 'w',
    controlEndpoint: endpoint,
    loggingEndpoint: endpoint,
    statusEndpoint: endpoint,
    pipeline: stage.pipeline,
    ...options,
  });
  t.after(async () => {
    await worker.stop();
    runner.stop();
  });
  await runner.connected;
  return new ServedStage(runner, worker, stage);
}

/** A stage that makes one integer of each. */
export function mapStage(fn: (n: number) => number): FnStage {
  const pipeline = new Pipeline();
  pipeline.create([1], coders.safeInt).map('map', fn).withCoder(coders.safeInt);
  return stepStage(pipeline, 'map', coders.safeInt, coders.safeInt);
}
