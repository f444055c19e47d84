import { planPipeline } from '../../../src/runners/core/plan/planner.ts';
import { LogStateBackend } from '../../../src/runners/core/state/log-state-backend.ts';
import { StateDiskMemory } from '../../../src/runners/core/state/state-disk-memory.ts';
import { StreamEngine } from '../../../src/runners/stream/stream-engine.ts';
import { StreamRun } from '../../../src/runners/stream/stream-run.ts';
import { Pipeline } from '../../../src/sdk/index.ts';
import { EventLoop } from '../event-loop.ts';
import { seededRandom } from '../random.ts';
import { Outside } from './outside.ts';
import type { StreamWorld } from './stream-pipelines.ts';

/** How often what goes wrong: each is a probability per occasion. */
export interface StreamFaults {
  /** The process is gone, between two steps, before or after a commit. */
  readonly kill: number;
  /** A user function throws. */
  readonly fail: number;
}

export const NO_STREAM_FAULTS: StreamFaults = { kill: 0, fail: 0 };

export interface SimulatedStream {
  readonly contents: ReturnType<Outside['contents']>;
  readonly deliveries: number;
  readonly kills: number;
  /** Same for the same seed. */
  readonly digest: string;
  readonly events: number;
}

class Killed extends Error {}

/** Outlives the process; a commit may be the last thing that the process does, or just not have happened. */
class DurableStore extends LogStateBackend {
  aroundCommit: () => void = () => {};

  constructor() {
    super(new StateDiskMemory());
  }

  override commit(): void {
    this.aroundCommit();
    super.commit();
    this.aroundCommit();
  }
}

/** After so many faults of a kind there are no more, so that every schedule comes to its end. */
const MOST_FAULTS = 20;

/** Runs a pipeline to its end under one schedule, starting it anew after each kill. */
export async function simulateStream(
  build: (p: Pipeline, world: StreamWorld) => void,
  seed: number,
  faults: StreamFaults,
): Promise<SimulatedStream> {
  const random = seededRandom(seed);
  const loop = new EventLoop();
  const outside = new Outside();
  const store = new DurableStore();
  let kills = 0;
  let failures = 0;
  let done = false;
  let failure: unknown;
  const killNow = (): boolean => kills < MOST_FAULTS && random() < faults.kill;

  const start = (): void => {
    let dead = false;
    let wake = (): void => {};
    let woken = false;
    const die = (): never => {
      dead = true;
      throw new Killed();
    };
    const throwIfDead = (): void => {
      if (dead) throw new Killed();
    };
    const world: StreamWorld = {
      outside,
      random,
      sleep: (millis) => loop.sleep(millis, 'sleep'),
      mayFail() {
        // What a dead process still does must not touch the world.
        throwIfDead();
        if (failures >= MOST_FAULTS || random() >= faults.fail) return;
        failures++;
        throw new Error('Injected failure');
      },
    };
    store.aroundCommit = () => {
      throwIfDead();
      if (killNow()) die();
    };
    const pipeline = new Pipeline();
    build(pipeline, world);
    const plan = planPipeline(pipeline.graph);
    const run = new StreamRun({
      makeEngine: () =>
        new StreamEngine(pipeline.graph, plan, {
          now: () => loop.now,
          wake() {
            woken = true;
            wake();
          },
          signal: { throwIfAborted: throwIfDead },
          currentStep: new Int32Array(1),
          strict: false,
          redactErrors: false,
          // So little that state leaves memory all the time.
          memory: seed % 2 === 0 ? 1 << 30 : 1024,
          backend: store,
          commits: true,
        }),
      now: () => loop.now,
      async sleepUntil(time) {
        if (!woken) {
          await new Promise<void>((resolve) => {
            wake = resolve;
            if (time < Number.POSITIVE_INFINITY) loop.after(Math.max(0, time - loop.now), 'wait', resolve);
          });
        }
        woken = false;
      },
      breathe: () => loop.sleep(random() * 3, 'step'),
      throwIfCancelled() {
        throwIfDead();
        if (killNow()) die();
      },
      checkpointing: { backend: store, interval: 20 + random() * 60 },
      maxAttempts: 1000,
      onFailure: () => {},
    });
    run.run().then(
      () => {
        done = true;
      },
      (error: unknown) => {
        if (!(error instanceof Killed)) {
          failure = error;
          done = true;
          return;
        }
        kills++;
        store.rollback();
        loop.after(random() * 100, 'start', start);
      },
    );
  };

  start();
  await loop.run(() => done);
  if (failure !== undefined) throw failure;
  return {
    contents: outside.contents(),
    deliveries: outside.deliveries,
    kills,
    digest: loop.digest(),
    events: loop.events,
  };
}
