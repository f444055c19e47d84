import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Coder,
  coders,
  type DoFn,
  impulse,
  type MillraceError,
  type OffsetRange,
  OffsetRangeTracker,
  offsetRangeCoder,
  Pipeline,
  type RunOptions,
  resume,
  type SplittableDoFn,
  splittableParDo,
} from '../../sdk/index.ts';

type Source = SplittableDoFn<Uint8Array, OffsetRange, number, unknown>;

function source(fn: Partial<Source> & Pick<Source, 'process'>, end = 1): Source {
  return {
    unbounded: true,
    watermark: 'monotonic',
    restriction: {
      coder: offsetRangeCoder,
      initial: () => ({ start: 0, end }),
      tracker: (range) => new OffsetRangeTracker(range),
    },
    ...fn,
  };
}

/** A pipeline that reads the source, and what it has read so far. */
function reading(fn: Source): { readonly p: Pipeline; readonly read: unknown[] } {
  const p = new Pipeline();
  const read: unknown[] = [];
  p.apply(impulse())
    .apply(splittableParDo('source', fn))
    .map('note', (value) => {
      read.push(value);
    });
  return { p, read };
}

async function failureOf(fn: Source, options: RunOptions = {}): Promise<MillraceError> {
  return reading(fn)
    .p.run({ threads: 0, ...options })
    .then(
      () => assert.fail('the pipeline did not fail'),
      (error: MillraceError) => error,
    );
}

const never = new Promise<never>(() => {});

test('what is no batch is refused, and nothing of it is taken', async () => {
  const batches: readonly [batch: unknown, code: string][] = [
    [null, 'BATCH_INVALID'],
    [5, 'BATCH_INVALID'],
    ['abc', 'BATCH_INVALID'],
    [{}, 'BATCH_INVALID'],
    [{ values: [1] }, 'BATCH_INVALID'],
    [{ timestamps: [] }, 'BATCH_INVALID'],
    [{ values: [1, 2, 3], timestamps: [1] }, 'BATCH_INVALID'],
    [{ values: [1], timestamps: [1, 2] }, 'BATCH_INVALID'],
    [{ values: [1], timestamps: [Number.NaN] }, 'TIMESTAMP_INVALID'],
    [{ values: [1], timestamps: [1.5] }, 'TIMESTAMP_INVALID'],
    [{ values: [1], timestamps: [1e300] }, 'TIMESTAMP_INVALID'],
    [{ values: [1], timestamps: ['1'] }, 'TIMESTAMP_INVALID'],
  ];
  for (const [batch, code] of batches) {
    const fn = source({
      *process(_, { tracker }) {
        tracker.tryClaim(0);
        yield batch as unknown[];
      },
    });
    const error = await failureOf(fn);
    assert.equal(error.code, code, JSON.stringify(batch));
    assert.match(error.message, /transform: source/);
  }
});

test('neither process nor split may return what holds nothing', async () => {
  const nothing = (result: unknown) => source({ process: () => result as [] });
  for (const result of [undefined, 5, 'ab']) {
    assert.equal((await failureOf(nothing(result))).code, 'NOT_ITERABLE');
    assert.equal((await failureOf(nothing(Promise.resolve(result)))).code, 'NOT_ITERABLE');
  }
  const fn = source({ *process() {} });
  const unsplit: Source = { ...fn, restriction: { ...fn.restriction, split: () => 7 as unknown as OffsetRange[] } };
  assert.equal((await failureOf(unsplit)).code, 'NOT_ITERABLE');
});

test('a pause is a number of milliseconds', async () => {
  for (const resumeAfterMillis of [-1, Number.NaN, '1s']) {
    const fn = source({
      *process() {
        yield [];
        return { resumeAfterMillis: resumeAfterMillis as number };
      },
    });
    assert.equal((await failureOf(fn)).code, 'RESUME_INVALID', String(resumeAfterMillis));
  }
});

test('a watermark past the end of time is refused', async () => {
  const fn = source({
    watermark: 'manual',
    *process(_, { tracker, watermark }) {
      tracker.tryClaim(0);
      watermark.set(1e300 as never);
      yield [1];
    },
  });
  assert.equal((await failureOf(fn)).code, 'TIMESTAMP_INVALID');
});

test('a job is cancelled while a source waits for what never comes', async () => {
  const cancellation = new AbortController();
  const fn = source({
    async *process() {
      cancellation.abort();
      await never;
      yield [1];
    },
  });
  assert.equal((await failureOf(fn, { signal: cancellation.signal })).code, 'CANCELLED');
});

test('a job is cancelled while a user function waits for what never comes', async () => {
  const functions: Readonly<Record<string, (hang: () => Promise<never>) => DoFn<unknown, unknown>>> = {
    process: (hang) => ({ process: hang }),
    setup: (hang) => ({ setup: hang, process() {} }),
    startBundle: (hang) => ({ startBundle: hang, process() {} }),
    finishBundle: (hang) => ({ finishBundle: hang, process() {} }),
    teardown: (hang) => ({ teardown: hang, process() {} }),
    afterBundleCommit: (hang) => ({ process: (_, { afterBundleCommit }) => afterBundleCommit(hang) }),
  };
  const cancelled = Object.entries(functions).map(async ([name, fn]) => {
    const cancellation = new AbortController();
    const hang = () => {
      setImmediate(() => cancellation.abort());
      return never;
    };
    const p = new Pipeline();
    p.apply(impulse())
      .apply(
        splittableParDo(
          'source',
          source({
            *process(_, { tracker }) {
              tracker.tryClaim(0);
              yield [1];
            },
          }),
        ),
      )
      .parDo('hangs', fn(hang));
    await assert.rejects(p.run({ threads: 0, signal: cancellation.signal }), { code: 'CANCELLED' }, name);
  });
  await Promise.all(cancelled);
});

test('a job is cancelled while it drains a source that does not stop', async () => {
  const cancellation = new AbortController();
  const { p } = reading(
    source({
      *process(_, { signal }) {
        for (let n = 0; ; n++) {
          if (n === 1) void job.drain();
          // The event loop has its turn although the source always has more.
          if (signal.aborted && n % 10_000 === 0) setImmediate(() => cancellation.abort());
          yield [n];
        }
      },
    }),
  );
  const job = await p.start({ threads: 0, signal: cancellation.signal });
  await assert.rejects(job.wait(), { code: 'CANCELLED' });
});

test('a job that is drained before its sources have begun ends', async () => {
  const { p, read } = reading(
    source(
      {
        *process(_, { tracker }) {
          for (let n = 0; tracker.tryClaim(n); n++) yield [n];
        },
      },
      1e15,
    ),
  );
  const job = await p.start({ threads: 0 });
  await Promise.all([job.drain(), job.drain()]);
  assert.equal(job.progress().state, 'DONE');
  assert.deepEqual(read, []);
});

test('what a drained source still has to do is done, also when it pauses', async () => {
  const fn = source(
    {
      *process(_, { tracker }) {
        const at = tracker.current().start;
        if (!tracker.tryClaim(at)) return undefined;
        yield [at];
        return resume('0ms');
      },
    },
    1e15,
  );
  let truncations = 0;
  const { p, read } = reading({
    ...fn,
    restriction: {
      ...fn.restriction,
      truncate: (_, { start }) => {
        truncations++;
        return { start, end: start + 3 };
      },
    },
  });
  const job = await p.start({ threads: 0 });
  await job.drain();
  assert.deepEqual(read, [0, 1, 2]);
  assert.equal(truncations, 1);
});

test('all parts of a restriction have their turn, also when the first ones never end', async () => {
  const parts = 300;
  const cancellation = new AbortController();
  const seen = new Set<unknown>();
  const fn = source(
    {
      async *process(_, { tracker, signal }) {
        const { start } = tracker.current();
        for (let at = start; tracker.tryClaim(at); at++) {
          seen.add(Math.floor(at / 1e9));
          if (seen.size === parts) cancellation.abort();
          yield [at];
          if (!signal.aborted) await new Promise((done) => signal.addEventListener('abort', done));
        }
      },
    },
    parts * 1e9,
  );
  const split = (): OffsetRange[] => Array.from({ length: parts }, (_, n) => ({ start: n * 1e9, end: (n + 1) * 1e9 }));
  const error = await failureOf({ ...fn, restriction: { ...fn.restriction, split } }, { signal: cancellation.signal });
  assert.equal(error.code, 'CANCELLED');
  assert.equal(seen.size, parts);
});

test('what never yields and emits to another output on and on is stopped', async () => {
  const fn: SplittableDoFn<Uint8Array, OffsetRange, number, number, {}, { more: Coder<number> }> = {
    ...(source({ process: () => [] }) as SplittableDoFn<Uint8Array, OffsetRange, number, never>),
    outputs: { more: coders.double },
    // biome-ignore lint/correctness/useYield: that is what is wrong with it
    *process(_, { output }): Generator<never[], undefined> {
      for (;;) output('more', 1);
    },
  };
  const p = new Pipeline();
  p.apply(impulse()).apply(splittableParDo('source', fn));
  await assert.rejects(p.run({ threads: 0 }), { code: 'OUTPUTS_TOO_MANY' });
});

test('nothing is emitted to another output when the call is over', async () => {
  let late: unknown;
  const p = new Pipeline();
  const { more } = p.apply(impulse()).apply(
    splittableParDo('source', {
      restriction: source({ process: () => [] }).restriction,
      outputs: { more: coders.double },
      *process(_element: Uint8Array, { tracker, output }) {
        tracker.tryClaim(0);
        output('more', 1);
        yield [0];
        setImmediate(() => {
          try {
            output('more', 2);
          } catch (error) {
            late = error;
          }
        });
      },
    }),
  );
  const kept = more.map('wait', async (n) => {
    for (let i = 0; i < 3; i++) await new Promise((done) => setImmediate(done));
    return n;
  });
  const collected = kept.collect();
  const result = await p.run({ threads: 0 });
  assert.deepEqual(result.elements(collected), [1]);
  assert.equal((late as MillraceError).code, 'OUTPUT_LATE');
});
