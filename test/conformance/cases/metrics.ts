import assert from 'node:assert/strict';
import { type KV, type Pipeline, type PipelineMetrics, reshuffle, sum } from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';

/** The user metrics of a name, by transform. */
function found(metrics: PipelineMetrics, name: string) {
  return metrics.user.filter((metric) => metric.name === name);
}

function only(metrics: PipelineMetrics, name: string) {
  const [first, ...more] = found(metrics, name);
  assert.equal(more.length, 0, `${name} is there more than once`);
  return first;
}

/** Counts each of a thousand elements after a stage border. */
function counting(p: Pipeline) {
  return p
    .create(Array.from({ length: 1000 }, (_, i) => i))
    .apply(reshuffle())
    .parDo('Count', {
      process(n, { metrics }) {
        metrics.counter('seen').inc();
        metrics.distribution('values').update(n);
        return [n];
      },
    });
}

export const metricCases = topic(
  'metrics/user',
  'Guide: metrics; Metrics; MetricsTest (committed); monitoring infos beam:metric:user:…',
  [
    {
      name: 'counter',
      rule: 'A counter is the sum of its increments',
      source: 'MetricsTest.testCommittedCounterMetrics; fn_runner_test.py test_metrics',
      pipeline: (p) => assertThat(counting(p)).countIs(1000),
      afterwards(metrics) {
        assert.equal(metrics.counter('seen'), 1000);
        assert.deepEqual(only(metrics, 'seen'), { transform: 'Count', name: 'seen', kind: 'counter', value: 1000 });
      },
    },
    {
      name: 'counter/by',
      rule: 'A counter may be raised by any number and lowered',
      source: 'Counter.inc(n), dec',
      pipeline(p) {
        p.create([10, 20]).parDo('Count', {
          process(n, { metrics }): number[] {
            metrics.counter('total').inc(n);
            metrics.counter('total').dec();
            metrics.counter('zero').inc(0);
            return [];
          },
        });
      },
      afterwards(metrics) {
        assert.equal(metrics.counter('total'), 28);
        assert.equal(metrics.counter('zero'), 0);
      },
    },
    {
      name: 'distribution',
      rule: 'A distribution has count, sum, least and greatest of its values',
      source: 'MetricsTest.testCommittedDistributionMetrics',
      pipeline: (p) => assertThat(counting(p)).countIs(1000),
      afterwards(metrics) {
        const { value } = only(metrics, 'values');
        assert.deepEqual(value, { count: 1000, sum: 499_500, min: 0, max: 999 });
      },
    },
    {
      name: 'distribution/one-negative-value',
      rule: 'Of one value least and greatest are that value',
      pipeline(p) {
        p.create([-5]).parDo('Measure', {
          process(n, { metrics }): number[] {
            metrics.distribution('values').update(n);
            return [];
          },
        });
      },
      afterwards(metrics) {
        assert.deepEqual(only(metrics, 'values').value, { count: 1, sum: -5, min: -5, max: -5 });
      },
    },
    {
      name: 'gauge',
      rule: 'A gauge has a value that was set, the last in time',
      source: 'MetricsTest.testCommittedGaugeMetrics',
      pipeline(p) {
        p.create([0]).parDo('Set', {
          process(_, { metrics }): number[] {
            metrics.gauge('level').set(3);
            metrics.gauge('level').set(7);
            return [];
          },
        });
      },
      afterwards: (metrics) => assert.equal(only(metrics, 'level').value, 7),
    },
    {
      name: 'string-set',
      rule: 'A string set has each string once',
      source: 'MetricsTest.testCommittedStringSetMetrics',
      pipeline(p) {
        p.create(['a', 'b', 'a'])
          .apply(reshuffle())
          .parDo('Note', {
            process(word, { metrics }): string[] {
              metrics.stringSet('words').add(word);
              return [];
            },
          });
      },
      afterwards(metrics) {
        assert.deepEqual([...(only(metrics, 'words').value as readonly string[])].sort(), ['a', 'b']);
      },
    },
    {
      name: 'per-transform',
      rule: 'Metrics of one name in two transforms are two',
      source: 'MetricKey: stepName and MetricName',
      pipeline(p) {
        const count = (by: number) => ({
          process(n: number, { metrics }: { metrics: { counter(name: string): { inc(by: number): void } } }): number[] {
            metrics.counter('seen').inc(by);
            return [n];
          },
        });
        p.create([1, 2]).parDo('First', count(1)).parDo('Second', count(10));
      },
      afterwards(metrics) {
        assert.equal(metrics.counter('seen'), 22);
        assert.deepEqual(
          found(metrics, 'seen')
            .map(({ transform, value }) => [transform, value])
            .sort(),
          [
            ['First', 2],
            ['Second', 20],
          ],
        );
      },
    },
    {
      name: 'in-composites',
      rule: 'A metric belongs to the transform’s full name',
      pipeline(p) {
        p.create([1]).apply('Outer', {
          name: 'Outer',
          expand: (input) =>
            input.parDo('Inner', {
              process(n, { metrics }) {
                metrics.counter('seen').inc();
                return [n];
              },
            }),
        });
      },
      afterwards: (metrics) => assert.equal(only(metrics, 'seen').transform, 'Outer/Inner'),
    },
    {
      name: 'of-bundles',
      rule: 'startBundle and finishBundle may count too',
      pipeline(p) {
        p.create([1, 2]).parDo<number>('Bundles', {
          startBundle: ({ metrics }) => metrics.counter('started').inc(),
          process() {},
          finishBundle({ metrics }) {
            metrics.counter('finished').inc();
          },
        });
      },
      afterwards(metrics) {
        assert.ok(metrics.counter('started') >= 1);
        assert.equal(metrics.counter('started'), metrics.counter('finished'));
      },
    },
    {
      name: 'after-a-grouping',
      rule: 'Steps after a grouping count what they see',
      pipeline(p) {
        p.create<KV<string, number>>([
          ['a', 1],
          ['a', 2],
          ['b', 3],
        ])
          .groupByKey()
          .parDo('Groups', {
            process([, values], { metrics }): number[] {
              metrics.counter('groups').inc();
              metrics.counter('values').inc([...values].length);
              return [];
            },
          });
      },
      afterwards(metrics) {
        assert.equal(metrics.counter('groups'), 2);
        assert.equal(metrics.counter('values'), 3);
      },
    },
    {
      name: 'asynchronous',
      rule: 'Counting works after an asynchronous step',
      pipeline(p) {
        p.create([1, 2, 3]).parDo('Later', {
          async process(n, { metrics }): Promise<number[]> {
            await Promise.resolve();
            metrics.counter('seen').inc(n);
            return [];
          },
        });
      },
      afterwards: (metrics) => assert.equal(metrics.counter('seen'), 6),
    },
    {
      name: 'unknown',
      rule: 'A counter that nothing has touched is 0',
      pipeline: (p) => assertThat(p.create([1])).countIs(1),
      afterwards: (metrics) => assert.equal(metrics.counter('never touched'), 0),
    },
    {
      name: 'many-names',
      rule: 'Names are chosen while the pipeline runs, any text is one',
      pipeline(p) {
        p.create(['a', 'b c', 'ü/😀', '']).parDo('Count', {
          process(word, { metrics }): string[] {
            metrics.counter(`word ${word}`).inc();
            return [];
          },
        });
      },
      afterwards(metrics) {
        for (const word of ['a', 'b c', 'ü/😀', '']) assert.equal(metrics.counter(`word ${word}`), 1);
      },
    },
    {
      name: 'results-do-not-depend-on-them',
      rule: 'Counting changes no element',
      pipeline: (p) => assertThat(counting(p).combine(sum())).isEqualTo(499_500),
    },
  ],
  ['metrics'],
);

export const elementCounts = topic(
  'metrics/elements',
  'Monitoring infos beam:metric:element_count:v1; fn_runner_test.py test_element_count_metrics',
  [
    {
      name: 'in-and-out',
      rule: 'The runner counts the elements that enter and leave a transform',
      pipeline(p) {
        p.create([1, 2, 3])
          .flatMap('Twice', (n) => [n, n])
          .filter('Some', (n) => n > 1);
      },
      afterwards(metrics) {
        const by = Object.fromEntries(metrics.transforms.map((each) => [each.transform, each]));
        assert.partialDeepStrictEqual(by, {
          Twice: { elementsIn: 3, elementsOut: { main: 6 } },
          Some: { elementsIn: 6, elementsOut: { main: 4 } },
        });
      },
    },
    {
      name: 'by-tag',
      rule: 'Elements are counted for each output',
      pipeline(p) {
        p.create([1, 2, 3]).apply({
          name: 'Split',
          expand: (input) =>
            input.parDo('Do', {
              outputs: { odd: p.create([0]).node.coder as never },
              process(n, { output }) {
                if (n % 2 === 1) output('odd', n as never);
                return [n];
              },
            }),
        });
      },
      afterwards(metrics) {
        const split = metrics.transforms.find(({ transform }) => transform === 'Split/Do');
        assert.deepEqual({ ...split?.elementsOut }, { main: 3, odd: 2 });
      },
    },
    {
      name: 'after-a-reshuffle',
      rule: 'Elements are counted once on each side of a stage border',
      pipeline(p) {
        p.create([1, 2, 3])
          .apply(reshuffle())
          .map('After', (n) => n);
      },
      afterwards(metrics) {
        const by = Object.fromEntries(metrics.transforms.map((each) => [each.transform, each]));
        assert.equal(by.Reshuffle.elementsIn, 3);
        assert.equal(by.Reshuffle.elementsOut.main, 3);
        assert.equal(by.After.elementsIn, 3);
      },
    },
    {
      name: 'of-groups',
      rule: 'A grouping takes elements and gives groups',
      pipeline(p) {
        p.create<KV<string, number>>([
          ['a', 1],
          ['a', 2],
          ['b', 3],
        ])
          .groupByKey()
          .map('Use', ([key]) => key);
      },
      afterwards(metrics) {
        const use = metrics.transforms.find(({ transform }) => transform === 'Use');
        assert.equal(use?.elementsIn, 2);
      },
    },
  ],
  ['metrics'],
);
