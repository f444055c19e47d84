/** What the runner does with the functions of elements, in the calling thread. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elementsOf, failureOf } from '../../../test/support/run-here.ts';
import { coders } from '../../sdk/coders/index.ts';
import { combinePerKey } from '../../sdk/combine/combine.ts';
import type { CombineFn } from '../../sdk/combine/combine-fn.ts';
import { UserCodeError } from '../../sdk/errors.ts';
import { Pipeline } from '../../sdk/pipeline/pipeline.ts';
import { flatten } from '../../sdk/transforms/flatten.ts';
import { timestamp } from '../../sdk/windows/timestamp.ts';
import { GLOBAL_WINDOW } from '../../sdk/windows/window.ts';

const total: CombineFn<number, number, number> = {
  name: 'Sum',
  create: () => 0,
  add: (a, b) => a + b,
  merge: (all) => [...all].reduce((a, b) => a + b, 0),
  extract: (a) => a,
};

test('a failing element is named with its transform, source line and attempt', async () => {
  const error = await failureOf((p) =>
    p.create([1, 2, 3]).map('halve', (n) => {
      if (n === 2) throw new RangeError('no two');
      return n / 2;
    }),
  );
  assert.ok(error instanceof UserCodeError);
  assert.equal(error.context.transform, 'halve');
  assert.match(error.context.location ?? '', /do-fns\.test\.ts:\d+/);
  assert.equal(error.context.element, '2');
  assert.equal(error.context.attempt, 4);
  assert.match(error.message, /RangeError: no two/);
  assert.ok(error.cause instanceof Error);
});

test('a bundle that fails runs again, and what the failed attempt emitted is not seen', async () => {
  let failures = 2;
  const p = new Pipeline({ threads: 0 });
  p.create([1, 2, 3])
    .map('flaky', (n) => {
      if (n === 3 && failures-- > 0) throw new Error('try again');
      return n;
    })
    .keyBy('k', () => 'all')
    .apply(combinePerKey(total))
    .parDo('out', {
      process([, sum], { metrics }) {
        metrics.counter('sum').inc(sum);
      },
    });
  const result = await p.run();
  assert.equal(result.state, 'DONE');
  assert.equal(result.metrics.counter('sum'), 6);
});

test('withErrors sends failures to a dead-letter output, redacted', async () => {
  const build = (p: Pipeline) => {
    const { main, errors } = p
      .create(['{"a":1}', 'secret nonsense', '{"a":2}'])
      .withErrors({ redact: (line) => line.length })
      .map('parse', (line) => JSON.parse(line) as { a: number });
    return flatten([
      main.map('ok', ({ a }) => `a=${a}`),
      errors.map('bad', ({ element, transform, error }) => `${element} ${transform} ${error.name}`),
    ]);
  };
  assert.deepEqual(await elementsOf(build), ['15 parse SyntaxError', 'a=1', 'a=2']);
});

test('an element that fails half-way through its outputs emits none of them', async () => {
  const build = (p: Pipeline) => {
    const { main, errors } = p
      .create([1, 2])
      .withErrors()
      .flatMap('expand', function* (n) {
        yield n;
        if (n === 2) throw new Error('half-way');
        yield n * 10;
      });
    return flatten([main.map('ok', String), errors.map('bad', ({ element }) => `bad ${element}`)]);
  };
  assert.deepEqual(await elementsOf(build), ['1', '10', 'bad 2']);
});

test('asynchronous steps run concurrently up to their limit and keep their contexts', async () => {
  let underWay = 0;
  let most = 0;
  const build = (p: Pipeline) =>
    p.create([...Array(50).keys()]).parDo('wait', {
      concurrency: 4,
      async process(n, context) {
        most = Math.max(most, ++underWay);
        await new Promise((resolve) => setImmediate(resolve));
        underWay--;
        context.metrics.counter('seen').inc();
        return [n];
      },
    });
  assert.equal((await elementsOf(build)).length, 50);
  assert.equal(most, 4);
});

test('an endless iterable before an asynchronous step is pulled only as far as there is room', async () => {
  let pulled = 0;
  let done = 0;
  const p = new Pipeline({ threads: 0 });
  p.create([0])
    .flatMap('many', function* () {
      for (let i = 0; i < 10_000; i++) {
        pulled++;
        assert.ok(pulled - done <= 40, `${pulled} pulled, ${done} done`);
        yield i;
      }
    })
    .map('slow', async (n) => {
      await null;
      done++;
      return n;
    });
  await p.run();
  assert.equal(done, 10_000);
});

test('async iterables, promises of arrays and rejected promises', async () => {
  const build = (p: Pipeline) =>
    p
      .create([1, 2])
      .flatMap('stream', async function* (n) {
        yield n;
        await null;
        yield n * 10;
      })
      .flatMap('promise', async (n) => [n, n + 1]);
  assert.deepEqual(await elementsOf(build), [1, 10, 11, 2, 2, 20, 21, 3]);
  const error = await failureOf((p) => p.create([7]).map('reject', () => Promise.reject(new Error('nope'))));
  assert.equal(error.context.transform, 'reject');
  assert.equal(error.context.element, '7');
});

test('a DoFn lives through setup, bundles and teardown', async () => {
  const calls: string[] = [];
  const build = (p: Pipeline) =>
    p.create(['a', 'b']).parDo('life', {
      setup: () => void calls.push('setup'),
      startBundle: () => void calls.push('start'),
      process: (element) => {
        calls.push(element);
        return [element];
      },
      finishBundle: () => {
        calls.push('finish');
        return [{ value: 'last', timestamp: timestamp(0), window: GLOBAL_WINDOW }];
      },
      teardown: async () => void calls.push('teardown'),
    });
  assert.deepEqual(await elementsOf(build), ['a', 'b', 'last']);
  assert.deepEqual(calls, ['setup', 'start', 'a', 'b', 'finish', 'teardown']);
});

test('tagged outputs go to their collections', async () => {
  const build = (p: Pipeline) => {
    const { main, odd } = p.create([1, 2, 3]).parDo('split', {
      outputs: { odd: coders.safeInt },
      process(n, { output }) {
        if (n % 2 === 1) output('odd', n);
        return n % 2 === 1 ? [] : [n];
      },
    });
    return flatten([main.map('m', (n) => `even ${n}`), odd.map('o', (n) => `odd ${n}`)]);
  };
  assert.deepEqual(await elementsOf(build), ['even 2', 'odd 1', 'odd 3']);
});

test('strict mode reports inputs that are changed and state that is kept between bundles', async () => {
  const mutated = await failureOf(
    (p) =>
      p.create([{ n: 1 }]).map('change', (element) => {
        element.n++;
        return element;
      }),
    { strict: true },
  );
  assert.equal(mutated.code, 'INPUT_MUTATED');
  const kept = await failureOf(
    (p) => {
      const doFn = {
        seen: 0,
        process(n: number): number[] {
          doFn.seen++;
          return [n];
        },
      };
      return p.create([1]).parDo('count', doFn);
    },
    { strict: true },
  );
  assert.equal(kept.code, 'STATE_BETWEEN_BUNDLES');
});
