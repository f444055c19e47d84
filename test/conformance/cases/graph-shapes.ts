import {
  Count,
  create,
  fixed,
  type IntervalWindow,
  impulse,
  type KV,
  type PCollection,
  Pipeline,
  parDo,
  reshuffle,
  sessions,
  sliding,
  sum,
  transform,
  type Window,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { at, sorted, timesOf, windowsOf } from '../elements.ts';

const countWords = <W extends Window>() =>
  transform('CountWords', (lines: PCollection<string, W>) =>
    lines.flatMap('Split', (line) => line.split(' ')).apply(Count.perElement()),
  );

export const graphShapes = topic('graph/shapes', 'Guide: pipelines, composite transforms; Create; Impulse; Reshuffle', [
  {
    name: 'create',
    rule: 'A collection has the elements it was created of',
    source: 'CreateTest.testCreate',
    pipeline: (p) => assertThat(p.create([1, 2, 2])).containsInAnyOrder([1, 2, 2]),
  },
  {
    name: 'create/empty',
    rule: 'A collection may be created empty',
    source: 'CreateTest.testCreateEmpty',
    pipeline: (p) => assertThat(p.create([])).isEmpty(),
  },
  {
    name: 'create/nulls',
    rule: 'Null can be created',
    source: 'CreateTest.testCreateWithNullsAndValues',
    pipeline: (p) => assertThat(p.create(['a', null, null])).containsInAnyOrder(['a', null, null]),
  },
  {
    name: 'create/of-any-iterable',
    rule: 'Elements may come from any iterable',
    pipeline(p) {
      assertThat(p.create(new Set([1, 2]))).containsInAnyOrder([1, 2]);
      assertThat(p.apply('Map', create(new Map([['a', 1]])))).isEqualTo(['a', 1]);
    },
  },
  {
    name: 'create/large',
    rule: 'A collection may be created of many elements',
    pipeline(p) {
      assertThat(p.create(Array.from({ length: 50_000 }, (_, i) => i)).apply(Count.globally())).isEqualTo(50_000);
    },
  },
  {
    name: 'create/timestamped',
    rule: 'Created elements can be given timestamps',
    source: 'CreateTest.testCreateTimestamped',
    pipeline(p) {
      assertThat(
        timesOf(
          at(p, [
            ['a', 1],
            ['b', 2],
          ]),
        ),
      ).containsInAnyOrder([
        ['a', 1],
        ['b', 2],
      ]);
    },
  },
  {
    name: 'impulse',
    rule: 'The impulse is one empty byte array',
    source: 'ImpulseTest.testImpulse; ptransform_test.py test_impulse',
    pipeline: (p) => assertThat(p.apply(impulse())).isEqualTo(new Uint8Array(0)),
  },
  {
    name: 'impulse/several',
    rule: 'Each impulse is one of its own',
    pipeline(p) {
      assertThat(p.apply('One', impulse()).apply('Count one', Count.globally())).isEqualTo(1);
      assertThat(p.apply('Two', impulse()).apply('Count two', Count.globally())).isEqualTo(1);
    },
  },
  {
    name: 'empty-pipeline',
    rule: 'A pipeline of no transforms runs',
    source: 'PipelineTest.testEmptyPipeline; pipeline_test.py',
    pipeline() {},
  },
  {
    name: 'composite',
    rule: 'A composite is what it is made of',
    source: 'Guide: composite transforms',
    pipeline(p) {
      assertThat(p.create(['a b', 'a']).apply(countWords())).containsInAnyOrder([
        ['a', 2],
        ['b', 1],
      ]);
    },
  },
  {
    name: 'composite/twice',
    rule: 'A composite may be applied several times',
    source: 'pipeline_test.py test_reuse_custom_transform_instance',
    pipeline(p) {
      const count = countWords();
      assertThat(p.create(['a']).apply('First', count)).isEqualTo(['a', 1]);
      assertThat(p.create(['b b']).apply('Second', count)).isEqualTo(['b', 2]);
    },
  },
  {
    name: 'composite/nested',
    rule: 'Composites may be nested',
    pipeline(p) {
      const outer = transform('Outer', (lines: PCollection<string>) =>
        lines.apply(
          transform('Middle', (inner: PCollection<string>) =>
            inner
              .apply(countWords())
              .map('key', ([word]) => word)
              .apply(countWords()),
          ),
        ),
      );
      assertThat(p.create(['a b', 'a']).apply(outer)).containsInAnyOrder([
        ['a', 1],
        ['b', 1],
      ]);
    },
  },
  {
    name: 'composite/of-nothing',
    rule: 'A composite may return its input unchanged',
    source: 'fn_runner_test.py test_no_subtransform_composite',
    pipeline(p) {
      const same = transform('Same', (input: PCollection<number>) => input);
      assertThat(
        p
          .create([1, 2])
          .apply(same)
          .map('plus', (n) => n + 1),
      ).containsInAnyOrder([2, 3]);
    },
  },
  {
    name: 'composite/several-outputs',
    rule: 'A composite may have several outputs by name',
    pipeline(p) {
      const parts = transform('Parts', (input: PCollection<number>) => ({
        small: input.filter('small', (n) => n < 10),
        large: input.filter('large', (n) => n >= 10),
      }));
      const { small, large } = p.create([1, 20]).apply(parts);
      assertThat(small).isEqualTo(1);
      assertThat(large).isEqualTo(20);
    },
  },
  {
    name: 'composite/in-windows',
    rule: 'A composite works in the windows of its input',
    pipeline(p) {
      const counts = at(p, [
        ['a', 1],
        ['a', 11],
      ])
        .window(fixed('10ms'))
        .apply(countWords<IntervalWindow>());
      assertThat(windowsOf(counts)).containsInAnyOrder([
        [['a', 1], '0-10'],
        [['a', 1], '10-20'],
      ]);
    },
  },
  {
    name: 'names/equal-names',
    rule: 'Transforms of one name can stand beside each other',
    source: 'pipeline_test.py test_auto_unique_labels',
    pipeline(p) {
      const numbers = p.create([1]);
      assertThat(numbers.map('Same name', (n) => n + 1)).isEqualTo(2);
      assertThat(numbers.map('Same name', (n) => n + 2)).isEqualTo(3);
    },
  },
  {
    name: 'branches/unread',
    rule: 'A branch whose result nobody reads does not disturb the others',
    pipeline(p) {
      const numbers = p.create([1, 2]);
      numbers
        .map('unread', (n) => n * 100)
        .keyBy('key', (n) => n)
        .groupByKey();
      assertThat(numbers).containsInAnyOrder([1, 2]);
    },
  },
  {
    name: 'branches/diamond',
    rule: 'Branches may meet again',
    pipeline(p) {
      const keyed = p.create([1, 2]).keyBy('key', () => 'k');
      const sums = keyed.combinePerKey(sum());
      const counts = keyed.apply(Count.perKey());
      const both = sums.map('sum', ([, n]) => n).combine(sum());
      assertThat(both).isEqualTo(3);
      assertThat(counts).isEqualTo(['k', 2]);
    },
  },
  {
    name: 'branches/deep',
    rule: 'A pipeline may be many stages deep',
    pipeline(p) {
      let numbers: PCollection<number> = p.create([1, 2, 3]);
      for (let i = 0; i < 12; i++) {
        numbers = numbers
          .keyBy('key', (n) => n % 2)
          .groupByKey(`Group ${i}`)
          .flatMap('values', ([, values]) => [...values].map((n) => n + 1));
      }
      assertThat(numbers).containsInAnyOrder([13, 14, 15]);
    },
  },
  {
    name: 'foreign-collection',
    rule: 'Collections of another pipeline cannot be used',
    source: 'pipeline_test.py; PTransform',
    fails: 'FOREIGN_COLLECTION',
    pipeline(p) {
      const other = new Pipeline().create([1]);
      p.apply(transform('Foreign', () => other));
    },
  },
  {
    name: 'reshuffle',
    rule: 'A reshuffle changes no element',
    source: 'ReshuffleTest.testJustReshuffle; cogbk.go Reshuffle, ReshuffleKV',
    pipeline(p) {
      assertThat(p.create([1, 2, 2, 3]).apply(reshuffle())).containsInAnyOrder([1, 2, 2, 3]);
      const pairs = p.create<KV<string, number>>([
        ['a', 1],
        ['a', 1],
      ]);
      assertThat(pairs.apply('Pairs', reshuffle())).containsInAnyOrder([
        ['a', 1],
        ['a', 1],
      ]);
    },
  },
  {
    name: 'reshuffle/empty',
    rule: 'A reshuffle of nothing is nothing',
    pipeline: (p) => assertThat(p.create<number>([]).apply(reshuffle())).isEmpty(),
  },
  {
    name: 'reshuffle/timestamps',
    rule: 'A reshuffle keeps timestamps',
    source: 'ReshuffleTest.testReshufflePreservesTimestamps; util_test.py test_reshuffle_timestamps_unchanged',
    pipeline(p) {
      const elements = at(p, [
        ['a', 5],
        ['b', -7],
      ]).apply(reshuffle());
      assertThat(timesOf(elements)).containsInAnyOrder([
        ['a', 5],
        ['b', -7],
      ]);
    },
  },
  {
    name: 'reshuffle/sliding-windows',
    rule: 'A reshuffle keeps all windows of an element',
    source: 'ReshuffleTest.testReshuffleAfterSlidingWindows; util_test.py test_reshuffle_sliding_window',
    pipeline(p) {
      const elements = at(p, [['a', 5]])
        .window(sliding({ size: '10ms', every: '5ms' }))
        .apply(reshuffle());
      assertThat(windowsOf(elements)).containsInAnyOrder([
        ['a', '0-10'],
        ['a', '5-15'],
      ]);
    },
  },
  {
    name: 'reshuffle/after-groups',
    rule: 'Groups can be reshuffled with their windows',
    source:
      'ReshuffleTest.testReshuffleAfterFixedWindowsAndGroupByKey; util_test.py test_reshuffle_after_gbk_contents_unchanged',
    pipeline(p) {
      const groups = at<KV<string, number>>(p, [
        [['a', 1], 1],
        [['a', 2], 2],
        [['a', 3], 13],
      ])
        .window(fixed('10ms'))
        .groupByKey()
        .apply(reshuffle());
      assertThat(windowsOf(sorted(groups))).containsInAnyOrder([
        [['a', [1, 2]], '0-10'],
        [['a', [3]], '10-20'],
      ]);
    },
  },
  {
    name: 'reshuffle/sessions-before-grouping',
    rule: 'Sessions that are reshuffled before a grouping still merge in it',
    source: 'ReshuffleTest.testReshuffleAfterSessionsAndGroupByKey',
    needs: ['merging-windows'],
    pipeline(p) {
      const sums = at<KV<string, number>>(p, [
        [['a', 1], 1],
        [['a', 2], 8],
      ])
        .window(sessions({ gap: '10ms' }))
        .apply(reshuffle())
        .combinePerKey(sum());
      assertThat(windowsOf(sums)).isEqualTo([['a', 3], '1-18']);
    },
  },
  {
    name: 'reshuffle/pane',
    rule: 'A reshuffle keeps the pane of an element',
    source: 'ReshuffleTest.testReshufflePreservesMetadata',
    needs: ['panes'],
    pipeline(p) {
      const panes = p
        .create<KV<string, number>>([['a', 1]])
        .groupByKey()
        .apply(reshuffle())
        .apply(
          parDo<KV<string, Iterable<number>>, string>('pane', {
            process: (_, { pane }) => [`${pane.timing} ${pane.first} ${pane.last} ${pane.index}`],
          }),
        );
      assertThat(panes).isEqualTo('ON_TIME true true 0');
    },
  },
]);
