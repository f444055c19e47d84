/** Every place where user code may fail: the error says in which transform, applied where, and for which element. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  asSingleton,
  type Coder,
  type CombineFn,
  coders,
  combineGroupedValues,
  type DoFn,
  fixed,
  flatten,
  globalWindows,
  MillraceError,
  type PCollection,
  Pipeline,
  partition,
  reshuffle,
  sessions,
  sum,
  timestamp,
  type Window,
  withTimestamps,
} from '../../sdk/index.ts';
import { assertThat, TestPipeline } from '../../testing/index.ts';

async function failureOf(build: (p: Pipeline) => PCollection<unknown, Window>): Promise<MillraceError> {
  const p = new Pipeline({ threads: 0, maxAttempts: 2 });
  build(p).map('Use', () => null);
  const error = await p.run().then(
    () => assert.fail('the pipeline did not fail'),
    (error: unknown) => error,
  );
  assert.ok(error instanceof MillraceError, String(error));
  assert.match(error.context.location ?? '', /failing-user-code\.test\.ts:\d+:\d+$/);
  // What Millrace itself finds wrong is not tried again.
  assert.equal(error.context.attempt, error.context.final ? 1 : 2);
  return error;
}

const boom = () => {
  throw new RangeError('boom');
};

const total: CombineFn<number, number, number> = {
  name: 'Total',
  create: () => 0,
  add: (a, b) => a + b,
  merge: (parts) => [...parts].reduce((a, b) => a + b, 0),
  extract: (a) => a,
};

describe('a CombineFn that fails', () => {
  for (const method of ['create', 'add', 'extract', 'compact'] as const) {
    test(`in ${method}`, async () => {
      const error = await failureOf((p) => p.create([1, 2]).combine({ ...total, [method]: boom }));
      assert.equal(error.summary, 'RangeError: boom');
      assert.match(error.context.transform ?? '', /^TotalGlobally\/CombinePerKey/);
    });
  }

  describe('in add names the value it fails for, of the many that are added at once', () => {
    const picky: CombineFn<number | { n: number }, number, number> = {
      ...total,
      add(sum, input) {
        const n = typeof input === 'number' ? input : input.n;
        if (n === 57) throw new RangeError('not 57');
        return sum + n;
      },
    };
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    for (const [what, element, build] of [
      ['globally', '57', (p) => p.create(numbers).combine(picky)],
      [
        'of short keys',
        "[ 'k0', 57 ]",
        (p) =>
          p
            .create(numbers)
            .keyBy('Key', (n) => `k${n % 3}`)
            .combinePerKey(picky),
      ],
      [
        'of encoded keys and objects',
        "[ [ 'é', 1.5 ], { n: 57 } ]",
        (p) =>
          p
            .create(numbers)
            .map('Object', (n) => ({ n }))
            .keyBy('Key', () => ['é', 1.5])
            .combinePerKey(picky),
      ],
      [
        'in windows',
        '[ -57, 57 ]',
        (p) =>
          p
            .create(numbers)
            .apply(withTimestamps('At', (n) => timestamp(n * 1000)))
            .window(fixed('10s'))
            .keyBy('Key', (n) => -n)
            .combinePerKey(picky),
      ],
      [
        'of a group',
        "[ 'all', 57 ]",
        (p) =>
          p
            .create(numbers)
            .keyBy('Key', () => 'all')
            .groupByKey()
            .apply(combineGroupedValues(picky)),
      ],
    ] as [string, string, (p: Pipeline) => PCollection<unknown, Window>][]) {
      test(what, async () => {
        const error = await failureOf(build);
        assert.equal(error.summary, 'RangeError: not 57');
        assert.equal(error.context.element, element);
      });
    }

    test('and not, when elements are kept out of messages', async () => {
      const p = new Pipeline({ threads: 0, redactErrors: true });
      p.create(numbers).combine(picky).collect();
      await assert.rejects(p.run(), (error: MillraceError) => error.context.element === '<number>');
      const q = new Pipeline({ threads: 0, redactErrors: true });
      q.create(['secret'])
        .flatMap('Wrong', (secret) => ({ secret }) as never)
        .collect();
      await assert.rejects(q.run(), (error: MillraceError) => !error.message.includes('secret'));
    });
  });

  test('in merge, of two parts of one key', async () => {
    const error = await failureOf((p) =>
      p
        .create([1, 2])
        .keyBy('Key', () => 'a')
        .combinePerKey({ ...total, merge: boom }, { hotKeyFanOut: 2 }),
    );
    assert.match(error.context.transform ?? '', /^TotalPerKey\//);
  });

  test('because its accumulator cannot be encoded', async () => {
    class Sum {
      value = 0;
    }
    const error = await failureOf((p) =>
      p
        .create([1])
        .combine<Sum, number>({ create: () => new Sum(), add: (a) => a, merge: () => new Sum(), extract: () => 1 }),
    );
    assert.equal(error.code, 'CODER_UNENCODABLE');
    assert.equal(error.context.transform, 'CombineGlobally/CombinePerKey');
  });
});

describe('a coder that fails', () => {
  const failing = (part: 'encode' | 'decode'): Coder<number> => ({
    urn: 'test:failing',
    components: [],
    nonDeterministic: undefined,
    encode: part === 'encode' ? boom : (value, out) => out.byte(value),
    decode: part === 'decode' ? boom : (input) => input.byte(),
  });

  test('to encode names the transform that made the element', async () => {
    const error = await failureOf((p) =>
      p
        .create([1])
        .map('Make', () => 7)
        .withCoder(failing('encode'))
        .apply(reshuffle()),
    );
    assert.equal(error.context.transform, 'Make');
    assert.equal(error.context.element, '7');
  });

  test('to decode', async () => {
    const error = await failureOf((p) => p.create([1], failing('decode')).apply(reshuffle()));
    assert.equal(error.context.transform, 'Reshuffle');
    const grouped = await failureOf((p) =>
      p
        .create([1], failing('decode'))
        .keyBy('Key', () => 1)
        .groupByKey()
        .map('Read', ([, values]) => [...values]),
    );
    assert.match(grouped.context.transform ?? '', /^(GroupByKey|Read)$/);
  });

  test('because the element is none of its own', async () => {
    const error = await failureOf((p) =>
      p
        .create([1])
        .map('Make', () => ({ f: () => 1 }))
        .apply(reshuffle()),
    );
    assert.equal(error.context.transform, 'Make');
    assert.match(error.summary, /value\.f is a function/);
  });
});

describe('a WindowFn that fails', () => {
  const hours = fixed('1h');

  for (const wrong of [undefined, 5]) {
    test(`and gives ${JSON.stringify(wrong)} for windows`, async () => {
      const { assignOne: _, ...manyWindows } = hours;
      const many = await failureOf((p) => p.create([1]).window({ ...manyWindows, assign: () => wrong as never }));
      assert.equal(many.code, 'WINDOW_INVALID');
      assert.equal(many.context.element, '1');
    });
  }

  test('and gives no window', async () => {
    const one = await failureOf((p) => p.create([1]).window({ ...hours, assignOne: () => undefined as never }));
    assert.equal(one.code, 'WINDOW_INVALID');
  });

  test('to merge', async () => {
    const error = await failureOf((p) =>
      p
        .create([1, 2])
        .apply(withTimestamps('Time', (n) => timestamp(n)))
        .keyBy('Key', () => 'a')
        .window({ ...sessions({ gap: '1h' }), merge: boom })
        .groupByKey(),
    );
    assert.equal(error.context.transform, 'GroupByKey');
  });
});

describe('a DoFn that fails', () => {
  const doFns: Record<string, Partial<DoFn<number, number>>> = {
    'in setup': { setup: boom },
    'in startBundle': { startBundle: boom },
    'in process': { process: boom },
    'in finishBundle': { finishBundle: boom },
    'in a generator of finishBundle': {
      *finishBundle() {
        yield boom();
      },
    },
    'with no outputs from finishBundle': { finishBundle: () => 5 as never },
    'with an output without window': { finishBundle: () => [{ value: 1, timestamp: timestamp(0) }] as never },
  };
  for (const [where, part] of Object.entries(doFns)) {
    test(where, async () => {
      const error = await failureOf((p) => p.create([1]).parDo('Step', { process: (n: number) => [n], ...part }));
      assert.equal(error.context.transform, 'Step');
    });
  }
});

test('an output may be called errors', async () => {
  const p = new TestPipeline();
  const { main, errors } = p.create([1, 2]).parDo('split', {
    outputs: { errors: coders.string },
    process(n, { output }) {
      if (n === 1) return [n];
      output('errors', `not ${n}`);
      return [];
    },
  });
  assertThat(main).isEqualTo(1);
  assertThat(errors).isEqualTo('not 2');
  await p.run();
});

test('an output that is not declared is an error, whatever its name', async () => {
  const untyped = {
    process: (_: number, { output }: { output: (tag: string, value: unknown) => void }) => output('toString', 1),
  };
  const p = new Pipeline({ threads: 0 });
  p.create([1]).parDo('Step', untyped as never);
  await assert.rejects(p.run(), { code: 'OUTPUT_UNKNOWN' });
});

test('dead letters: wrong results too, and nothing of an element that redact() fails for', async () => {
  const p = new TestPipeline();
  const flat = p
    .create([1])
    .withErrors()
    .flatMap('Flat', () => 5 as never);
  const times = p.create([1]).apply(withTimestamps<number>('Time', () => 0.5 as never).withErrors());
  const codes = flatten([flat.errors, times.errors]).map('code', ({ error }) => error.code ?? '');
  assertThat(codes).containsInAnyOrder(['NOT_ITERABLE', 'TIMESTAMP_INVALID']);
  await p.run();

  const error = await failureOf((q) => q.create(['secret']).withErrors({ redact: boom }).map('Fail', boom).errors);
  assert.equal(error.context.transform, 'Fail');
  assert.doesNotMatch(error.message, /secret/);
});

test('sessions that are merged already meet others: the next grouping merges all, whichever comes first', async () => {
  const p = new TestPipeline();
  const minutes = p
    .create([0, 10])
    .apply(withTimestamps('Time', (n) => timestamp(n * 60_000)))
    .keyBy('Key', () => 'a')
    .window(sessions({ gap: '15m' }));
  const merged = minutes.groupByKey().flatMap('Ungroup', ([key, all]) => [...all].map((n) => [key, n] as const));
  for (const both of [flatten([merged, minutes]), flatten([minutes, merged])]) {
    const sizes = both.groupByKey().map('Size', ([, all]) => [...all].length);
    assertThat(sizes.window(globalWindows())).isEqualTo(4);
  }
  await p.run();
});

describe('another attempt', () => {
  test("is made after a failure of the user's, and the error says how many failed, and whether alike", async () => {
    const alike = await failureOf((p) => p.create([1]).map('Fail', boom));
    assert.match(alike.message, /^ {2}attempt: {3}2 of 2, all failed alike$/m);
    let calls = 0;
    const other = await failureOf((p) =>
      p.create([1]).map('Fail', () => {
        throw new Error(`call ${++calls}`);
      }),
    );
    assert.match(other.message, /^ {2}attempt: {3}2 of 2$/m);
  });

  const withF = { f: () => 1 };
  for (const [what, code, build] of [
    [
      'a value that has no encoding',
      'CODER_UNENCODABLE',
      (p) =>
        p
          .create([1])
          .map('M', () => withF)
          .apply(reshuffle()),
    ],
    [
      'a value of another type',
      'CODER_WRONG_TYPE',
      (p) =>
        p
          .create([1])
          .map('M', () => 5 as never)
          .withCoder(coders.string)
          .apply(reshuffle()),
    ],
    [
      'no key',
      'CODER_NOT_A_KEY',
      (p) =>
        p
          .create([1])
          .keyBy('K', () => ({}) as never)
          .groupByKey(),
    ],
    ['no outputs', 'NOT_ITERABLE', (p) => p.create([1]).flatMap('F', () => 5 as never)],
    ['no timestamp', 'TIMESTAMP_INVALID', (p) => p.create([1]).apply(withTimestamps('T', () => 0.5 as never))],
    ['no part', 'PARTITION_UNKNOWN', (p) => p.create([1]).apply(partition('P', ['a'], () => 'b' as never)).a],
    ['no number', 'NOT_A_NUMBER', (p) => p.create(['a'] as never[]).combine(sum())],
    [
      'no side input',
      'SIDE_INPUT_SINGLETON',
      (p) =>
        p
          .create([1])
          .parDo('S', { sides: { s: asSingleton(p.create<number>([])) }, process: (_n, { sides }) => [sides.s] }),
    ],
  ] as [string, string, (p: Pipeline) => PCollection<unknown, Window>][]) {
    test(`is not made for ${what}`, async () => {
      const p = new Pipeline({ threads: 0 });
      build(p).map('Use', () => null);
      await assert.rejects(p.run(), (error: MillraceError) => {
        assert.equal(error.code, code);
        assert.match(error.message, /^ {2}attempt: {3}1; not repeated, for it would fail again$/m);
        return true;
      });
    });
  }

  test('elements that are no pairs are the fault of the grouping that takes them', async () => {
    for (const build of [
      (words: PCollection<never>) => words.groupByKey('Group'),
      (words: PCollection<never>) => words.combinePerKey(sum(), { name: 'Group' }),
    ]) {
      const p = new Pipeline({ threads: 0 });
      const made = p.create([1]).map('Read', (n) => n as never);
      build(made).map('Use', () => null);
      await assert.rejects(p.run(), (error: MillraceError) => {
        assert.match(error.message, /takes \[key, value\] pairs/);
        assert.match(error.context.transform ?? '', /^Group/);
        assert.match(error.context.location ?? '', /failing-user-code\.test\.ts/);
        return true;
      });
    }
  });

  test('wrong uses of Millrace are no dead letters', async () => {
    const p = new Pipeline({ threads: 0 });
    const nothing = p.create<number>([]);
    const { main, errors } = p
      .create([1, 2])
      .withErrors()
      .parDo('Read', { sides: { s: asSingleton(nothing) }, process: (n, { sides }) => [n + sides.s] });
    main.collect('Main');
    errors.collect('Errors');
    await assert.rejects(p.run(), { code: 'SIDE_INPUT_SINGLETON' });
  });
});
