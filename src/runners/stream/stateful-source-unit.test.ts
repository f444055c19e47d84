import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { freshFolder } from '../../../test/support/fresh-folder.ts';
import {
  type Job,
  type KV,
  type MillraceError,
  type OffsetRange,
  OffsetRangeTracker,
  offsetRangeCoder,
  Pipeline,
  resume,
  splittableParDo,
  state,
  sum,
  timer,
  timestamp,
} from '../../sdk/index.ts';

type Pair = KV<string, number>;

const restriction = {
  coder: offsetRangeCoder,
  initial: ([, end]: Pair): OffsetRange => ({ start: 0, end }),
  tracker: (range: OffsetRange) => new OffsetRangeTracker(range),
};
const total = { total: state.combining(sum()) };

test('a call that waits gives way to restrictions of other keys, and goes on with its state', async () => {
  const p = new Pipeline();
  const aborted: string[] = [];
  const seen = p
    .create<Pair>([
      ['waits', 2],
      ['other', 1],
    ])
    .apply(
      splittableParDo('Read', {
        restriction,
        unbounded: true,
        state: { calls: state.value<number>() },
        async *process([key]: Pair, { tracker, state, signal }) {
          const { start, end } = tracker.current();
          const calls = (state.calls.read() ?? 0) + 1;
          state.calls.write(calls);
          if (key === 'waits' && calls === 1) {
            await new Promise((done) => signal.addEventListener('abort', done));
            aborted.push(key);
          }
          for (let n = start; n < end; n++) {
            if (!tracker.tryClaim(n)) return;
            yield [`${key} ${n} in call ${calls}`];
          }
        },
      }),
    )
    .collect();
  const result = await p.run({ threads: 0 });
  assert.deepEqual(aborted, ['waits']);
  assert.deepEqual(result.elements(seen).toSorted(), ['other 0 in call 1', 'waits 0 in call 2', 'waits 1 in call 2']);
});

test('a call that waits gives way to a processing-time timer that it has set', async () => {
  const p = new Pipeline();
  const told = p
    .create<Pair>([['k', 2]])
    .apply(
      splittableParDo('Read', {
        restriction,
        unbounded: true,
        state: { fired: state.value<boolean>() },
        timers: { soon: timer.processingTime() },
        async *process(_pair: Pair, { tracker, state, timers, signal }) {
          const { start, end } = tracker.current();
          if (state.fired.read() !== true) {
            timers.soon.setRelative('1ms');
            await new Promise((done) => signal.addEventListener('abort', done));
          }
          for (let n = start; n < end; n++) if (tracker.tryClaim(n)) yield [`${n} ${state.fired.read()}`];
        },
        onTimer: {
          soon(key, { state }) {
            state.fired.write(true);
            return [`${key} fired`];
          },
        },
      }),
    )
    .collect();
  const result = await p.run({ threads: 0 });
  assert.deepEqual(result.elements(told).toSorted(), ['0 true', '1 true', 'k fired']);
});

test('state cannot be used when the call is over', async () => {
  let leaked: { add(n: number): void } | undefined;
  const p = new Pipeline();
  p.create<Pair>([['a', 1]]).apply(
    splittableParDo('Read', {
      restriction,
      state: total,
      *process(_pair: Pair, { tracker, state }) {
        leaked = state.total;
        tracker.tryClaim(0);
        yield [1];
      },
    }),
  );
  await p.run({ threads: 0 });
  assert.throws(() => leaked?.add(1), { code: 'STATE_UNBOUND' });
});

test('failures in a call and in a timer name the transform, its element and its key', async () => {
  for (const fails of ['process', 'onTimer'] as const) {
    const p = new Pipeline();
    p.create<Pair>([['a', 1]]).apply(
      splittableParDo('Read', {
        restriction,
        timers: { end: timer.eventTime() },
        *process(_pair: Pair, { tracker, timers }) {
          tracker.tryClaim(0);
          timers.end.set(timestamp(0));
          if (fails === 'process') throw new Error('no');
          yield [1];
        },
        onTimer: {
          end(): void {
            throw new Error('no');
          },
        },
      }),
    );
    const error = await p.run({ threads: 0 }).then(
      () => assert.fail('it did not fail'),
      (thrown: MillraceError) => thrown,
    );
    assert.equal(error.context.transform, 'Read');
    assert.match(String(error.context.element), /'a'/);
  }
});

test('restrictions, their state and their timers go on from a checkpoint', async (t: TestContext) => {
  const directory = freshFolder(t);
  const upTo = async (end: number, how: 'stop' | 'drain'): Promise<string[]> => {
    const out: string[] = [];
    let job: Job | undefined;
    const p = new Pipeline();
    p.create<Pair>([['k', 1000]])
      .apply(
        splittableParDo('Read', {
          restriction: { ...restriction, truncate: () => undefined },
          unbounded: true,
          state: total,
          timers: { late: timer.eventTime() },
          *process(_pair: Pair, { tracker, state, timers, watermark }) {
            const { start } = tracker.current();
            if (start === end) {
              void job?.[how]();
              return resume('1ms');
            }
            if (!tracker.tryClaim(start)) return undefined;
            if (start === 0) timers.late.set(timestamp(5));
            state.total.add(start);
            watermark.set(timestamp(start));
            yield { values: [`${start}: ${state.total.read()}`], timestamps: [start] };
            return resume('1ms');
          },
          onTimer: { late: (key, { state, fireTimestamp }) => [`${key} at ${fireTimestamp}: ${state.total.read()}`] },
        }),
      )
      .map('note', (text) => {
        out.push(text);
      });
    job = await p.start({ threads: 0, checkpointDir: directory, checkpointInterval: '1h' });
    await job.wait().catch((error) => assert.equal(error.code, how === 'stop' ? 'STOPPED' : 'none', error));
    return out;
  };
  assert.deepEqual(await upTo(3, 'stop'), ['0: 0', '1: 1', '2: 3']);
  assert.deepEqual(await upTo(7, 'drain'), ['3: 6', '4: 10', '5: 15', 'k at 5: 15', '6: 21']);
});
