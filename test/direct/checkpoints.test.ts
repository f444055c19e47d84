import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after as afterTests, test } from 'node:test';
import {
  after,
  type Coder,
  coders,
  type Duration,
  fixed,
  impulse,
  type KV,
  type OffsetRange,
  OffsetRangeTracker,
  offsetRangeCoder,
  Pipeline,
  resume,
  type SplittableDoFn,
  splittableParDo,
  state,
  sum,
  timer,
} from '../../src/sdk/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-checkpoints-'));
afterTests(() => rmSync(folder, { recursive: true, force: true }));
let used = 0;
const freshDir = () => join(folder, String(used++));

/** Numbers from 0 up, ten at a time, each a second after the one before; gives none from `stopAt` on. */
function numbers(
  end: number,
  stopAt = Number.POSITIVE_INFINITY,
  onPause = () => {},
): SplittableDoFn<Uint8Array, OffsetRange, number, number> {
  return {
    unbounded: true,
    watermark: 'monotonic',
    restriction: {
      coder: offsetRangeCoder,
      initial: () => ({ start: 0, end }),
      tracker: (range) => new OffsetRangeTracker(range),
    },
    *process(_, { tracker, afterBundleCommit }) {
      let at = tracker.current().start;
      for (;;) {
        const values: number[] = [];
        while (values.length < 10) {
          if (at >= stopAt) {
            yield stamped(values);
            // What it has read is in a checkpoint then.
            afterBundleCommit(onPause);
            return resume('5ms');
          }
          if (!tracker.tryClaim(at)) {
            yield stamped(values);
            return undefined;
          }
          values.push(at++);
        }
        yield stamped(values);
      }
    },
  };
}

const stamped = (values: readonly number[]) => ({ values, timestamps: values.map((value) => value * 1000) });

interface Build {
  readonly end?: number;
  readonly stopAt?: number;
  readonly window?: Duration;
  readonly name?: string;
  readonly coder?: Coder<number>;
  readonly onElement?: (value: number) => void;
  readonly onPause?: () => void;
}

/** Sums per key and window, which `collect` keeps. */
function build(dir: string, { end = 100, stopAt, window = '10s', name = 'Sum', coder, onElement, onPause }: Build) {
  const p = new Pipeline({ threads: 0, checkpointDir: dir, checkpointInterval: '10ms' });
  const values = p.apply(impulse()).apply(splittableParDo('Numbers', numbers(end, stopAt, onPause)));
  const checked = values.map('Check', (value) => {
    onElement?.(value);
    return value;
  });
  const keyed = checked.keyBy('Parity', (value) => value % 2).window(fixed(window));
  if (coder !== undefined) keyed.withCoder(coders.kv(coders.key, coder) as never);
  const sums = keyed.combinePerKey(sum(), { name }).collect('Kept');
  return { p, sums };
}

const expected = (end: number) => {
  const sums = new Map<string, number>();
  for (let i = 0; i < end; i++) {
    const key = `${Math.floor(i / 10)},${i % 2}`;
    sums.set(key, (sums.get(key) ?? 0) + i);
  }
  return [...sums.values()].sort((a, b) => a - b);
};

/** Runs until the first checkpoint after the source has paused, and stops there. */
async function runToPause(dir: string, options: Build): Promise<void> {
  const paused = Promise.withResolvers<void>();
  const { p } = build(dir, { ...options, onPause: paused.resolve });
  const job = await p.start();
  await Promise.race([paused.promise, job.wait()]);
  await job.cancel();
  await assert.rejects(job.wait(), { code: 'CANCELLED' });
}

test('a pipeline that was stopped goes on from its last checkpoint', async () => {
  const dir = freshDir();
  await runToPause(dir, { stopAt: 55 });
  const seen: number[] = [];
  const { p, sums } = build(dir, { onElement: (value) => seen.push(value) });
  const result = await p.run();
  assert.deepEqual(
    [...result.elements(sums)].map(([, total]) => total).sort((a, b) => a - b),
    expected(100),
  );
  assert.ok(Math.min(...seen) >= 50, `it began again at ${Math.min(...seen)}`);
});

test('a pipeline that has ended stays ended', async () => {
  const dir = freshDir();
  const first = build(dir, {});
  const before = (await first.p.run()).elements(first.sums);
  const again = build(dir, { onElement: () => assert.fail('nothing is left to read') });
  assert.deepEqual((await again.p.run()).elements(again.sums), before);
});

test('a failure of user code goes back to the last checkpoint, and is the end when it comes again and again', async () => {
  let failures = 0;
  const once = build(freshDir(), {
    onElement(value) {
      if (value === 42 && failures++ === 0) throw new Error('once');
    },
  });
  const result = await once.p.run();
  assert.deepEqual(
    [...result.elements(once.sums)].map(([, total]) => total).sort((a, b) => a - b),
    expected(100),
  );
  let attempts = 0;
  const always = build(freshDir(), {
    onElement(value) {
      if (value === 42 && attempts++ >= 0) throw new Error('always');
    },
  });
  await assert.rejects(always.p.run({ maxAttempts: 3 }), /always/);
  assert.equal(attempts, 3);
});

for (const [what, change] of [
  ['another window', { window: '20s' }],
  ['another name', { name: 'Total' }],
  ['another coder', { coder: coders.double }],
] as const) {
  test(`a pipeline changed to ${what} is refused, naming what differs`, async () => {
    const dir = freshDir();
    await runToPause(dir, { stopAt: 55 });
    await assert.rejects(build(dir, change).p.run(), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'CHECKPOINT_INCOMPATIBLE');
      assert.match(error.message, /Sum/);
      return true;
    });
  });
}

test('a pipeline changed in what has no state goes on', async () => {
  const dir = freshDir();
  await runToPause(dir, { stopAt: 55 });
  const { p, sums } = build(dir, {});
  p.create(['new']).map('Beside', (each) => each);
  const result = await p.run();
  assert.deepEqual(
    [...result.elements(sums)].map(([, total]) => total).sort((a, b) => a - b),
    expected(100),
  );
});

test('two runs cannot share a folder', async () => {
  const dir = freshDir();
  const { p } = build(dir, { stopAt: 5 });
  const job = await p.start();
  await assert.rejects(build(dir, {}).p.run(), { code: 'CHECKPOINT_IN_USE' });
  await job.cancel();
});

test('a lock of an earlier process of the same number, as in a container, is none', {
  skip: !existsSync('/proc/self/stat'),
}, async () => {
  const dir = freshDir();
  await runToPause(dir, { stopAt: 55 });
  writeFileSync(join(dir, 'LOCK'), `${process.pid} ${hostname()} 1`);
  const { p, sums } = build(dir, {});
  const result = await p.run();
  assert.deepEqual(
    [...result.elements(sums)].map(([, total]) => total).sort((a, b) => a - b),
    expected(100),
  );
});

test('drain ends a source without end and finishes open windows and state', async () => {
  const p = new Pipeline({ threads: 0 });
  const paused = Promise.withResolvers<void>();
  const endless = numbers(Number.MAX_SAFE_INTEGER, 25, paused.resolve);
  const values = p.apply(impulse()).apply(splittableParDo('Numbers', endless));
  const keyed = values.keyBy('One', () => 'all');
  const sums = keyed.window(fixed('10s')).combinePerKey(sum()).collect('Sums');
  const last = keyed
    .parDo('Last', {
      state: { last: state.value<number>() },
      timers: { idle: timer.eventTime() },
      process([, value]: KV<string, number>, { state, timers, timestamp }) {
        state.last.write(value);
        timers.idle.set(after(timestamp, '1h'));
        return [] as number[];
      },
      onTimer: { idle: (_key, { state }) => [state.last.read() ?? -1] },
    })
    .collect('Last');
  const job = await p.start();
  await paused.promise;
  await job.drain();
  const result = await job.wait();
  assert.deepEqual(
    result.elements(sums).map(([, total]) => total),
    [45, 145, 110],
  );
  assert.deepEqual(result.elements(last), [24]);
  assert.equal(result.state, 'DONE');
});
