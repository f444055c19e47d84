import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { freshFolder } from '../../../test/support/fresh-folder.ts';
import type { RunnerError } from '../../sdk/errors.ts';
import {
  asIterable,
  fixed,
  type GlobalWindow,
  impulse,
  type OffsetRange,
  OffsetRangeTracker,
  offsetRangeCoder,
  type PCollection,
  Pipeline,
  resume,
  type SplittableDoFn,
  splittableParDo,
  state,
  sum,
  timestamp,
  withTimestamps,
} from '../../sdk/index.ts';
import type { Job, Resumption, StageProgress } from '../../sdk/pipeline/pipeline-result.ts';
import { testStream, timestamped } from '../../testing/index.ts';
import { LogStateBackend } from '../core/state/log-state-backend.ts';
import { NodeStateDisk } from '../worker/node-state-disk.ts';
import { resumptionText, statusLines } from './status-text.ts';

/** Gives a number at every call, and calls back when it has begun the one after the last. */
function numbers(last: number, waiting: () => void): SplittableDoFn<Uint8Array, OffsetRange, number, number> {
  return {
    unbounded: true,
    watermark: 'monotonic',
    restriction: {
      coder: offsetRangeCoder,
      initial: () => ({ start: 0, end: Number.MAX_SAFE_INTEGER }),
      tracker: (range) => new OffsetRangeTracker(range),
      truncate: () => undefined,
    },
    *process(_, { tracker }) {
      const position = tracker.current().start;
      if (position > last) {
        // When the step that has taken the last one is over.
        setImmediate(() => setImmediate(waiting));
        return resume('50ms');
      }
      if (!tracker.tryClaim(position)) return undefined;
      yield { values: [position], timestamps: [timestamp(position * 1000)] };
      return resume('0ms');
    },
  };
}

/** Runs a pipeline until its source has given all it has. */
async function started(
  t: TestContext,
  last: number,
  build: (all: PCollection<number>) => unknown,
  options: { readonly checkpointDir?: string } = {},
): Promise<Job> {
  const waiting = Promise.withResolvers<void>();
  const p = new Pipeline({ name: 'numbers' });
  build(
    p.apply(impulse()).apply(
      splittableParDo(
        'numbers',
        numbers(last, () => waiting.resolve()),
      ),
    ),
  );
  const job = await p.start({ checkpointInterval: '1h', ...options });
  t.after(() => job.cancel());
  await Promise.race([waiting.promise, job.wait()]);
  return job;
}

async function failureOf(job: Job): Promise<RunnerError> {
  return job.wait().then(
    () => assert.fail('it is done'),
    (error) => error,
  );
}

function stageOf(job: Job, name: string): StageProgress {
  const found = job.progress().stages.find((stage) => stage.name.includes(name));
  assert.ok(found !== undefined, `no stage ${name} in ${job.progress().stages.map((stage) => stage.name)}`);
  return found;
}

describe('a job that is stopped', () => {
  it('writes a last checkpoint, from which the next run goes on', async (t) => {
    const checkpointDir = freshFolder(t);
    const seen: number[] = [];
    const build = (all: PCollection<number>) => all.map('see', (n) => seen.push(n));
    for (const last of [2, 4]) {
      const began = Date.now();
      const job = await started(t, last, build, { checkpointDir });
      assert.equal(job.progress().checkpoint, undefined);
      const { resumed } = job.progress();
      assert.deepEqual([resumed?.version, resumed?.isEnded], last === 2 ? [undefined, undefined] : [1, false]);
      assert.ok(resumed === undefined || (resumed.at !== undefined && resumed.at <= began));
      await job.stop('for the night');
      const error = await failureOf(job);
      assert.equal(error.code, 'STOPPED');
      assert.match(error.message, /after a last checkpoint: for the night/);
      const { state, checkpoint } = job.progress();
      assert.equal(state, 'CANCELLED');
      assert.ok((checkpoint?.stateBytes ?? 0) > 0);
    }
    assert.deepEqual(seen, [0, 1, 2, 3, 4]);
  });

  it('goes on from a checkpoint that does not say when it was written', async (t) => {
    const checkpointDir = freshFolder(t);
    await (await started(t, 2, () => {}, { checkpointDir })).stop('to be changed');
    const backend = new LogStateBackend(new NodeStateDisk(checkpointDir));
    const { at, ...earlier } = JSON.parse(Buffer.from(backend.blob('manifest') ?? []).toString());
    assert.equal(typeof at, 'number');
    backend.putBlob('manifest', Buffer.from(JSON.stringify(earlier)));
    backend.commit();
    backend.close();
    const job = await started(t, 4, () => {}, { checkpointDir });
    const { resumed } = job.progress();
    await job.stop('for the night');
    assert.deepEqual(resumed, { version: 2, at: undefined, isEnded: false });
    assert.equal(resumptionText(resumed as Resumption), 'goes on from checkpoint 2');
    assert.equal(
      resumptionText({ version: 2, at: 0, isEnded: false }),
      `goes on from checkpoint 2 of 1970-01-01T00:00:00Z`,
    );
  });

  it('says that nothing is left to do when it is run again after its end', async (t) => {
    const checkpointDir = freshFolder(t);
    const warnings: string[] = [];
    t.mock.method(process, 'emitWarning', (text: string) => warnings.push(text));
    await (await started(t, 2, () => {}, { checkpointDir })).drain();
    assert.deepEqual(warnings, []);
    const again = await started(t, 2, () => {}, { checkpointDir });
    const { state, resumed } = await again.wait();
    assert.deepEqual([state, resumed], ['DONE', again.progress().resumed]);
    assert.equal(again.progress().resumed?.isEnded, true);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0], /pipeline has ended; nothing is left to do: take a new checkpointDir/);
    assert.match(warnings[0], new RegExp(`or delete ${checkpointDir}\\.`));
  });

  it('is cancelled when it has no checkpoints', async (t) => {
    const job = await started(t, 1, () => {});
    await job.stop();
    assert.equal((await failureOf(job)).code, 'CANCELLED');
  });
});

describe('a stream that drops what comes too late', () => {
  const windowed = (all: PCollection<number>) =>
    all
      .apply(withTimestamps<number, GlobalWindow>('back', (n) => timestamp(n >= 3 ? 500 : n * 1000)))
      .window(fixed('1s'))
      .keyBy('all', () => 'all');

  it('says so once per transform, and counts', async (t) => {
    const warnings: string[] = [];
    t.mock.method(process, 'emitWarning', (text: string) => warnings.push(text));
    const job = await started(t, 5, (all) => {
      windowed(all).combinePerKey(sum()).map('show', String);
      windowed(all).parDo('keep', {
        state: { last: state.value<number>() },
        process: ([, n], { state }): void => state.last.write(n),
      });
    });
    assert.deepEqual([stageOf(job, 'show').dropped, stageOf(job, 'keep').dropped], [3, 3]);
    assert.equal(stageOf(job, 'numbers').dropped, undefined);
    assert.match(statusLines('late', job.progress(), Date.now()).join(), /3 dropped as late/);
    assert.deepEqual(warnings.map((text) => text.replace(/ A window .*/, '')).sort(), [
      "'SumPerKey' drops elements that come too late. The first is of 1970-01-01T00:00:00.500Z, whose window has expired " +
        '(its last time is 1970-01-01T00:00:00.999Z): the watermark is at 1970-01-01T00:00:02.000Z.',
      "'keep' drops elements that come too late. The first is of 1970-01-01T00:00:00.500Z, whose window has expired " +
        '(its last time is 1970-01-01T00:00:00.999Z): the watermark is at 1970-01-01T00:00:02.000Z.',
    ]);
    assert.match(warnings[0], /allowedLateness .* withLateOutput\(\) .*maxDelay.* droppedDueToLateness/);
  });

  it('says nothing where an output takes them, or time is that of a test stream', async (t) => {
    const warnings: string[] = [];
    t.mock.method(process, 'emitWarning', (text: string) => warnings.push(text));
    const job = await started(t, 5, (all) =>
      windowed(all).withLateOutput().combinePerKey(sum()).main.map('show', String),
    );
    assert.equal(stageOf(job, 'show').dropped, undefined);
    const p = new Pipeline();
    const played = testStream<number>()
      .addElements(timestamped(1, timestamp(1)))
      .advanceWatermarkTo(timestamp(5000))
      .addElements(timestamped(3, timestamp(1)))
      .advanceWatermarkToInfinity();
    windowed(p.apply(played)).combinePerKey(sum()).map('show', String);
    const { metrics } = await p.run();
    assert.equal(metrics.counter('droppedDueToLateness'), 1);
    assert.deepEqual(warnings, []);
  });
});

describe('progress of a stream tells what a stage waits for:', () => {
  it('a source, when it goes on; a grouping, the watermark', async (t) => {
    const job = await started(t, 3, (all) => {
      all
        .window(fixed('10s'))
        .keyBy('parity', (n) => n % 2)
        .combinePerKey(sum())
        .map('show', String);
    });
    assert.match(stageOf(job, 'numbers').waitsFor ?? '', /^\d{4}-.*Z, when numbers goes on with its restriction$/);
    const group = stageOf(job, 'show');
    assert.equal(group.keys, 2);
    assert.match(
      group.waitsFor ?? '',
      /^the watermark of its input, which is at 1970-01-01T00:00:03\.000Z, to reach 1970-01-01T00:00:(09\.999|10\.000)Z$/,
    );
  });

  it('elements, their side input', async (t) => {
    const job = await started(t, 2, (all) => {
      const main = all.window(fixed('10s'));
      // It fires when the window ends, which it does not.
      main.parDo('read', { sides: { all: asIterable(main) }, process: () => [] });
    });
    const reader = stageOf(job, 'read');
    assert.equal(reader.backlog, 3);
    assert.match(reader.waitsFor ?? '', /^the side input 'all' in its window for .*, before 3 elements go on$/);
  });

  it('elements that must be stable, a checkpoint', async (t) => {
    const job = await started(t, 2, (all) => all.parDo('send', { requiresStableInput: true, process: () => [] }), {
      checkpointDir: freshFolder(t),
    });
    const send = stageOf(job, 'send');
    assert.deepEqual([send.backlog, send.waitsFor], [3, 'the next checkpoint, before 3 elements go on']);
  });
});
