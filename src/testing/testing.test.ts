import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  afterCount,
  afterWatermark,
  fixed,
  GLOBAL_WINDOW,
  globalWindows,
  IntervalWindow,
  type KV,
  type PCollection,
  sum,
  timestamp,
  UserCodeError,
  withTimestamps,
} from '../sdk/index.ts';
import { type Assertion, assertThat, closeTo, inAnyOrder, TestPipeline, testStream, timestamped } from './index.ts';

type State<T> = (assertion: Assertion<T, never>) => void;

async function run<T>(elements: readonly T[], state: State<T>, options = {}): Promise<void> {
  const p = new TestPipeline(options);
  state(assertThat(p.create(elements) as PCollection<T, never>, 'the list'));
  await p.run();
}

/** The message of the failure, without where it happened. */
async function failure<T>(elements: readonly T[], state: State<T>): Promise<string> {
  const error = await run(elements, state).then(
    () => assert.fail('the assertion held'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof UserCodeError, String(error));
  assert.equal(error.code, 'ASSERTION_FAILED');
  assert.doesNotMatch(error.message, /\n {2}element:/);
  return error.summary;
}

describe('assertThat', () => {
  test('accepts what is so', async () => {
    await run([3, 1, 2, 1], (list) => list.containsInAnyOrder([1, 1, 2, 3]));
    await run(['a'], (list) => list.isEqualTo('a'));
    await run([], (list) => list.isEmpty());
    await run([1, 2], (list) => list.countIs(2));
    await run([1, 2], (list) => list.satisfies((all) => assert.equal(Math.max(...all), 2)));
    await run([1, 2], (list) => list.satisfies(async (all) => all.length === 2));
  });

  test('shows what is missing and unexpected', async () => {
    assert.equal(
      await failure(
        [
          ['a', 1],
          ['b', 2],
          ['b', 2],
        ],
        (list) =>
          list.containsInAnyOrder([
            ['a', 1],
            ['b', 2],
            ['c', 3],
          ]),
      ),
      `the list: other elements than the 3 expected:
  missing (1):
    - [ 'c', 3 ]
  unexpected (1):
    + [ 'b', 2 ]`,
    );
    assert.match(
      await failure([1, 1, 1], (list) => list.containsInAnyOrder([1])),
      /unexpected \(2\):\n {4}\+ 1\n {4}\+ 1$/,
    );
    assert.match(
      await failure([] as number[], (list) => list.containsInAnyOrder([1])),
      /0 elements[\s\S]*missing \(1\)/,
    );
  });

  test('shows each element on one line', async () => {
    const nested = { id: 1, tags: ['a'], deep: { deeper: { deepest: { here: [1, { x: 2 }] } } } };
    assert.match(
      await failure([nested], (list) => list.isEmpty()),
      /\n {4}\+ \{ deep: \{ deeper: \{ deepest: \{ here: \[ 1, \{ x: 2 \} \] \} \} \}, id: 1, tags: \[ 'a' \] \}$/,
    );
  });

  test('shortens what is long', async () => {
    const long = await failure(
      Array.from({ length: 500 }, (_, i) => 'x'.repeat(1000) + i),
      (list) => list.isEmpty(),
    );
    assert.ok(long.length < 10_000 && long.includes('… and 480 more') && long.includes('500 elements'));
  });

  test('says what is wrong otherwise', async () => {
    assert.match(await failure([1, 2], (list) => list.isEqualTo(1)), /not the expected element, but 2 elements/);
    assert.match(await failure([2], (list) => list.isEqualTo(1)), /not the expected element:\n {4}- 1\n {4}\+ 2/);
    assert.match(await failure([1], (list) => list.countIs(2)), /1 elements instead of 2/);
    assert.match(
      await failure([1], (list) => list.satisfies(() => assert.fail('too small'))),
      /too small\n {2}in 1 elements/,
    );
    assert.match(await failure([1], (list) => list.satisfies(() => false)), /returned false/);
  });

  test('fails with the transform and the line of the assertion', async () => {
    const error = await run([1], (list) => list.isEmpty()).catch((reason: UserCodeError) => reason);
    assert.match((error as UserCodeError).context.transform ?? '', /^the list\//);
    assert.match((error as UserCodeError).context.location ?? '', /testing\.test\.ts:/);
  });

  test('compares iterables by their elements and takes matchers', async () => {
    const p = new TestPipeline();
    const pairs = p.create([
      ['a', 1],
      ['a', 2],
      ['b', 3],
    ] as [string, number][]);
    assertThat(pairs.groupByKey()).containsInAnyOrder([
      ['b', [3]],
      ['a', inAnyOrder([2, 1])],
    ]);
    assertThat(pairs.mapValues('share', (n) => n / 3)).containsInAnyOrder([
      ['b', closeTo(1, 1e-9)],
      ['a', closeTo(0.33, 0.01)],
      ['a', closeTo(0.67, 0.01)],
    ]);
    await p.run();
    assert.match(
      await failure([[1, 2]], (list) => list.isEqualTo(inAnyOrder([1, 1]) as number[])),
      /- <in any order: \[ 1, 1 \]>/,
    );
    assert.match(await failure([[1]], (list) => list.containsInAnyOrder([inAnyOrder([1, 1]) as number[]])), /missing/);
    assert.match(await failure([1], (list) => list.isEqualTo(closeTo(2, 0.5))), /- <2 ± 0.5>/);
  });

  test('lets a matcher take the element that leaves room for the others', async () => {
    await run([1, 2], (list) => list.containsInAnyOrder([closeTo(1.5, 1), closeTo(1, 0.1)]));
    await run([2, 1], (list) => list.containsInAnyOrder([closeTo(1.5, 1), closeTo(1, 0.1)]));
  });

  test('compares deeply', async () => {
    const value = {
      map: new Map([['a', [1]]]),
      set: new Set([1, 2]),
      date: new Date(5),
      bytes: new Uint8Array([1, 2]),
      nothing: undefined,
      nan: Number.NaN,
      big: 5n,
    };
    await run([value], (list) => list.isEqualTo({ ...value, map: new Map([['a', [1]]]), set: new Set([2, 1]) }));
    const others = [
      { ...value, map: new Map([['a', [2]]]) },
      { ...value, set: new Set([1, 3]) },
      { ...value, date: new Date(6) },
      { ...value, bytes: new Uint8Array([1, 3]) },
      { ...value, bytes: [1, 2] as never },
      { ...value, nan: 0 },
      { ...value, big: 6n },
      { ...value, extra: 1 },
      { ...value, nothing: null as never },
    ];
    for (const other of others)
      assert.match(await failure([value], (list) => list.isEqualTo(other)), /not the expected/);
  });

  test('looks at one window', async () => {
    const p = new TestPipeline();
    const times = ['00:10', '00:59', '01:00'].map((time) => timestamp(`2024-01-01T${time}Z`));
    const hours = p
      .create(times)
      .apply(withTimestamps('time', (time) => time))
      .window(fixed('1h'));
    const first = new IntervalWindow(timestamp('2024-01-01T00:00Z'), timestamp('2024-01-01T01:00Z'));
    assertThat(hours).inWindow(first).containsInAnyOrder([times[0], times[1]]);
    assertThat(hours)
      .inWindow(new IntervalWindow(timestamp(0), timestamp(3_600_000)))
      .isEmpty();
    assertThat(hours).countIs(3);
    await p.run();

    const wrong = new TestPipeline();
    const again = wrong
      .create(times)
      .apply(withTimestamps('time', (time) => time))
      .window(fixed('1h'));
    assertThat(again, 'hours').inWindow(first).countIs(3);
    await assert.rejects(wrong.run(), /hours in \[2024-01-01T00:00:00.000Z.*2 elements instead of 3/);
  });

  test('looks at panes of one window', async () => {
    const minute = new IntervalWindow(timestamp(0), timestamp(60_000));
    const sums = (p: TestPipeline) =>
      p
        .apply(
          testStream<KV<string, number>>()
            .addElements(timestamped(['a', 1], timestamp(0)))
            .addElements(timestamped(['a', 2], timestamp(1)), timestamped(['a', 50], timestamp(60_000)))
            .addElements(timestamped(['a', 4], timestamp(2)))
            .advanceWatermarkTo(timestamp(60_000))
            .addElements(timestamped(['a', 8], timestamp(3)))
            .advanceWatermarkToInfinity(),
        )
        .window(fixed('1m'), {
          trigger: afterWatermark({ early: afterCount(1), late: afterCount(1) }),
          allowedLateness: '1m',
          accumulation: 'accumulating',
        })
        .combinePerKey(sum())
        .map('sum', ([, n]) => n);
    const p = new TestPipeline();
    assertThat(sums(p)).inEarlyPane(minute).containsInAnyOrder([1, 3, 7]);
    assertThat(sums(p)).inOnTimePane(minute).isEqualTo(7);
    assertThat(sums(p)).inWindow(minute).containsInAnyOrder([1, 3, 7, 7, 15]);
    // A late one may be followed by another.
    assertThat(sums(p)).inFinalPane(minute).isEmpty();
    assertThat(sums(p).window(globalWindows()).combine(sum()))
      .inFinalPane(GLOBAL_WINDOW)
      .isEqualTo(1 + 3 + 7 + 7 + 15 + 50 + 50);
    await p.run();

    const wrong = new TestPipeline();
    assertThat(sums(wrong), 'sums').inOnTimePane(minute).isEqualTo(15);
    await assert.rejects(wrong.run(), /sums in the on-time pane of \[1970-01-01T00:00:00.000Z.*not the expected/);
  });

  test('states several things about one collection', async () => {
    const p = new TestPipeline();
    const list = assertThat(p.create([1, 2]));
    list.countIs(2);
    list.isEmpty();
    await assert.rejects(p.run(), { code: 'ASSERTION_FAILED' });
  });
});

describe('TestPipeline', () => {
  test('refuses an assertion that states nothing', async () => {
    const p = new TestPipeline();
    assertThat(p.create([1]));
    await assert.rejects(p.run(), { code: 'ASSERTION_INCOMPLETE' });
  });

  test('finds an assertion that was not evaluated', async () => {
    class Forgetful extends TestPipeline {
      override async run() {
        return super.run({ disable: [] });
      }
    }
    const p = new Forgetful();
    assertThat(p.create([1])).countIs(1);
    // A runner that loses the branch of the assertion.
    const check = [...p.graph.transforms.values()].find((node) => node.name.endsWith('/Check'))!;
    check.spec = { kind: 'parDo', fn: { kind: 'filter', fn: () => false }, sides: {} };
    await assert.rejects(p.run(), { code: 'ASSERTION_NOT_RUN' });
  });

  test('runs in strict mode in the calling thread, or as it is told', async () => {
    assert.deepEqual(new TestPipeline({ threads: 2 }).options, { threads: 2, strict: true, maxAttempts: 1 });
    const p = new TestPipeline();
    p.create([[1, 2]]).map('grow', (list) => list.reverse());
    await assert.rejects(p.run(), { code: 'INPUT_MUTATED' });
  });
});

test('a pipeline for tests gives a portable runner no options that mean nothing there', () => {
  const { options } = new TestPipeline({ runner: 'portable', endpoint: 'localhost:8073' });
  assert.deepEqual(options, { strict: true, runner: 'portable', endpoint: 'localhost:8073' });
  assert.deepEqual(new TestPipeline().options, { strict: true, threads: 0, maxAttempts: 1 });
});
