import {
  type AnyElement,
  type Coder,
  type CombineFn,
  Count,
  coders,
  fixed,
  flatten,
  type KV,
  type PCollection,
  type Pipeline,
  parDo,
  reshuffle,
  sum,
  timestamp,
  withTimestamps,
} from '../../../src/sdk/index.ts';
import { assertThat, testStream, timestamped } from '../../../src/testing/index.ts';
import { type TopicCase, topic } from '../conformance-case.ts';
import { at, sorted, timesOf, windowsOf } from '../elements.ts';
import { add, panesOf, play, playKeyed, watermark } from '../streams.ts';

/** Elements of one kind in two lots. */
function kinds<T extends AnyElement>(name: string, values: readonly T[], coder: Coder<T>): TopicCase {
  return {
    name: `kinds/${name}`,
    rule: 'A test stream plays elements of any kind',
    source: 'teststream.go TestStreamStrings, …Int64Sequence, …Float64Sequence, …BoolSequence, …UserTypeSequences',
    pipeline(p) {
      const stream = testStream<T>(coder)
        .addElements(...values)
        .advanceWatermarkTo(timestamp(100))
        .addElements(...values)
        .advanceWatermarkToInfinity();
      assertThat(p.apply(stream)).containsInAnyOrder([...values, ...values]);
    },
  };
}

/** One stream whose elements go to two branches by name. */
function branches(p: Pipeline, ...events: Parameters<typeof play<KV<'a' | 'b', number>>>[1][]) {
  const all = play<KV<'a' | 'b', number>>(p, ...events);
  const branch = (name: 'a' | 'b'): PCollection<number> =>
    all.filter(`Only ${name}`, ([to]) => to === name).map(`Values of ${name}`, ([, n]) => n);
  return { a: branch('a'), b: branch('b') };
}

export const testStreams = topic(
  'streaming/test-stream',
  'Guide: testing unbounded pipelines; TestStream; TestStreamTest; teststream.go; test_stream_test.py; beam:transform:teststream:v1',
  [
    kinds('strings', ['a', '', '😀'], coders.string),
    kinds('bytes', [Uint8Array.of(1, 2), new Uint8Array(0)], coders.bytes),
    kinds('int64', [1n, -(2n ** 62n)], coders.int64),
    kinds('doubles', [1.5, Number.NaN, Number.POSITIVE_INFINITY], coders.double),
    kinds('booleans', [true, false], coders.boolean),
    kinds('rows', [{ name: 'x', n: 1 }], coders.row({ name: coders.string, n: coders.int32 }) as never),
    kinds('pairs', [['k', 1] as KV<string, number>], coders.kv(coders.string, coders.safeInt)),
    {
      name: 'ends-by-itself',
      rule: 'A stream that is not brought to its end ends when its script is over',
      source: 'teststream.go TestStreamSimple_InfinityDefault',
      pipeline(p) {
        const sums = p.apply(testStream<number>().addElements(1, 2)).window(fixed('10ms')).combine(sum());
        assertThat(sums).isEqualTo(3);
      },
    },
    {
      name: 'empty',
      rule: 'A stream may have no elements',
      pipeline(p) {
        assertThat(p.apply(testStream<number>().advanceWatermarkToInfinity())).isEmpty();
      },
    },
    {
      name: 'timestamps',
      rule: 'Elements have the timestamps they were given, before and after the watermark',
      source: 'test_stream_test.py test_basic_execution',
      pipeline(p) {
        const out = play<string>(p, add(5, 'a'), watermark(10), add(3, 'late'), add(12, 'b'));
        assertThat(timesOf(out)).containsInAnyOrder([
          ['a', 5],
          ['late', 3],
          ['b', 12],
        ]);
      },
    },
    {
      name: 'timestamps/default',
      rule: 'Elements without a timestamp are at the watermark',
      source: 'TestStream.addElements; test_stream_test.py',
      pipeline(p) {
        const stream = testStream<string>()
          .advanceWatermarkTo(timestamp(7))
          .addElements('a')
          .advanceWatermarkTo(timestamp(20))
          .addElements('b')
          .advanceWatermarkToInfinity();
        assertThat(timesOf(p.apply(stream))).containsInAnyOrder([
          ['a', 7],
          ['b', 20],
        ]);
      },
    },
    {
      name: 'watermark-falls',
      rule: 'The watermark of a stream does not fall',
      source: 'TestStreamTest.testAdvanceWatermarkNonMonotonicThrows',
      fails: 'TEST_STREAM_INVALID',
      pipeline() {
        testStream<number>().advanceWatermarkTo(timestamp(10)).advanceWatermarkTo(timestamp(5));
      },
    },
    {
      name: 'grouped',
      rule: 'A stream can be grouped',
      source: 'teststream.go TestStreamToGBK; test_stream_test.py test_gbk_execution_no_triggers',
      pipeline(p) {
        const grouped = play<KV<string, number>>(
          p,
          add(1, ['a', 1], ['b', 2]),
          watermark(10),
          add(11, ['a', 4]),
          watermark(20),
        )
          .window(fixed('10ms'))
          .groupByKey();
        assertThat(windowsOf(sorted(grouped))).containsInAnyOrder([
          [['a', [1]], '0-10'],
          [['b', [2]], '0-10'],
          [['a', [4]], '10-20'],
        ]);
      },
    },
    {
      name: 'several',
      rule: 'A pipeline may have several streams, each with its watermark',
      source: 'TestStreamTest.testMultipleStreams',
      needs: ['several-test-streams'],
      pipeline(p) {
        const one = p.apply(
          'One',
          testStream<number>()
            .addElements(timestamped(1, timestamp(1)))
            .advanceWatermarkToInfinity(),
        );
        const two = p.apply(
          'Two',
          testStream<number>()
            .addElements(timestamped(2, timestamp(2)))
            .advanceWatermarkToInfinity(),
        );
        assertThat(flatten([one, two]).window(fixed('10ms')).combine(sum())).isEqualTo(3);
        assertThat(one).isEqualTo(1);
      },
    },
    {
      name: 'beside-bounded-data',
      rule: 'Bounded and unbounded collections may meet',
      source: 'Flatten: unbounded when any input is; pipeline_test.py test_track_pcoll_unbounded_flatten',
      pipeline(p) {
        const bounded = at(p, [
          [1, 1],
          [2, 12],
        ]);
        const all = flatten([bounded, play<number>(p, add(2, 4), watermark(10), add(13, 8))]);
        assertThat(windowsOf(all.window(fixed('10ms')).combine(sum()))).containsInAnyOrder([
          [5, '0-10'],
          [10, '10-20'],
        ]);
      },
    },
    {
      name: 'several-stages',
      rule: 'A stream goes through several groupings before it goes on',
      source: 'TestStreamTest.testMultiStage',
      pipeline(p) {
        const perWindow = playKeyed<number>(p, add(1, 1), add(2, 2), watermark(10), add(11, 4), watermark(20))
          .window(fixed('10ms'))
          .combinePerKey(sum())
          .apply(reshuffle())
          .map('Swap', ([key, n]): KV<number, string> => [n, key])
          .groupByKey();
        assertThat(windowsOf(sorted(perWindow))).containsInAnyOrder([
          [[3, ['k']], '0-10'],
          [[4, ['k']], '10-20'],
        ]);
      },
    },
  ],
  ['test-stream'],
);

export const watermarks = topic(
  'streaming/watermarks',
  'Guide: watermarks; WatermarkManager; WatermarkManagerTest; beam:metric:… watermark',
  [
    {
      name: 'flatten-takes-the-least',
      rule: 'The watermark of a Flatten is the least of its inputs: an element of the slower one is not late',
      needs: ['several-test-streams'],
      pipeline(p) {
        const fast = p.apply(
          'Fast',
          testStream<number>()
            .addElements(timestamped(1, timestamp(1)))
            .advanceWatermarkTo(timestamp(100))
            .advanceWatermarkToInfinity(),
        );
        const slow = p.apply(
          'Slow',
          testStream<number>()
            .addElements(timestamped(2, timestamp(2)))
            .advanceWatermarkTo(timestamp(5))
            .addElements(timestamped(4, timestamp(5)))
            .advanceWatermarkToInfinity(),
        );
        const sums = flatten([fast, slow])
          .keyBy('Key', () => 'k')
          .window(fixed('10ms'))
          .combinePerKey(sum());
        assertThat(panesOf(sums)).isEqualTo('k=7 0-10 ON_TIME 0/0 first last');
      },
    },
    {
      name: 'a-branch-does-not-wait',
      rule: 'Branches of one stream have one watermark and do not wait for each other’s windows',
      pipeline(p) {
        const { a, b } = branches(
          p,
          add(1, ['a', 1]),
          add(2, ['b', 2]),
          watermark(10),
          add(3, ['a', 4]),
          add(11, ['b', 8]),
          watermark(100),
        );
        assertThat(windowsOf(a.window(fixed('10ms')).combine(sum()))).isEqualTo([1, '0-10']);
        assertThat(windowsOf(b.window(fixed('100ms')).combine(sum()))).isEqualTo([10, '0-100']);
      },
    },
    {
      name: 'a-filter-passes-it-on',
      rule: 'A step that emits nothing passes the watermark on',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(2, 100), watermark(10), add(3, 2))
          .filter('small', ([, n]) => n < 50)
          .window(fixed('10ms'))
          .combinePerKey(sum());
        assertThat(panesOf(out)).isEqualTo('k=1 0-10 ON_TIME 0/0 first last');
      },
    },
    {
      name: 'a-grouping-holds-it',
      rule: 'What a grouping has not given yet holds the watermark of its output',
      source: 'WatermarkHold',
      pipeline(p) {
        // The first grouping gives its window of 100 ms at 99; the second one, of 1 ms around it, must not be closed before.
        const out = playKeyed<number>(p, add(1, 1), watermark(50), add(2, 2), watermark(100))
          .window(fixed('100ms'))
          .combinePerKey(sum())
          .window(fixed('1ms'))
          .combinePerKey(sum());
        assertThat(panesOf(out)).isEqualTo('k=3 99-100 ON_TIME 0/0 first last');
      },
    },
    {
      name: 'the-earliest-element-holds-it',
      rule: 'With the earliest timestamp a grouping holds the watermark at its earliest element',
      source: 'WatermarkHold; TimestampCombiner.EARLIEST',
      pipeline(p) {
        const out = playKeyed<number>(p, add(15, 1), add(3, 2), watermark(50), watermark(100))
          .window(fixed('100ms'), { timestampCombiner: 'earliest' })
          .combinePerKey(sum())
          .window(fixed('10ms'), { timestampCombiner: 'endOfWindow' })
          .combinePerKey(sum());
        assertThat(panesOf(out)).isEqualTo('k=3 0-10 ON_TIME 0/0 first last');
      },
    },
    {
      name: 'new-timestamps-forward',
      rule: 'Elements may be given later timestamps on the way and are windowed by them',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 25), watermark(10), add(11, 35))
          .apply(withTimestamps('later', ([, n]) => timestamp(n)))
          .window(fixed('10ms'))
          .combinePerKey(sum());
        assertThat(panesOf(out)).containsInAnyOrder([
          'k=25 20-30 ON_TIME 0/0 first last',
          'k=35 30-40 ON_TIME 0/0 first last',
        ]);
      },
    },
    {
      name: 'bounded-data-is-complete',
      rule: 'Bounded data in a pipeline with a stream gives its windows on time',
      pipeline(p) {
        play<number>(p, add(1, 1));
        const counts = at(p, [
          ['x', 1],
          ['x', 2],
          ['x', 12],
        ])
          .window(fixed('10ms'))
          .apply(Count.perElement());
        assertThat(panesOf(counts)).containsInAnyOrder([
          'x=2 0-10 ON_TIME 0/0 first last',
          'x=1 10-20 ON_TIME 0/0 first last',
        ]);
      },
    },
    {
      name: 'a-failure-in-a-stream',
      rule: 'A failing element fails a streaming pipeline',
      fails: 'USER_CODE',
      pipeline(p) {
        play<number>(p, add(1, 1)).map('broken', () => {
          throw new Error('no');
        });
      },
    },
    {
      name: 'a-failing-combine-in-a-stream',
      rule: 'A combine that fails when its window ends fails a streaming pipeline',
      fails: 'USER_CODE',
      pipeline(p) {
        const failing: CombineFn<number, number, number> = {
          ...sum(),
          extract() {
            throw new Error('no');
          },
        };
        playKeyed<number>(p, add(1, 1), watermark(10))
          .window(fixed('10ms'))
          .combinePerKey(failing)
          .map('use', (x) => x);
      },
    },
    {
      name: 'dead-letters-in-a-stream',
      rule: 'Dead letters work on streams, with the window of the element',
      pipeline(p) {
        const { main, errors } = play<number>(p, add(1, 1), watermark(10), add(11, 2))
          .window(fixed('10ms'))
          .withErrors()
          .map('even', (n) => {
            if (n % 2 === 1) throw new Error('odd');
            return n;
          });
        assertThat(windowsOf(main)).isEqualTo([2, '10-20']);
        assertThat(windowsOf(errors.map('element', ({ element }) => element))).isEqualTo([1, '0-10']);
      },
    },
    {
      name: 'tagged-outputs-in-a-stream',
      rule: 'Each output of a DoFn has its watermark',
      pipeline(p) {
        const { main, large } = playKeyed<number>(
          p,
          add(1, 1),
          add(2, 100),
          watermark(10),
          add(3, 2),
          watermark(20),
        ).apply(
          parDo('Split', {
            outputs: { large: coders.kv(coders.string, coders.safeInt) },
            process(pair: KV<string, number>, { output }): KV<string, number>[] {
              if (pair[1] < 50) return [pair];
              output('large', pair);
              return [];
            },
          }),
        );
        assertThat(panesOf(main.window(fixed('10ms')).combinePerKey(sum()))).isEqualTo(
          'k=1 0-10 ON_TIME 0/0 first last',
        );
        assertThat(panesOf(large.window(fixed('10ms')).combinePerKey(sum()))).isEqualTo(
          'k=100 0-10 ON_TIME 0/0 first last',
        );
      },
    },
  ],
  ['test-stream'],
);
