import assert from 'node:assert/strict';
import { Coordinator, type JobOutcome } from '../../src/runners/core/coordination/coordinator.ts';
import type { FromWorker, ToWorker } from '../../src/runners/core/coordination/messages.ts';
import { plainError } from '../../src/runners/core/coordination/plain-error.ts';
import { planPipeline } from '../../src/runners/core/plan/planner.ts';
import { MemorySpillDisk } from '../../src/runners/core/spill-disk-memory.ts';
import { BundleControl } from '../../src/runners/worker/bundle-control.ts';
import { attemptPrefix, BundleExecutor } from '../../src/runners/worker/bundle-executor.ts';
import { PipelineWorker } from '../../src/runners/worker/pipeline-worker.ts';
import { IoError, RunnerError } from '../../src/sdk/errors.ts';
import type { Pipeline } from '../../src/sdk/pipeline/pipeline.ts';
import { EventLoop } from './event-loop.ts';
import { faultyDisk } from './faulty-disk.ts';
import { seededRandom } from './random.ts';

/** How often what goes wrong; all are probabilities but `crashEvery`, in virtual milliseconds. */
export interface Faults {
  readonly lose: number;
  readonly repeat: number;
  readonly diskError: number;
  /** Mean time between crashes of any worker; 0 for none. */
  readonly crashEvery: number;
}

export const NO_FAULTS: Faults = { lose: 0, repeat: 0, diskError: 0, crashEvery: 0 };

/** What a pipeline's user functions see of the simulated world. */
export interface World {
  /** Virtual milliseconds, chosen by the seed up to `most`. */
  sleep(most: number): Promise<void>;
}

export interface Simulated {
  readonly outcome: JobOutcome;
  /** User counters of committed bundles: the pipelines count each output element under its text. */
  readonly counters: Readonly<Record<string, number>>;
  /** Same for the same seed. */
  readonly digest: string;
  readonly events: number;
  readonly crashes: number;
}

const WORKERS = 3;
/** Virtual milliseconds after which nothing goes wrong any more, so that every run ends. */
const QUIET_AFTER = 20_000;

/** Runs a pipeline with the real coordinator, workers, harness and shuffle in a world that the seed rules. */
export async function simulate(build: (world: World) => Pipeline, seed: number, faults: Faults): Promise<Simulated> {
  const loop = new EventLoop();
  const random = seededRandom(seed);
  const chance = (probability: number) => probability > 0 && loop.now < QUIET_AFTER && random() < probability;
  const world: World = { sleep: (most) => loop.sleep(random() * most, 'sleep') };
  const pipeline = build(world);
  const plan = planPipeline(pipeline.graph);
  const disk = new MemorySpillDisk();
  const workers = new Map<string, { send(message: ToWorker): void; kill(): void }>();
  /** What a worker could not remove: it stays until the job's folder goes. */
  const unremovable = new Set<string>();
  let outcome: JobOutcome | undefined;
  let crashes = 0;
  let spawned = 0;

  /** Messages arrive late, out of order, twice or never, and as copies. */
  const deliver = (label: string, receive: () => void): void => {
    if (chance(faults.lose)) return;
    loop.after(random() * 10, label, receive);
    if (chance(faults.repeat)) loop.after(random() * 300, `${label} again`, receive);
  };

  const coordinator = new Coordinator(
    plan,
    // Nothing stays in memory, so that every grouping goes through the disk.
    { maxAttempts: 10_000, memory: seed % 2 === 0 ? 0 : 1 << 20, workers: WORKERS, resendMillis: 200 },
    {
      now: () => loop.now,
      send: (worker, message) => {
        const copy = structuredClone(message);
        deliver(`${message.type} to ${worker}`, () => workers.get(worker)?.send(copy));
      },
      discardAttempt: (bundle, attempt) => {
        for (const file of disk.list(attemptPrefix(bundle, attempt))) disk.remove(file);
      },
      discardParts: (files) => {
        for (const file of files) disk.remove(file);
      },
      ended: (result) => {
        outcome = result;
      },
    },
  );

  const spawn = (): void => {
    const id = `worker-${spawned++}`;
    let alive = true;
    const control = new BundleControl();
    const workerDisk = faultyDisk(disk, (operation, name) => {
      // What a dead worker's unfinished code still does must not touch the world.
      if (!alive) throw new RunnerError('WORKER_LOST', 'dead');
      if (operation === 'list' || !chance(faults.diskError)) return;
      if (operation === 'remove') unremovable.add(name);
      throw new IoError('SPILL_FAILED', `Injected ${operation}`);
    });
    const executor = new BundleExecutor(
      pipeline.graph,
      plan,
      { folder: '', partitions: 3, strict: false, bufferBytes: 2048, fanIn: 2 + (seed % 3) },
      { now: () => loop.now, disk: workerDisk, currentStep: control.words },
    );
    const worker = new PipelineWorker(executor, control, (message: FromWorker) => {
      if (!alive) return;
      const copy = structuredClone(message);
      deliver(`${message.type} ${message.bundle}.${message.attempt} from ${id}`, () => {
        if (alive) coordinator.receive(id, copy);
      });
    });
    workers.set(id, {
      send: (message) => worker.receive(message),
      kill: () => {
        alive = false;
        workers.delete(id);
        coordinator.removeWorker(id, plainError(new RunnerError('WORKER_LOST', 'Injected crash')));
      },
    });
    coordinator.addWorker(id);
  };

  const tick = (): void => {
    coordinator.tick();
    loop.after(50, 'tick', tick);
  };
  const crash = (): void => {
    const ids = [...workers.keys()];
    if (loop.now < QUIET_AFTER && ids.length > 0) {
      crashes++;
      workers.get(ids[Math.floor(random() * ids.length)])?.kill();
      loop.after(random() * 100, 'spawn', spawn);
    }
    loop.after(random() * 2 * faults.crashEvery, 'crash', crash);
  };

  for (let i = 0; i < WORKERS; i++) spawn();
  loop.after(50, 'tick', tick);
  if (faults.crashEvery > 0) loop.after(random() * 2 * faults.crashEvery, 'crash', crash);
  coordinator.start();
  await loop.run(() => outcome !== undefined);

  if ((outcome as JobOutcome | undefined)?.state === 'DONE') {
    const left = [...disk.files.keys()].filter((name) => !unremovable.has(name));
    assert.deepEqual(left, [], `seed ${seed} leaves files behind`);
  }
  const counters: Record<string, number> = {};
  for (const cells of coordinator.counts.metrics.values()) {
    for (const [name, cell] of Object.entries(cells)) {
      if (cell.kind === 'counter') counters[name] = (counters[name] ?? 0) + cell.value;
    }
  }
  return { outcome: outcome as JobOutcome, counters, digest: loop.digest(), events: loop.events, crashes };
}
