import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertThat, TestPipeline } from '../../testing/index.ts';
import { coders } from '../coders/index.ts';
import { PipelineError } from '../errors.ts';
import { asMap } from './side-input.ts';

const refuse = (n: number): number => {
  if (n % 2 === 1) throw new RangeError(`${n} is odd`);
  return n;
};

test('each element-wise method sends the elements that fail to errors', async () => {
  const p = new TestPipeline();
  const numbers = p.create([1, 2, 3, 4]).withErrors();
  const pairs = p.create([
    ['a', 1],
    ['b', 2],
  ]);
  const results = {
    map: numbers.map('map', (n) => refuse(n) * 10),
    flatMap: numbers.flatMap('flatMap', function* (n) {
      yield n;
      yield refuse(n);
    }),
    filter: numbers.filter('filter', (n) => refuse(n) > 2),
    keyBy: numbers.keyBy('keyBy', refuse),
    parDo: numbers.parDo('parDo', {
      *process(n) {
        yield -n;
        yield -refuse(n);
      },
    }),
    async: numbers.parDo('async', {
      async process(n) {
        await undefined;
        return [refuse(n)];
      },
    }),
  };
  assertThat(results.map.main).containsInAnyOrder([20, 40]);
  assertThat(results.flatMap.main).containsInAnyOrder([2, 2, 4, 4]);
  assertThat(results.filter.main).containsInAnyOrder([4]);
  assertThat(results.keyBy.main).containsInAnyOrder([
    [2, 2],
    [4, 4],
  ]);
  assertThat(results.parDo.main).containsInAnyOrder([-2, -2, -4, -4]);
  assertThat(results.async.main).containsInAnyOrder([2, 4]);
  for (const [name, { errors }] of Object.entries(results)) {
    const failed = errors.map(`of ${name}`, ({ element, transform, error }) => [element, transform, error.message]);
    assertThat(failed).containsInAnyOrder([
      [1, name, '1 is odd'],
      [3, name, '3 is odd'],
    ]);
  }
  const values = pairs.withErrors().mapValues('mapValues', refuse);
  assertThat(values.main).containsInAnyOrder([['b', 2]]);
  assertThat(values.errors.map('failed pair', ({ element }) => element)).containsInAnyOrder([['a', 1]]);
  await p.run();
});

test('a DoFn with a dead-letter output reads side inputs, and its elements are redacted', async () => {
  const p = new TestPipeline();
  const names = p.create([['a', 'Ada']]);
  const { main, errors } = p
    .create(['a', 'secret'])
    .withErrors({ redact: (id) => id.length })
    .parDo('look up', {
      sides: { names: asMap(names) },
      process(id, { sides }) {
        const name = sides.names.get(id);
        if (name === undefined) throw new Error('nobody');
        return [name];
      },
    });
  assertThat(main).containsInAnyOrder(['Ada']);
  assertThat(errors).satisfies((failed) => {
    assert.deepEqual(
      failed.map(({ element, error }) => [element.toFixed(), error.name, error.message]),
      [['6', 'Error', 'nobody']],
    );
  });
  await p.run();
});

test('what a DoFn has sent to outputs of its own could not be taken back, so it can have none', () => {
  const doFn = { outputs: { other: coders.string }, process: () => [1] };
  assert.throws(
    () =>
      new TestPipeline()
        .create([1])
        .withErrors()
        .parDo('x', doFn as never),
    {
      code: 'ERRORS_AND_OUTPUTS',
      constructor: PipelineError,
    },
  );
});
