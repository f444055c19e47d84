/** Programs of plain JavaScript, where no types help: each mistake has its error, and none becomes a wrong result. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as millrace from '../../sdk/index.ts';
import { type Collected, MillraceError, type PCollection, Pipeline } from '../../sdk/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: what plain JavaScript sees
const m = millrace as any;
// biome-ignore lint/suspicious/noExplicitAny: what plain JavaScript sees
type Untyped = any;

const sum = {
  create: () => 0,
  add: (a: number, b: number) => a + b,
  merge: (all: Iterable<number>) => [...all].reduce((a, b) => a + b, 0),
  extract: (a: number) => a,
};

const mistakes: Readonly<Record<string, (p: Untyped) => unknown>> = {
  'CREATE_INVALID of nothing': (p) => p.create(),
  'CREATE_INVALID of a text': (p) => p.create('line'),
  'CREATE_INVALID of a promise': (p) => p.create(Promise.resolve([1])),
  'CREATE_INVALID of an async generator': (p) => p.create((async function* () {})()),
  'COLLECTION_INVALID in flatten': (p) => m.flatten(p.create([1])),
  'COLLECTION_INVALID among those of flatten': (p) => m.flatten([p.create([1]), 5]),
  'COLLECTION_INVALID in coGroupByKey': () => m.coGroupByKey({ a: 5 }),
  'COLLECTION_INVALID of two outputs': (p) =>
    m.flatten([
      p
        .create([1])
        .withErrors()
        .map('x', (x: number) => x),
    ]),
  'COLLECTION_INVALID in a join': (p) => p.create([[1, 1]]).apply(m.innerJoin(undefined)),
  'COLLECTION_INVALID in Wait.on': (p) => p.create([1]).apply(m.Wait.on(null)),
  'TRANSFORM_ASYNC of a composite': (p) => p.create([1]).apply(m.transform('x', async () => {})),
  'PARTITION_INVALID of a number': (p) => p.create([1]).apply(m.partition('x', 2, () => 0)),
  'PARTITION_INVALID without a function': (p) => p.create([1]).apply(m.partition('x', ['a'])),
  'PARTITION_UNKNOWN of a promise': (p) => p.create([1]).apply(m.partition('x', ['a'], async () => 'a')).a,
  'OPTION_INVALID of sessions': (p) => p.create([1]).window(m.sessions()),
  'BATCH_INVALID of no options': (p) => p.create([1]).apply(m.batchElements()),
  'QUANTILE_INVALID of null': () => m.approximateQuantiles(null),
  'COMBINE_FN_INVALID of an async create': (p) => p.create([1]).combine({ ...sum, create: async () => 0 }),
  'COMBINE_FN_INVALID of an async extract': (p) => p.create([1]).combine({ ...sum, extract: async () => 0 }),
  'COMBINE_FN_INVALID of a generator': (p) => p.create([1]).combine({ ...sum, *merge() {} }),
  'COMBINE_FN_INVALID of a tuple': () => m.tuple(),
  'COMBINE_FN_INVALID in a tuple': () => m.tuple({ n: m.count }),
  'COMBINE_FN_INVALID of mapInputs the wrong way round': () => m.mapInputs(m.sum(), (x: number) => x),
  'COMBINE_FN_INVALID of a ranking': () => m.top(3, 'price'),
  'COMBINE_FN_INVALID of a ranking without comparison': () => m.bottom(3, {}),
  'NOT_ORDERED objects': (p) => p.create([{ a: 1 }, { a: 2 }]).combine(m.top(1)),
  'NOT_TIMESTAMPED values': (p) => p.create([1]).combine(m.latest()),
  'NOT_A_NUMBER null in a sum': (p) => p.create([null, 2]).combine(m.sum()),
  'NOT_A_NUMBER undefined in a mean': (p) => p.create([undefined, 2]).combine(m.mean()),
  'NOT_A_NUMBER text in max': (p) => p.create(['a', 'b']).combine(m.max()),
  'NOT_A_NUMBER text in a variance': (p) => p.create(['1', '2']).combine(m.variance()),
  'USER_CODE of a proxy': (p) =>
    p.create([1]).map('x', () => {
      const trap = () => {
        throw new Error('trap');
      };
      throw new Proxy({}, { get: trap, getPrototypeOf: trap, has: trap });
    }),
  'USER_CODE of an error that throws': (p) =>
    p.create([1]).map('x', () => {
      throw Object.defineProperty(new Error('x'), 'message', {
        get() {
          throw new Error('message');
        },
      });
    }),
  'USER_CODE of an error that is its own cause': (p) =>
    p.create([1]).map('x', () => {
      const error = new Error('x');
      error.cause = error;
      throw error;
    }),
  'USER_CODE of a rejection without a reason': (p) => p.create([1]).map('x', () => Promise.reject()),
  'USER_CODE of a thenable that throws': (p) =>
    p.create([1]).map('x', () => ({
      // biome-ignore lint/suspicious/noThenProperty: a hostile one
      then() {
        throw new Error('x');
      },
    })),
  'USER_CODE of an iterator that gives null': (p) =>
    p.create([1]).flatMap('x', () => ({ [Symbol.iterator]: () => ({ next: () => null }) })),
  'CODER_UNENCODABLE error as an element': (p) => p.create([1]).map('x', () => new Error('x')),
  'FUNCTION_MISSING for redact': (p) =>
    p
      .create([1])
      .withErrors({ redact: 5 })
      .map('x', () => 1),
  'METRIC_INVALID step of a counter': (p) =>
    p.create([1]).parDo('x', {
      process: (_n: number, { metrics }: Untyped) => metrics.counter('n').inc('5'),
    }),
  'OUTPUT_INVALID time of a last output': (p) =>
    p.create([1]).parDo('x', {
      process: () => [],
      finishBundle: () => [{ value: 1, timestamp: 1e300, window: m.GLOBAL_WINDOW }],
    }),
  'NOT_A_PAIR in keys': (p) => p.create([5]).apply(m.keys()),
  'NOT_A_PAIR text in values': (p) => p.create(['ab']).apply(m.values()),
  'KEY_MISSING in mapValues': (p) => p.create(['ab'], m.coders.string).mapValues('x', () => 1),
  'KEY_MISSING in keys': (p) => p.create([5], m.coders.double).apply(m.keys()),
  'CODER_NOT_A_KEY symbol': (p) =>
    p
      .create([1])
      .keyBy('x', () => Symbol('x'))
      .groupByKey(),
};

describe('a mistake', () => {
  for (const [name, program] of Object.entries(mistakes)) {
    test(name, async () => {
      const p = new Pipeline({ threads: 0, maxAttempts: 1 });
      const run = async () => {
        (program(p) as PCollection<unknown> | undefined)?.collect?.();
        await p.run();
      };
      await assert.rejects(run(), (error) => {
        assert.ok(error instanceof MillraceError, String(error));
        assert.equal(error.code, name.split(' ')[0]);
        assert.match(error.context.location ?? '', /hostile-programs\.test\.ts/);
        assert.ok(!(error.context.element ?? '').includes('\n'));
        return true;
      });
    });
  }
});

test('a list that changes after create() is as it was', async () => {
  const p = new Pipeline({ threads: 0 });
  const list = [1, 2];
  const all = p.create(list).collect();
  list.push(3);
  const result = await p.run();
  assert.deepEqual(result.elements(all), [1, 2]);
  for (const ticket of [undefined, {}, { transform: 'constructor' }]) {
    assert.throws(() => result.elements(ticket as never), { code: 'NOT_COLLECTED' });
  }
});

test('what is odd and right works', async () => {
  const p: Untyped = new Pipeline({ threads: 0 });
  const results: Record<string, [Collected<unknown>, unknown]> = {
    'keys that are NaN or zeros': [
      p
        .create([Number.NaN, Number.NaN, 0, -0])
        .keyBy('k', (x: number) => x)
        .groupByKey()
        .map('n', ([k, all]: [number, Iterable<number>]) => [k, [...all].length])
        .collect('A'),
      [
        [0, 2],
        [Number.NaN, 2],
      ],
    ],
    'holes and undefined': [p.create([1, ...new Array(1), undefined]).collect('B'), [1, undefined, undefined]],
    'asynchronous everything': [
      p
        .create([1, 2])
        .filter('f', async (x: number) => x > 1)
        .keyBy('k', async (x: number) => x)
        .apply(m.withTimestamps('t', async () => 5))
        .collect('C'),
      [[2, 2]],
    ],
    'a thenable that resolves twice': [
      p
        .create([1])
        // biome-ignore lint/suspicious/noThenProperty: a hostile one
        .map('x', () => ({ then: (resolve: (value: number) => void) => [resolve(5), resolve(6)] }))
        .collect('D'),
      [5],
    ],
    'names of the prototype': [
      p
        .create([
          ['__proto__', 1],
          ['constructor', 2],
        ])
        .groupByKey()
        .map('k', ([k]: [string]) => k)
        .collect('E'),
      ['__proto__', 'constructor'],
    ],
  };
  const result = await p.run();
  for (const [name, [ticket, expected]] of Object.entries(results)) {
    assert.deepEqual(result.elements(ticket).toSorted(), expected, name);
  }
});
