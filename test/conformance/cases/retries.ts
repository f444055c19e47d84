import assert from 'node:assert/strict';
import {
  asSingleton,
  Count,
  type KV,
  type Pipeline,
  reshuffle,
  sum,
  type TimestampedOutput,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';

/** Fails the first time that it is called with the number. */
function failingOnce(at: number): (n: number) => number {
  let failed = false;
  return (n) => {
    if (n === at && !failed) {
      failed = true;
      throw new Error(`the first attempt at ${n}`);
    }
    return n;
  };
}

const NUMBERS = Array.from({ length: 50 }, (_, i) => i);
const afterABorder = (p: Pipeline) => p.create(NUMBERS).apply(reshuffle());

export const retries = topic(
  'errors/retries',
  'Guide: failures and retries; DoFn: a failed bundle is processed again, its instance discarded; MetricResult committed and attempted',
  [
    {
      name: 'map',
      rule: 'A bundle that fails is processed again: no element is lost and none doubled',
      pipeline: (p) => assertThat(afterABorder(p).map('once', failingOnce(30))).containsInAnyOrder(NUMBERS),
    },
    {
      name: 'after-outputs',
      rule: 'What a failed bundle has emitted before is dropped',
      pipeline(p) {
        const once = failingOnce(49);
        const out = afterABorder(p).flatMap('twice', function* (n) {
          yield n;
          yield once(n) + 1000;
        });
        assertThat(out).containsInAnyOrder(NUMBERS.flatMap((n) => [n, n + 1000]));
      },
    },
    {
      name: 'before-a-grouping',
      rule: 'A grouping has what the successful attempts have written only',
      pipeline(p) {
        const once = failingOnce(45);
        const sums = afterABorder(p)
          .map('pair', (n): KV<string, number> => [n % 2 === 0 ? 'even' : 'odd', once(n)])
          .combinePerKey(sum());
        assertThat(sums).containsInAnyOrder([
          ['even', 600],
          ['odd', 625],
        ]);
      },
    },
    {
      name: 'after-a-grouping',
      rule: 'A group can be read again by a second attempt',
      pipeline(p) {
        const once = failingOnce(2);
        const sizes = p
          .create(NUMBERS.map((n): KV<number, number> => [n % 3, n]))
          .groupByKey()
          .map('size', ([key, values]): KV<number, number> => [once(key), [...values].length]);
        assertThat(sizes).containsInAnyOrder([
          [0, 17],
          [1, 17],
          [2, 16],
        ]);
      },
    },
    {
      name: 'finish-bundle',
      rule: 'A bundle whose end fails is processed again',
      pipeline(p) {
        const once = failingOnce(0);
        const out = afterABorder(p).parDo('once', {
          process: (n) => [n],
          finishBundle(): TimestampedOutput<number>[] {
            once(0);
            return [];
          },
        });
        assertThat(out.apply(Count.globally())).isEqualTo(50);
      },
    },
    {
      name: 'new-instance',
      rule: 'After a failure a bundle begins anew: startBundle comes before its elements',
      source: 'ParDoLifecycleTest; DoFn: the instance is discarded after a failure',
      pipeline(p) {
        const once = failingOnce(20);
        let started = 0;
        let seen = 0;
        const out = afterABorder(p).parDo('fresh', {
          startBundle() {
            started++;
            seen = 0;
          },
          process(n): boolean[] {
            seen++;
            once(n);
            return [started > 0 && seen > 0];
          },
        });
        assertThat(out.filter('wrong', (ok) => !ok)).isEmpty();
        assertThat(out.apply(Count.globally())).isEqualTo(50);
      },
    },
    {
      name: 'committed-metrics',
      rule: 'Committed metrics have what successful attempts have counted, and not what failed ones have',
      source: 'MetricsTest.testAllCommittedMetrics; MetricResult.getCommitted',
      needs: ['metrics'],
      pipeline(p) {
        const once = failingOnce(40);
        const out = afterABorder(p).parDo('count', {
          process(n, { metrics }) {
            metrics.counter('seen').inc();
            metrics.distribution('values').update(n);
            return [once(n)];
          },
        });
        assertThat(out).countIs(50);
      },
      afterwards(metrics) {
        assert.equal(metrics.counter('seen'), 50);
        const { count, sum: total } = metrics.distribution('values');
        assert.deepEqual([count, total], [50, 1225]);
      },
    },
    {
      name: 'element-counts',
      rule: 'The runner counts the elements of successful attempts only',
      needs: ['metrics'],
      pipeline: (p) => assertThat(afterABorder(p).map('once', failingOnce(40))).countIs(50),
      afterwards(metrics) {
        assert.equal(metrics.transforms.find(({ transform }) => transform === 'once')?.elementsIn, 50);
      },
    },
    {
      name: 'side-input-reader',
      rule: 'A second attempt reads the same side input',
      pipeline(p) {
        const once = failingOnce(10);
        const out = afterABorder(p).parDo('scale', {
          sides: { by: asSingleton(p.create([2])) },
          process: (n, { sides }) => [once(n) * sides.by],
        });
        assertThat(out.combine(sum())).isEqualTo(2450);
      },
    },
    {
      name: 'dead-letters',
      rule: 'A dead letter is no failure of the bundle: it is not tried again',
      pipeline(p) {
        const once = failingOnce(10);
        const { main, errors } = afterABorder(p).withErrors().map('once', once);
        assertThat(main).countIs(49);
        assertThat(errors.map('element', ({ element }) => element)).isEqualTo(10);
      },
    },
  ],
  ['retries'],
);
