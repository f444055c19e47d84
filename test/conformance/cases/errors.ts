import {
  Count,
  coders,
  fixed,
  type KV,
  type PCollection,
  type Pipeline,
  reshuffle,
  sum,
  timestamp,
  type Window,
  withTimestamps,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { at, timesOf, windowsOf } from '../elements.ts';

/** Fails for odd numbers. */
function evenOnly(n: number): number {
  if (n % 2 === 1) throw new RangeError(`${n} is odd`);
  return n;
}

/** A step that must make the pipeline fail, with a reader behind it. */
function failing(name: string, rule: string, fails: string, build: (p: Pipeline) => PCollection<unknown, Window>) {
  return {
    name: `fails/${name}`,
    rule,
    fails,
    pipeline(p: Pipeline) {
      build(p).map('use', () => 1);
    },
  };
}

export const errors = topic(
  'errors/failures',
  'Guide: a failing bundle is retried, then the pipeline fails; Pipeline.PipelineExecutionException',
  [
    failing('map', 'A failing function fails the pipeline', 'USER_CODE', (p) => p.create([1]).map('odd', evenOnly)),
    failing('flat-map', 'A failing function fails the pipeline', 'USER_CODE', (p) =>
      p.create([1]).flatMap('odd', (n) => [evenOnly(n)]),
    ),
    failing('lazy-outputs', 'A failure while outputs are read fails the pipeline', 'USER_CODE', (p) =>
      p.create([1]).flatMap('odd', function* (n) {
        yield evenOnly(n);
      }),
    ),
    failing('filter', 'A failing function fails the pipeline', 'USER_CODE', (p) =>
      p.create([1]).filter('odd', (n) => evenOnly(n) > 0),
    ),
    failing('key', 'A failing function fails the pipeline', 'USER_CODE', (p) => p.create([1]).keyBy('odd', evenOnly)),
    failing('asynchronous', 'A rejected promise fails the pipeline', 'USER_CODE', (p) =>
      p.create([1]).map('odd', async (n) => {
        await Promise.resolve();
        return evenOnly(n);
      }),
    ),
    failing('after-a-grouping', 'A failure in a later stage fails the pipeline', 'USER_CODE', (p) =>
      p
        .create<KV<string, number>>([['a', 1]])
        .groupByKey()
        .map('odd', ([, values]) => evenOnly([...values][0])),
    ),
    failing('thrown-value', 'Anything may be thrown', 'USER_CODE', (p) =>
      p.create([1]).map('throws', (): number => {
        throw 'a text';
      }),
    ),
    failing('undefined-thrown', 'Anything may be thrown, nothing too', 'USER_CODE', (p) =>
      p.create([1]).map('throws', (): number => {
        throw undefined;
      }),
    ),
    failing('one-of-many', 'One failing element is enough', 'USER_CODE', (p) =>
      p
        .create(Array.from({ length: 2000 }, (_, i) => i * 2))
        .apply(reshuffle())
        .map('one', (n) => evenOnly(n === 1998 ? 1 : n)),
    ),
    failing('timestamp', 'A timestamp is a whole number of milliseconds', 'TIMESTAMP_INVALID', (p) =>
      p.create([1]).apply(withTimestamps('half', () => 0.5 as never)),
    ),
    failing('null-timestamp', 'A timestamp is not null', 'TIMESTAMP_INVALID', (p) =>
      p.create([1]).apply(withTimestamps('null', () => null as never)),
    ),
    {
      name: 'assertion/content',
      rule: 'A wrong assertion fails the pipeline',
      source: 'PAssertTest.testContainsInAnyOrderFalse',
      fails: 'ASSERTION_FAILED',
      pipeline: (p) => assertThat(p.create([1, 2])).containsInAnyOrder([1, 3]),
    },
    {
      name: 'assertion/missing-element',
      rule: 'A missing element is found',
      source: 'PAssertTest',
      fails: 'ASSERTION_FAILED',
      pipeline: (p) => assertThat(p.create([1])).containsInAnyOrder([1, 1]),
    },
    {
      name: 'assertion/empty',
      rule: 'An assertion about an empty collection is evaluated',
      source: 'PAssertTest.testEmptyFalse; isEqualTo of an empty PCollection',
      fails: 'ASSERTION_FAILED',
      pipeline: (p) => assertThat(p.create<number>([])).isEqualTo(1),
    },
    {
      name: 'assertion/not-empty',
      rule: 'An assertion that a collection is empty fails when it is not',
      source: 'PAssertTest.testEmptyFalse',
      fails: 'ASSERTION_FAILED',
      pipeline: (p) => assertThat(p.create([1])).isEmpty(),
    },
    {
      name: 'assertion/of-a-window',
      rule: 'An assertion of one window fails by the elements of that window',
      source: 'PAssertTest.testWindowedContainsInAnyOrder',
      fails: 'ASSERTION_FAILED',
      pipeline(p) {
        const windowed = at(p, [
          ['x', 1],
          ['y', 11],
        ]).window(fixed('10ms'));
        assertThat(windowed)
          .inWindow(fixed('10ms').assign(timestamp(1))[0])
          .containsInAnyOrder(['x', 'y']);
      },
    },
  ],
);

export const deadLetters = topic(
  'errors/dead-letters',
  'WithFailures; MapElementsTest.testMapWithFailures…; core_test.py exception handling',
  [
    {
      name: 'map',
      rule: 'Elements that fail go to the dead-letter output, the others on',
      source: 'MapElementsTest.testMapWithFailuresLambda; core_test.py test_routes_failures',
      pipeline(p) {
        const { main, errors } = p.create([1, 2, 3, 4]).withErrors().map('Even', evenOnly);
        assertThat(main).containsInAnyOrder([2, 4]);
        assertThat(errors.map('element', ({ element }) => element)).containsInAnyOrder([1, 3]);
      },
    },
    {
      name: 'what-is-kept',
      rule: 'A dead letter has the element, the transform and the error',
      source: 'WithFailures.ExceptionElement; MapElementsTest.testExceptionAsMap',
      pipeline(p) {
        const { errors } = p.create([1]).withErrors().map('Even', evenOnly);
        const text = errors.map(
          'text',
          ({ element, transform, error }) => `${element} ${transform} ${error.name} ${error.message}`,
        );
        assertThat(text).isEqualTo('1 Even RangeError 1 is odd');
      },
    },
    {
      name: 'flat-map',
      rule: 'An element that fails midway has emitted nothing',
      source: 'FlatMapElementsTest.testFlatMapWithFailuresLambda',
      pipeline(p) {
        const { main, errors } = p
          .create([1, 2])
          .withErrors()
          .flatMap('Twice', function* (n) {
            yield n * 10;
            yield evenOnly(n);
          });
        assertThat(main).containsInAnyOrder([20, 2]);
        assertThat(errors).countIs(1);
      },
    },
    {
      name: 'filter',
      rule: 'A filter has a dead-letter output too',
      pipeline(p) {
        const { main, errors } = p
          .create([1, 2, 4])
          .withErrors()
          .filter('Large', (n) => evenOnly(n) > 2);
        assertThat(main).isEqualTo(4);
        assertThat(errors).countIs(1);
      },
    },
    {
      name: 'key-by',
      rule: 'Keying has a dead-letter output too',
      pipeline(p) {
        const { main, errors } = p.create([1, 2]).withErrors().keyBy('Key', evenOnly);
        assertThat(main.combinePerKey(sum())).isEqualTo([2, 2]);
        assertThat(errors).countIs(1);
      },
    },
    {
      name: 'par-do',
      rule: 'A DoFn has a dead-letter output',
      source: 'core_test.py ParDo.with_exception_handling',
      pipeline(p) {
        const { main, errors } = p
          .create([1, 2])
          .withErrors()
          .parDo('Do', {
            *process(n): Generator<number> {
              yield n;
              evenOnly(n);
            },
          });
        assertThat(main).isEqualTo(2);
        assertThat(errors.map('element', ({ element }) => element)).isEqualTo(1);
      },
    },
    {
      name: 'asynchronous',
      rule: 'A rejected promise makes a dead letter',
      pipeline(p) {
        const { main, errors } = p
          .create([1, 2])
          .withErrors()
          .map('Later', async (n) => {
            await Promise.resolve();
            return evenOnly(n);
          });
        assertThat(main).isEqualTo(2);
        assertThat(errors).countIs(1);
      },
    },
    {
      name: 'windows-and-times',
      rule: 'A dead letter has the timestamp and window of its element',
      pipeline(p) {
        const { errors } = at(p, [[1, 15]])
          .window(fixed('10ms'))
          .withErrors()
          .map('Even', evenOnly);
        const elements = errors.map('element', ({ element }) => element);
        assertThat(windowsOf(elements)).isEqualTo([1, '10-20']);
        assertThat(timesOf(elements)).isEqualTo([1, 15]);
      },
    },
    {
      name: 'none',
      rule: 'Without failures there are no dead letters',
      pipeline(p) {
        const { main, errors } = p.create([2, 4]).withErrors().map('Even', evenOnly);
        assertThat(main).containsInAnyOrder([2, 4]);
        assertThat(errors).isEmpty();
      },
    },
    {
      name: 'all',
      rule: 'All elements may fail',
      pipeline(p) {
        const { main, errors } = p.create([1, 3]).withErrors().map('Even', evenOnly);
        assertThat(main).isEmpty();
        assertThat(errors).countIs(2);
      },
    },
    {
      name: 'redacted',
      rule: 'What is kept of an element can be chosen',
      pipeline(p) {
        const { errors } = p
          .create([{ id: 1, secret: 'x' }])
          .withErrors({ redact: ({ id }) => id })
          .map('Even', ({ id }) => evenOnly(id));
        assertThat(errors.map('element', ({ element }) => element)).isEqualTo(1);
      },
    },
    {
      name: 'counted',
      rule: 'Dead letters are an ordinary collection',
      pipeline(p) {
        const { errors } = p.create([1, 2, 3]).withErrors().map('Even', evenOnly);
        assertThat(errors.apply(reshuffle()).apply(Count.globally())).isEqualTo(2);
      },
    },
    {
      name: 'in-a-chain',
      rule: 'Failures of a later step are not dead letters of an earlier one',
      fails: 'USER_CODE',
      pipeline(p) {
        const { main } = p.create([2]).withErrors().map('Even', evenOnly);
        main.map('Odd', (n) => evenOnly(n + 1)).map('use', (n) => n);
      },
    },
    {
      name: 'with-own-outputs-refused',
      rule: 'A DoFn with outputs of its own has no dead-letter output: what it has emitted could not be taken back',
      fails: 'ERRORS_AND_OUTPUTS',
      pipeline(p) {
        p.create([1])
          .withErrors()
          .parDo('Do', { outputs: { other: coders.string }, process: (n: number) => [n] } as never);
      },
    },
  ],
);
