import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  after,
  asSingleton,
  type Collected,
  coders,
  count,
  fixed,
  type IntervalWindow,
  type KV,
  type PCollection,
  Pipeline,
  type PipelineResult,
  Reify,
  state,
  sum,
  type Timestamp,
  timer,
  timestamp,
} from '../../sdk/index.ts';
import { testStream } from '../../sdk/transforms/test-stream.ts';
import { timestamped } from '../../sdk/transforms/timestamped-value.ts';
import type { GlobalWindow } from '../../sdk/windows/window.ts';

type Pair = KV<string, number>;

/** Runs a pipeline made of a script or of elements, and gives what it collects. */
async function run<T>(
  build: (p: Pipeline) => PCollection<T>,
): Promise<{ readonly elements: readonly T[]; readonly result: PipelineResult }> {
  const p = new Pipeline();
  const collected: Collected<T> = build(p).collect();
  const result = await p.run({ threads: 0 });
  return { elements: result.elements(collected), result };
}

const PAIRS: readonly Pair[] = [
  ['a', 1],
  ['b', 2],
  ['a', 3],
];

test('state is per key; every kind of result is emitted', async () => {
  const results = {
    array: (text: string) => [text],
    promise: async (text: string) => [text],
    *generator(text: string) {
      yield text;
    },
    async *asyncGenerator(text: string) {
      yield text;
    },
  };
  for (const [kind, give] of Object.entries(results)) {
    const { elements } = await run((p) =>
      p.create(PAIRS).parDo(kind, {
        state: { total: state.combining(sum()) },
        timers: { end: timer.eventTime() },
        process([key, n], { state, timers }) {
          state.total.add(n);
          timers.end.set(timestamp(0));
          return give(`${key} ${state.total.read()}`);
        },
        onTimer: { end: (key, { state }) => give(`end ${key} ${state.total.read()}`) },
        onWindowExpiration: (key, { state }) => give(`over ${key} ${state.total.read()}`),
      }),
    );
    assert.deepEqual(elements, ['a 1', 'b 2', 'a 4', 'end a 4', 'end b 2', 'over a 4', 'over b 2'], kind);
  }
});

test('asynchronous calls of one step come one after the other, each with its own key', async () => {
  const elements = Array.from({ length: 50 }, (_, i) => [`k${i % 3}`, i] as const);
  const { elements: out } = await run((p) =>
    p.create<Pair>(elements).parDo('slow', {
      state: { seen: state.bag<number>() },
      async *process([key, n], { state }) {
        yield `${key} before ${[...state.seen.read()]}`;
        await new Promise((done) => setImmediate(done));
        state.seen.add(n);
        yield `${key} after ${[...state.seen.read()]}`;
      },
    }),
  );
  const expected = elements.flatMap(([key, n]) => {
    const before = elements.filter(([other, m]) => other === key && m < n).map(([, m]) => m);
    return [`${key} before ${before}`, `${key} after ${[...before, n]}`];
  });
  assert.deepEqual(out, expected);
});

test('what an asynchronous step behind it takes its time for does not mix keys up', async () => {
  const { elements } = await run((p) =>
    p
      .create(PAIRS)
      .parDo('count', {
        state: { n: state.value<number>() },
        timers: { end: timer.eventTime() },
        *process([key, n], { state, timers }) {
          for (let i = 0; i < 40; i++) {
            state.n.write((state.n.read() ?? 0) + n);
            yield `${key} ${state.n.read()}`;
          }
          timers.end.set(timestamp(5));
        },
        onTimer: {
          *end(key, { state }) {
            for (let i = 0; i < 40; i++) yield `${key} end ${state.n.read()}`;
          },
        },
      })
      .map('wait', async (text) => {
        await new Promise((done) => setImmediate(done));
        return text;
      }),
  );
  const times = (from: number, by: number) => Array.from({ length: 40 }, (_, i) => from + (i + 1) * by);
  const expected = [
    ...times(0, 1).map((n) => `a ${n}`),
    ...times(0, 2).map((n) => `b ${n}`),
    ...times(40, 3).map((n) => `a ${n}`),
    ...new Array(40).fill('a end 160'),
    ...new Array(40).fill('b end 80'),
  ];
  assert.deepEqual(elements.toSorted(), expected.toSorted());
});

test('late elements of an expired window are dropped and counted', async () => {
  const { elements, result } = await run(
    (p) =>
      p
        .apply(
          testStream<Pair>()
            .addElements(timestamped(['a', 1] as Pair, timestamp(5)))
            .advanceWatermarkTo(timestamp(25))
            .addElements(timestamped(['a', 2] as Pair, timestamp(6)))
            .advanceWatermarkTo(timestamp(31))
            .addElements(timestamped(['a', 4] as Pair, timestamp(7)))
            .advanceWatermarkToInfinity(),
        )
        .window(fixed('10ms'), { allowedLateness: '20ms', accumulation: 'discarding' })
        .parDo('sum', {
          state: { total: state.combining(sum()) },
          *process([, n], { state }) {
            state.total.add(n);
            yield state.total.read();
          },
          onWindowExpiration: (_key, { state, timestamp }) => [1000 + state.total.read() + timestamp],
        })
        .window(fixed('1d')) as unknown as PCollection<number>,
  );
  assert.deepEqual(elements, [1, 3, 1000 + 3 + 29]);
  assert.equal(result.metrics.counter('droppedDueToLateness'), 1);
});

test('outputs have the timestamp of the element, of the timer, of the expiry', async () => {
  const { elements } = await run(
    (p) =>
      p
        .apply(
          testStream<Pair>()
            .addElements(timestamped(['a', 1] as Pair, timestamp(3)))
            .advanceWatermarkToInfinity(),
        )
        .window(fixed('10ms'))
        .parDo('times', {
          state: { n: state.value<number>() },
          timers: {
            own: timer.eventTime(),
            held: timer.eventTime(),
            free: timer.eventTime(),
            clock: timer.processingTime(),
          },
          *process(_pair, { timers }) {
            timers.own.set(timestamp(7));
            timers.held.set(timestamp(8), { outputTimestamp: timestamp(4) });
            timers.free.set(timestamp(9), { outputTimestamp: 'none' });
            timers.clock.setRelative('1h');
            yield 'element';
          },
          onTimer: {
            own: () => ['own'],
            held: () => ['held'],
            free: () => ['free'],
            clock: () => ['clock'],
          },
          onWindowExpiration: () => ['expired'],
        })
        .apply(Reify.timestamps())
        .map('text', ({ value, timestamp }) => `${value} ${timestamp}`)
        .window(fixed('1d')) as unknown as PCollection<string>,
  );
  assert.deepEqual(elements.toSorted(), ['clock 3', 'element 3', 'expired 9', 'free 9', 'held 4', 'own 7'].toSorted());
});

test('a timer may loop, set others, and clear them; outputs and side inputs are there', async () => {
  const p = new Pipeline();
  const total = asSingleton(p.create([1, 2]).combine(count()));
  const { main, ticks } = p.create<Pair>([['a', 3]]).parDo('loop', {
    sides: { total },
    outputs: { ticks: coders.string },
    state: { left: state.value<number>() },
    timers: { tick: timer.eventTime(), never: timer.eventTime(), each: timer.eventTimeFamily() },
    process([, n], { state, timers }) {
      state.left.write(n);
      timers.tick.set(timestamp(0));
      timers.never.set(timestamp(1_000_000));
    },
    onTimer: {
      tick(key, { state, timers, output, fireTimestamp, sides }) {
        const left = (state.left.read() ?? 0) - 1;
        state.left.write(left);
        output('ticks', `${key} ${fireTimestamp} ${sides.total}`);
        timers.each.set(`tag ${left}`, after(fireTimestamp, '1ms'));
        if (left > 0) timers.tick.set(after(fireTimestamp, '10ms'));
        else timers.never.clear();
      },
      never: () => ['never'],
      each: (_key, { tag, fireTimestamp }) => [`${tag} ${fireTimestamp}`],
    },
  });
  const [mains, tags] = [main.collect('main'), ticks.collect('ticks')];
  const result = await p.run({ threads: 0 });
  assert.deepEqual(result.elements(tags), ['a 0 2', 'a 10 2', 'a 20 2']);
  assert.deepEqual(result.elements(mains), ['tag 2 1', 'tag 1 11', 'tag 0 21']);
});

test('elements come in the order of time when the DoFn asks for it', async () => {
  const { elements } = await run((p) =>
    p
      .apply(
        testStream<Pair>()
          .addElements(timestamped(['a', 5] as Pair, timestamp(5)), timestamped(['a', 1] as Pair, timestamp(1)))
          .advanceWatermarkTo(timestamp(3))
          .addElements(timestamped(['a', 4] as Pair, timestamp(4)), timestamped(['a', 0] as Pair, timestamp(0)))
          .advanceWatermarkToInfinity(),
      )
      .parDo('sorted', {
        requiresTimeSortedInput: true,
        *process([, n], { timestamp }) {
          yield `${n} ${timestamp}`;
        },
      }),
  );
  assert.deepEqual(elements, ['1 1', '4 4', '5 5']);
});

async function failure(build: (input: PCollection<Pair, GlobalWindow>) => unknown): Promise<Record<string, unknown>> {
  const p = new Pipeline();
  build(p.create<Pair>([['a', 1]]));
  return p.run({ threads: 0, maxAttempts: 1 }).then(
    () => assert.fail('it should have failed'),
    (error) => error,
  );
}

test('errors name the transform, the key and the timer', async () => {
  const inTimer = await failure((input) =>
    input.parDo('fails', {
      timers: { t: timer.eventTime() },
      process: (_pair, { timers }) => timers.t.set(timestamp(0)),
      onTimer: {
        t() {
          throw new Error('oh');
        },
      },
    }),
  );
  assert.match(
    String(inTimer),
    /Error: oh \[USER_CODE\]\n {2}transform: fails\n.*\n {2}element: .*key: 'a', timer: 't'/,
  );
  const rejected = await failure((input) =>
    input.parDo('fails', {
      state: { n: state.value<number>() },
      process() {},
      async onWindowExpiration() {
        throw new Error('oh');
      },
    }),
  );
  assert.match(String(rejected), /element: .*key: 'a', expired/);
  const wrongResult = await failure((input) =>
    input.parDo('fails', {
      timers: { t: timer.eventTime() },
      process: (_pair, { timers }) => timers.t.set(timestamp(0)),
      onTimer: { t: (() => 5) as never },
    }),
  );
  assert.equal(wrongResult.code, 'NOT_ITERABLE');
});

test('timers that can never be right are errors', async () => {
  const window = fixed('10ms');
  const wrong: Record<string, (input: PCollection<Pair, IntervalWindow>) => unknown> = {
    'after expiry': (input) =>
      input.parDo('t', {
        timers: { t: timer.eventTime() },
        process: (_, { timers }) => timers.t.set(timestamp(10_000_000)),
        onTimer: { t() {} },
      }),
    'no timestamp': (input) =>
      input.parDo('t', {
        timers: { t: timer.eventTime() },
        process: (_, { timers }) => timers.t.set(Number.NaN as Timestamp),
        onTimer: { t() {} },
      }),
    'early output': (input) =>
      input.parDo('t', {
        timers: { t: timer.eventTime() },
        process: (_, { timers, timestamp }) =>
          timers.t.set(timestamp, { outputTimestamp: (timestamp - 1) as Timestamp }),
        onTimer: { t() {} },
      }),
    'late output': (input) =>
      input.parDo('t', {
        timers: { t: timer.processingTime() },
        process: (_, { timers, window }) => timers.t.setRelative('1s', { outputTimestamp: window.end }),
        onTimer: { t() {} },
      }),
    'long tag': (input) =>
      input.parDo('t', {
        timers: { t: timer.eventTimeFamily() },
        process: (_, { timers, timestamp }) => timers.t.set('x'.repeat(1001), timestamp),
        onTimer: { t() {} },
      }),
  };
  for (const [what, build] of Object.entries(wrong)) {
    const error = await failure((input) => build(input.apply('at', timestampAt5).window(window)));
    assert.equal(error.code, 'TIMER_TIME', what);
  }
  const loop = await failure((input) =>
    input.parDo('t', {
      timers: { t: timer.eventTime() },
      process: (_, { timers }) => timers.t.set(timestamp(0)),
      onTimer: { t: (_key, { timers, fireTimestamp }) => timers.t.set(fireTimestamp) },
    }),
  );
  assert.equal(loop.code, 'TIMER_LOOP');
});

const timestampAt5 = {
  name: 'at',
  expand: (input: PCollection<Pair, GlobalWindow>) =>
    input.pipeline.apply(testStream<Pair>().addElements(timestamped(['a', 1] as Pair, timestamp(5)))),
};

test('relative timers are aligned, and stop at the expiry', async () => {
  const { elements } = await run(
    (p) =>
      p
        .apply(
          testStream<Pair>()
            .advanceWatermarkTo(timestamp(3))
            .advanceProcessingTime('7ms')
            .addElements(timestamped(['a', 1] as Pair, timestamp(5)))
            .advanceProcessingTime('1s')
            .advanceWatermarkToInfinity(),
        )
        .window(fixed('100ms'))
        .parDo('t', {
          timers: { e: timer.eventTimeFamily(), p: timer.processingTimeFamily() },
          process(_pair, { timers }) {
            timers.e.setRelative('1', '5ms', { align: '10ms' });
            timers.e.setRelative('2', '7ms', { align: '10ms' });
            timers.e.setRelative('3', '8ms', { align: '10ms' });
            timers.e.setRelative('4', '1h');
            timers.p.setRelative('1', '3ms', { align: '10ms' });
            timers.p.setRelative('2', '4ms');
          },
          onTimer: {
            e: (_key, { tag, fireTimestamp }) => [`e${tag} ${fireTimestamp}`],
            p: (_key, { tag, fireTimestamp }) => [`p${tag} ${fireTimestamp}`],
          },
        })
        .window(fixed('1d')) as unknown as PCollection<string>,
  );
  assert.deepEqual(elements, ['p1 10', 'p2 11', 'e1 10', 'e2 10', 'e3 20', 'e4 99']);
});

test('a dead-letter output takes elements that fail; what they have done to the state stays', async () => {
  const p = new Pipeline();
  const { main, errors } = p
    .create(PAIRS)
    .withErrors()
    .parDo('fails for 2', {
      state: { n: state.combining(count()) },
      *process([key, n], { state }) {
        state.n.add(n);
        if (n === 2) throw new Error('two');
        yield `${key} ${state.n.read()}`;
      },
      onWindowExpiration: (key, { state }) => [`${key} over ${state.n.read()}`],
    });
  const [good, bad] = [main.collect('good'), errors.collect('bad')];
  const result = await p.run({ threads: 0 });
  assert.deepEqual(result.elements(good), ['a 1', 'a 2', 'a over 2', 'b over 1']);
  assert.deepEqual(
    result.elements(bad).map(({ element }) => element),
    [['b', 2]],
  );
});

test('elements that are no pairs are refused: the first letter of a text is no key', async () => {
  for (const element of ['hello', 5, { 0: 'a', 1: 2, length: 2 }, ['a'], ['a', 1, 2]]) {
    const refused = run((p) =>
      p.create([element as unknown as Pair]).parDo('count', {
        state: { n: state.value<number>() },
        process([key]) {
          return [key];
        },
      }),
    );
    await assert.rejects(refused, { code: 'CODER_WRONG_TYPE' });
    await assert.rejects(refused, /State and timers take \[key, value\] pairs.*transform: +count.*keyBy/s);
  }
});
