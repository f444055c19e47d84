import {
  Count,
  coders,
  fixed,
  GLOBAL_WINDOW,
  type IntervalWindow,
  type KV,
  type PCollection,
  parDo,
  reshuffle,
  sliding,
  sum,
  type TimestampedOutput,
  timestamp,
  type Window,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { at, interval, timesOf, windowsOf } from '../elements.ts';

/** A DoFn that notes in its outputs in which phase it is called. */
class Phases {
  #phase = 'new';

  #go(from: readonly string[], to: string): void {
    if (!from.includes(this.#phase)) throw new Error(`${to} after ${this.#phase}`);
    this.#phase = to;
  }

  setup(): void {
    this.#go(['new'], 'setup');
  }

  startBundle(): void {
    this.#go(['setup', 'finishBundle'], 'startBundle');
  }

  process = (element: number): number[] => {
    this.#go(['startBundle', 'process'], 'process');
    return [element];
  };

  finishBundle(): void {
    this.#go(['startBundle', 'process'], 'finishBundle');
  }

  teardown(): void {
    this.#go(['setup', 'finishBundle'], 'teardown');
  }
}

export const doFns = topic('pardo/do-fn', 'Guide: ParDo; DoFn; ParDoTest; ParDoLifecycleTest', [
  {
    name: 'no-output',
    rule: 'A DoFn may emit nothing',
    source: 'ParDoTest.testParDoEmptyOutputs',
    pipeline(p) {
      assertThat(p.create([1, 2]).parDo('none', { process: (): number[] => [] })).isEmpty();
      assertThat(p.create([1, 2]).parDo<number>('nothing', { process() {} })).isEmpty();
    },
  },
  {
    name: 'several-outputs',
    rule: 'A DoFn may emit any number of elements per element',
    pipeline(p) {
      const copies = p.create([0, 1, 3]).parDo('copies', { process: (n) => Array<number>(n).fill(n) });
      assertThat(copies).containsInAnyOrder([1, 3, 3, 3]);
    },
  },
  {
    name: 'generator',
    rule: 'Outputs may be yielded one by one',
    source: 'ptransform_test.py test_par_do_with_multiple_outputs_and_using_yield',
    pipeline(p) {
      const out = p.create([2]).parDo('yields', {
        *process(n) {
          yield n;
          yield n * 10;
        },
      });
      assertThat(out).containsInAnyOrder([2, 20]);
    },
  },
  {
    name: 'asynchronous',
    rule: 'Outputs may come later; each element is processed once',
    pipeline(p) {
      const out = p.create([1, 2, 3]).parDo('later', {
        async process(n) {
          await Promise.resolve();
          return [n, -n];
        },
      });
      assertThat(out).containsInAnyOrder([1, -1, 2, -2, 3, -3]);
    },
  },
  {
    name: 'asynchronous-generator',
    rule: 'Outputs may be yielded over time',
    pipeline(p) {
      const out = p.create([1, 2]).parDo('stream', {
        async *process(n): AsyncGenerator<number> {
          yield n;
          await Promise.resolve();
          yield n + 10;
        },
      });
      assertThat(out).containsInAnyOrder([1, 11, 2, 12]);
    },
  },
  {
    name: 'empty-input',
    rule: 'With an empty input no element is processed',
    source: 'ParDoTest.testParDoEmpty',
    pipeline(p) {
      assertThat(p.create<number>([]).parDo('same', { process: (n) => [n] })).isEmpty();
    },
  },
  {
    name: 'each-element-once',
    rule: 'Every element is processed exactly once in a run without failures',
    pipeline(p) {
      const ids = Array.from({ length: 5000 }, (_, i) => i);
      const seen = p
        .create(ids)
        .apply(reshuffle())
        .parDo('see', { process: (i) => [i] });
      assertThat(seen.apply(Count.perElement()).filter('not once', ([, n]) => n !== 1)).isEmpty();
      assertThat(seen.apply(Count.globally())).isEqualTo(5000);
    },
  },
  {
    name: 'chain',
    rule: 'The output of one ParDo is the input of the next',
    source: 'ParDoTest.testMultiOutputChaining',
    pipeline(p) {
      let numbers: PCollection<number> = p.create([0]);
      for (let i = 0; i < 50; i++) numbers = numbers.parDo(`add ${i}`, { process: (n) => [n + 1] });
      assertThat(numbers).isEqualTo(50);
    },
  },
  {
    name: 'fan-out',
    rule: 'A collection may have several readers, each of which sees every element',
    source: 'FlattenTest.testFlattenMultiplePCollectionsHavingMultipleConsumers',
    pipeline(p) {
      const numbers = p.create([1, 2]);
      assertThat(numbers.map('plus', (n) => n + 1)).containsInAnyOrder([2, 3]);
      assertThat(numbers.map('times', (n) => n * 10)).containsInAnyOrder([10, 20]);
      assertThat(numbers).containsInAnyOrder([1, 2]);
    },
  },
  {
    name: 'life-cycle',
    rule: 'setup comes first, then bundles of startBundle, process and finishBundle; teardown last',
    source: 'ParDoLifecycleTest.testFnCallSequence',
    pipeline(p) {
      const out = p.create([1, 2, 3]).parDo('phases', new Phases());
      assertThat(out).containsInAnyOrder([1, 2, 3]);
    },
  },
  {
    name: 'life-cycle/after-a-stage-border',
    rule: 'Every bundle of a stage begins and ends in order',
    source: 'ParDoLifecycleTest.testFnCallSequence',
    pipeline(p) {
      const numbers = Array.from({ length: 3000 }, (_, i) => i);
      const out = p.create(numbers).apply(reshuffle()).parDo('phases', new Phases());
      assertThat(out.combine(sum())).isEqualTo((3000 * 2999) / 2);
    },
  },
  {
    name: 'life-cycle/several-do-fns',
    rule: 'Each DoFn of a stage has its own life cycle',
    source: 'ParDoLifecycleTest.testFnCallSequenceMulti',
    pipeline(p) {
      const out = p.create([1, 2]).parDo('one', new Phases()).parDo('two', new Phases()).parDo('three', new Phases());
      assertThat(out).containsInAnyOrder([1, 2]);
    },
  },
  {
    name: 'life-cycle/asynchronous',
    rule: 'setup and startBundle may take their time; process waits for them',
    pipeline(p) {
      let ready = false;
      const out = p.create([1]).parDo('slow start', {
        async setup() {
          await Promise.resolve();
          ready = true;
        },
        process: (n) => [`${n} ${ready}`],
      });
      assertThat(out).isEqualTo('1 true');
    },
  },
  {
    name: 'setup-failure',
    rule: 'A failing setup fails the pipeline',
    source: 'ParDoLifecycleTest.testTeardownCalledAfterExceptionInSetup',
    fails: 'USER_CODE',
    pipeline(p) {
      p.create([1]).parDo('broken', {
        setup() {
          throw new Error('no');
        },
        process: (n) => [n],
      });
    },
  },
  {
    name: 'start-bundle-failure',
    rule: 'A failing startBundle fails the pipeline',
    source: 'ParDoTest.testParDoWithErrorInStartBatch',
    fails: 'USER_CODE',
    pipeline(p) {
      p.create([1]).parDo('broken', {
        startBundle() {
          throw new Error('no');
        },
        process: (n) => [n],
      });
    },
  },
  {
    name: 'process-failure',
    rule: 'A failing process fails the pipeline',
    source: 'ParDoTest.testParDoWithErrorInProcessElement',
    fails: 'USER_CODE',
    pipeline(p) {
      p.create([1]).parDo('broken', {
        process(): number[] {
          throw new Error('no');
        },
      });
    },
  },
  {
    name: 'finish-bundle-failure',
    rule: 'A failing finishBundle fails the pipeline',
    source: 'ParDoTest.testParDoWithErrorInFinishBatch',
    fails: 'USER_CODE',
    pipeline(p) {
      p.create([1]).parDo('broken', {
        process: (n) => [n],
        finishBundle() {
          throw new Error('no');
        },
      });
    },
  },
  {
    name: 'asynchronous-failure',
    rule: 'A rejected promise fails the pipeline',
    fails: 'USER_CODE',
    pipeline(p) {
      p.create([1]).parDo('broken', {
        async process(): Promise<number[]> {
          await Promise.resolve();
          throw new Error('no');
        },
      });
    },
  },
  {
    name: 'failure-in-a-generator',
    rule: 'A failure after some outputs fails the pipeline',
    fails: 'USER_CODE',
    pipeline(p) {
      const out = p.create([1]).parDo('broken', {
        *process(n): Generator<number> {
          yield n;
          throw new Error('no');
        },
      });
      assertThat(out).countIs(1);
    },
  },
  {
    name: 'finish-bundle-output',
    rule: 'finishBundle may emit, and names timestamp and window',
    source:
      'ptransform_test.py test_do_fn_with_finish, test_do_fn_with_windowing_in_finish_bundle; ParDoTest.testWindowingInStartAndFinishBundle',
    pipeline(p) {
      const out = at(p, [
        [1, 1],
        [2, 2],
      ])
        .window(fixed('10ms'))
        .apply(
          parDo<number, number, {}, {}, IntervalWindow>('with rest', {
            process: (n) => [n],
            finishBundle: () => [{ value: 100, timestamp: timestamp(25), window: interval(20, 30) }],
          }),
        );
      const rest = windowsOf(out).filter('rest', ([n]) => n === 100);
      assertThat(rest.apply('one', new Once())).isEqualTo('100 20-30');
    },
  },
  {
    name: 'state-of-a-bundle',
    rule: 'What is gathered between startBundle and finishBundle is of one bundle: nothing is lost and nothing doubled',
    pipeline(p) {
      const totals = p.create(Array.from({ length: 1000 }, () => 1)).apply(parDo('batch', new BundleSum()));
      assertThat(totals.combine(sum())).isEqualTo(1000);
    },
  },
  {
    name: 'element-timestamp',
    rule: 'Outputs have the timestamp of the element',
    source: 'DoFn.OutputReceiver.output',
    pipeline(p) {
      assertThat(timesOf(at(p, [['x', 42]]).parDo('same', { process: (x) => [x, x] }))).containsInAnyOrder([
        ['x', 42],
        ['x', 42],
      ]);
    },
  },
  {
    name: 'context',
    rule: 'A DoFn sees the timestamp and the window of each element',
    source: 'fn_runner_test.py test_batch_pardo_window_param; pipeline_test.py test_timestamp_param, test_window_param',
    pipeline(p) {
      const out = at(p, [
        ['x', 3],
        ['y', 14],
      ])
        .window(fixed('10ms'))
        .parDo('see', { process: (x, { timestamp, window }) => [`${x} ${timestamp} ${window.start}`] });
      assertThat(out).containsInAnyOrder(['x 3 0', 'y 14 10']);
    },
  },
  {
    name: 'context/pane-before-a-grouping',
    rule: 'Before a grouping an element has the pane of no firing',
    source: 'PaneInfo.NO_FIRING; pipeline_test.py test_pane_info_param',
    pipeline(p) {
      const out = p.create(['x']).parDo('pane', {
        process: (_, { pane }) => [`${pane.timing} ${pane.first} ${pane.last} ${pane.index}`],
      });
      assertThat(out).isEqualTo('UNKNOWN true true 0');
    },
  },
  {
    name: 'context/pane-after-a-grouping',
    rule: 'A group of bounded data is on time, first and last',
    source: 'PaneInfo.ON_TIME_AND_ONLY_FIRING; fn_runner_test.py test_first_pane',
    needs: ['panes'],
    pipeline(p) {
      const out = at<KV<string, number>>(p, [[['k', 1], 3]])
        .window(fixed('10ms'))
        .groupByKey()
        .parDo('pane', {
          process: (_, { pane }) => [
            `${pane.timing} ${pane.first} ${pane.last} ${pane.index} ${pane.nonSpeculativeIndex}`,
          ],
        });
      assertThat(out).isEqualTo('ON_TIME true true 0 0');
    },
  },
  {
    name: 'several-windows',
    rule: 'An element in several windows is processed in each of them',
    source: 'fn_runner_test.py test_batch_pardo_overlapping_windows',
    pipeline(p) {
      const out = at(p, [['x', 5]])
        .window(sliding({ size: '10ms', every: '5ms' }))
        .parDo('see', { process: (_, { window }) => [window.start as number] });
      assertThat(out).containsInAnyOrder([0, 5]);
    },
  },
  {
    name: 'class-instance',
    rule: 'A DoFn may be an instance of a class with parameters',
    source: 'ptransform_test.py test_do_with_do_fn',
    pipeline(p) {
      assertThat(p.create([1, 2]).parDo('add', new Add(10))).containsInAnyOrder([11, 12]);
      assertThat(p.create([1, 2]).parDo('add more', new Add(100))).containsInAnyOrder([101, 102]);
    },
  },
  {
    name: 'string-is-no-list-of-outputs',
    rule: 'A DoFn that returns a text instead of outputs fails',
    source:
      'ptransform_test.py test_do_with_do_fn_returning_string_raises_warning, test_do_requires_do_fn_returning_iterable',
    fails: 'NOT_ITERABLE',
    pipeline(p) {
      p.create([1]).parDo('wrong', { process: () => 7 as unknown as number[] });
    },
  },
  {
    name: 'input-mutated',
    rule: 'Changing an element is an error: it may have other readers',
    source: 'Guide: immutability; MutationDetectors',
    fails: 'INPUT_MUTATED',
    pipeline(p) {
      p.create([{ n: 1 }]).parDo('change', {
        process(element) {
          element.n = 2;
          return [element];
        },
      });
    },
  },
  {
    name: 'no-process',
    rule: 'A DoFn has a process method',
    source: 'DoFnSignatures',
    fails: 'DO_FN_INVALID',
    pipeline(p) {
      p.create([1]).parDo('nothing', {} as never);
    },
  },
  {
    name: 'with-output-coder',
    rule: 'The main output may have a coder of its own',
    pipeline(p) {
      const out = p
        .create([1, 2])
        .parDo('to bigint', { coder: coders.int64, process: (n) => [BigInt(n)] })
        .apply(reshuffle());
      assertThat(out).containsInAnyOrder([1n, 2n]);
    },
  },
]);

class Add {
  readonly #by: number;

  constructor(by: number) {
    this.#by = by;
  }

  process = (n: number): number[] => [n + this.#by];
}

class BundleSum {
  #total = 0;

  startBundle(): void {
    this.#total = 0;
  }

  process = (n: number): number[] => {
    this.#total += n;
    return [];
  };

  finishBundle(): TimestampedOutput<number>[] {
    return [{ value: this.#total, timestamp: timestamp(0), window: GLOBAL_WINDOW }];
  }
}

/** The distinct elements as text: how often finishBundle is called is up to the runner. */
class Once {
  readonly name = 'Once';

  expand(input: PCollection<KV<number, string>, Window>): PCollection<string, Window> {
    return input
      .map('text', ([n, window]) => `${n} ${window}`)
      .apply(Count.perElement())
      .map('key', ([text]) => text);
  }
}
