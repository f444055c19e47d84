import assert from 'node:assert/strict';
import {
  impulse,
  type Job,
  type KV,
  type OffsetRange,
  OffsetRangeTracker,
  offsetRangeCoder,
  type PCollection,
  Pipeline,
  resume,
  type SplittableDoFn,
  splittableParDo,
  timestamp,
} from '../../src/sdk/index.ts';

export type Pair = KV<string, number>;
export type Build = (pairs: PCollection<Pair>, out: unknown[], p: Pipeline) => unknown;

/** Runs a pipeline on the numbers up to `end`, with a checkpoint at its end. @returns what the pipeline put into `out` */
export async function runOn(
  directory: string,
  end: number,
  how: 'stop' | 'drain',
  build: Build,
  impulseName = 'Impulse',
): Promise<unknown[]> {
  const p = new Pipeline();
  const out: unknown[] = [];
  let job: Job | undefined;
  const numbers: SplittableDoFn<Uint8Array, OffsetRange, number, Pair> = {
    unbounded: true,
    watermark: 'monotonic',
    restriction: {
      coder: offsetRangeCoder,
      initial: () => ({ start: 0, end: 1e9 }),
      tracker: (range) => new OffsetRangeTracker(range),
    },
    *process(_, { tracker }) {
      const { start } = tracker.current();
      for (let n = start; n < end; n++) {
        if (!tracker.tryClaim(n)) return undefined;
        yield { values: [['a', n]], timestamps: [timestamp(n * 1000)] };
      }
      // What has been yielded goes through the graph before the job ends.
      if (start >= end) void job?.[how]();
      return resume('1ms');
    },
  };
  const pairs = p.apply(impulseName, impulse()).apply(splittableParDo('read', numbers));
  build(pairs, out, p);
  job = await p.start({ threads: 0, checkpointDir: directory, checkpointInterval: '1h' });
  await job.wait().catch((error) => {
    if (how === 'drain' || error.code !== 'STOPPED') throw error;
  });
  return out;
}

/** Stops the one pipeline after two numbers, and goes on with the other, which must be refused. @returns what is said of it */
export async function refused(directory: string, before: Build, after: Build, newImpulse?: string): Promise<string> {
  await runOn(directory, 2, 'stop', before);
  let message = '';
  await assert.rejects(runOn(directory, 3, 'drain', after, newImpulse), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'CHECKPOINT_INCOMPATIBLE', String(error));
    message = error.message;
    return true;
  });
  return message;
}
