import {
  afterAll,
  afterAny,
  afterCount,
  afterEach,
  afterProcessingTime,
  afterWatermark,
  Count,
  fixed,
  flatten,
  globalWindows,
  type KV,
  never,
  orFinally,
  repeatedly,
  sum,
  type Trigger,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { type TopicCase, topic } from '../conformance-case.ts';
import { add, panesOf, pass, play, playKeyed, watermark } from '../streams.ts';

/** Whether a grouping takes the trigger, of bounded data: the rule is about the program. */
function judged(
  name: string,
  rule: string,
  trigger: Trigger,
  allowedLateness: '0ms' | '1s',
  isSafe: boolean,
): TopicCase {
  return {
    name: `safety/${name}`,
    rule,
    source: 'GroupByKey.applicableTo; GroupByKeyTest.testGroupByKeyFinishing…; trigger_test.py MayLoseDataTest',
    ...(isSafe ? {} : { fails: 'TRIGGER_UNSAFE' }),
    pipeline(p) {
      const counts = p
        .create<KV<string, number>>([['k', 1]])
        .window(fixed('10ms'), { trigger, allowedLateness, accumulation: 'discarding', onTime: 'fireIfNonEmpty' })
        .combinePerKey(sum());
      assertThat(counts).isEqualTo(['k', 1]);
    },
  };
}

const UNSAFE = 'A trigger that can finish while elements may still come is refused';
const SAFE = 'A trigger that cannot lose elements is taken';

export const triggerRules = topic(
  'streaming/trigger-rules',
  'Guide: triggers; Trigger.getContinuationTrigger; Window.into; GroupByKey',
  [
    judged('after-count', UNSAFE, afterCount(2), '0ms', false),
    judged('after-processing-time', UNSAFE, afterProcessingTime('1m'), '0ms', false),
    judged('after-each-of-once', UNSAFE, afterEach(afterCount(1), afterCount(2)), '0ms', false),
    judged('after-any', UNSAFE, afterAny(afterCount(1), afterProcessingTime('1m')), '0ms', false),
    judged('after-all', UNSAFE, afterAll(afterCount(1), afterCount(2)), '0ms', false),
    judged('or-finally', UNSAFE, orFinally(repeatedly(afterCount(1)), afterCount(5)), '0ms', false),
    judged('after-watermark-with-lateness', UNSAFE, afterWatermark(), '1s', false),
    judged('early-without-late-with-lateness', UNSAFE, afterWatermark({ early: afterCount(1) }), '1s', false),
    judged('after-watermark', SAFE, afterWatermark(), '0ms', true),
    judged('early-without-late', SAFE, afterWatermark({ early: afterCount(1) }), '0ms', true),
    judged('late-with-lateness', SAFE, afterWatermark({ late: afterCount(1) }), '1s', true),
    judged('repeatedly', SAFE, repeatedly(afterCount(2)), '1s', true),
    judged('never', SAFE, never(), '1s', true),
    judged('after-each-ending-in-repeatedly', SAFE, afterEach(afterCount(1), repeatedly(afterCount(2))), '1s', true),
    {
      name: 'accumulation-missing',
      rule: 'A trigger needs to be told what becomes of the elements of a pane',
      source: 'WindowTest.testMissingMode',
      fails: 'ACCUMULATION_MISSING',
      pipeline(p) {
        p.create([1]).window(fixed('10ms'), { trigger: repeatedly(afterCount(1)), allowedLateness: '0ms' });
      },
    },
    {
      name: 'accumulation-missing-with-lateness',
      rule: 'An allowed lateness needs it too: a window can fire again',
      source: 'WindowTest.testMissingModeViaLateness',
      fails: 'ACCUMULATION_MISSING',
      pipeline(p) {
        p.create([1]).window(fixed('10ms'), { allowedLateness: '1m' });
      },
    },
    {
      name: 'lateness-missing',
      rule: 'A trigger needs to be told how long late elements count',
      source: 'WindowTest.testMissingLateness',
      fails: 'LATENESS_MISSING',
      pipeline(p) {
        p.create([1]).window(fixed('10ms'), { trigger: repeatedly(afterCount(1)), accumulation: 'discarding' });
      },
    },
    {
      name: 'unbounded-global-without-trigger',
      rule: 'An unbounded collection in the global window cannot be grouped with the default trigger',
      source:
        'GroupByKeyTest.testGroupByKeyDirectUnbounded; ptransform_test.py test_group_by_key_unbounded_global_default_trigger',
      fails: 'TRIGGER_MISSING',
      pipeline(p) {
        playKeyed<number>(p, add(1, 1)).groupByKey();
      },
    },
    {
      name: 'retractions',
      rule: 'Retractions are not offered',
      source: 'AccumulationMode.RETRACTING',
      fails: 'WINDOW_INVALID',
      pipeline(p) {
        p.create([1]).window(fixed('10ms'), { accumulation: 'retracting' as never });
      },
    },
    {
      name: 'count-of-nothing',
      rule: 'A count is at least 1',
      fails: 'TRIGGER_INVALID',
      pipeline() {
        afterCount(0);
      },
    },
    {
      name: 'early-must-be-once',
      rule: 'Early and late triggers are ones that fire once: they are repeated as it is',
      source: 'AfterWatermark.withEarlyFirings(OnceTrigger)',
      fails: 'TRIGGER_INVALID',
      pipeline() {
        afterWatermark({ early: repeatedly(afterCount(1)) as never });
      },
    },
    {
      name: 'flatten-of-different-triggers',
      rule: 'Collections with different triggers cannot be flattened',
      source: 'Flatten: incompatible window triggers',
      fails: 'TRIGGERS_DIFFER',
      pipeline(p) {
        const triggered = (count: number) =>
          p.create([1]).window(fixed('1m'), {
            trigger: repeatedly(afterCount(count)),
            accumulation: 'discarding',
            allowedLateness: '0ms',
          });
        flatten([triggered(1), triggered(2)]);
      },
    },
    {
      name: 'bounded-data',
      rule: 'On bounded data every element comes, whatever the trigger',
      source: 'GroupByKey on bounded input; windowinto.go',
      pipeline(p) {
        const sums = p
          .create([1, 2, 4].map((n): KV<string, number> => ['k', n]))
          .window(globalWindows(), { trigger: repeatedly(afterCount(100)), accumulation: 'discarding' })
          .combinePerKey(sum());
        assertThat(sums).isEqualTo(['k', 7]);
      },
    },
    {
      name: 'continuation/count',
      rule: 'A second grouping passes each pane of the first on at once',
      source: 'Trigger.getContinuationTrigger; GroupByKeyTest.testAfterProcessingTimeContinuationTriggerEarly',
      pipeline(p) {
        const again = playKeyed<number>(p, add(1, 1), add(2, 2), add(3, 4), watermark(10))
          .window(fixed('10ms'), {
            trigger: repeatedly(afterCount(2)),
            accumulation: 'discarding',
            allowedLateness: '0ms',
            onTime: 'fireIfNonEmpty',
          })
          .combinePerKey(sum())
          .combinePerKey(sum());
        // The second pane of the first grouping holds the watermark until it has passed the second one.
        assertThat(panesOf(again)).containsInAnyOrder(['k=3 0-10 EARLY 0/-1 first', 'k=4 0-10 EARLY 1/-1']);
      },
    },
    {
      name: 'continuation/accumulating',
      rule: 'A second accumulating grouping adds the panes of the first up, which repeat their elements',
      source: 'Guide: accumulating panes; CombineTest.testHotKeyCombiningWithAccumulationMode',
      pipeline(p) {
        const again = playKeyed<number>(p, add(1, 1), add(2, 2), watermark(10))
          .window(fixed('10ms'), {
            trigger: repeatedly(afterCount(1)),
            accumulation: 'accumulating',
            allowedLateness: '0ms',
            onTime: 'fireIfNonEmpty',
          })
          .combinePerKey(sum())
          .combinePerKey(sum());
        // The first gives 1 and 3.
        assertThat(panesOf(again)).containsInAnyOrder(['k=1 0-10 EARLY 0/-1 first', 'k=4 0-10 EARLY 1/-1']);
      },
    },
    {
      name: 'continuation/early-and-on-time',
      rule: 'Early panes make early panes and the on-time one an on-time one further down',
      source: 'AfterWatermark continuation',
      pipeline(p) {
        const again = playKeyed<number>(p, add(1, 1), add(2, 2), watermark(10))
          .window(fixed('10ms'), {
            trigger: afterWatermark({ early: afterCount(1) }),
            accumulation: 'discarding',
            allowedLateness: '0ms',
            onTime: 'fireIfNonEmpty',
          })
          .combinePerKey(sum())
          .combinePerKey(sum());
        assertThat(panesOf(again)).containsInAnyOrder(['k=1 0-10 EARLY 0/-1 first', 'k=2 0-10 EARLY 1/-1']);
      },
    },
    {
      name: 'continuation/processing-time',
      rule: 'A second grouping does not wait the processing time of the first again',
      source:
        'AfterProcessingTime continues as AfterSynchronizedProcessingTime; GroupByKeyTest.testAfterProcessingTimeContinuationTriggerUsingState',
      needs: ['processing-time'],
      pipeline(p) {
        const again = playKeyed<number>(p, add(1, 1), pass('11s'), add(2, 2), watermark(10))
          .window(fixed('10ms'), {
            trigger: repeatedly(afterProcessingTime('10s')),
            accumulation: 'discarding',
            allowedLateness: '0ms',
            onTime: 'fireIfNonEmpty',
          })
          .combinePerKey(sum())
          .combinePerKey(sum());
        assertThat(again).containsInAnyOrder([
          ['k', 1],
          ['k', 2],
        ]);
      },
    },
    {
      name: 'global-combine/each-pane',
      rule: 'A global combine with a trigger gives a result with each firing',
      source:
        'CombineTest.testGlobalCombineWithDefaultsAndTriggers; trigger_test.py test_multiple_accumulating_firings',
      pipeline(p) {
        const totals = play<number>(p, add(1, 1), add(2, 2), add(3, 4))
          .window(globalWindows(), {
            trigger: repeatedly(afterCount(1)),
            accumulation: 'accumulating',
            onTime: 'fireIfNonEmpty',
          })
          .combine(sum());
        assertThat(totals.filter('of elements', (n) => n !== 0)).containsInAnyOrder([1, 3, 7]);
      },
    },
    {
      name: 'hot-key-fan-out/accumulating',
      rule: 'Combining in parts gives each accumulated element once in each pane',
      source:
        'CombineTest.testHotKeyCombiningWithAccumulationMode; combiners_test.py test_combining_with_accumulation_mode_and_fanout',
      pipeline(p) {
        const sums = playKeyed<number>(p, add(1, 1), add(2, 2), add(3, 4), watermark(10))
          .window(fixed('10ms'), {
            trigger: afterWatermark({ early: afterCount(1) }),
            accumulation: 'accumulating',
            allowedLateness: '0ms',
          })
          .combinePerKey(sum(), { hotKeyFanOut: 2 });
        // How many early panes there are depends on the parts; the last one has each element once.
        const onTime = sums.parDo('on time', { process: ([, n], { pane }) => (pane.last ? [n] : []) });
        assertThat(onTime).isEqualTo(7);
      },
    },
    {
      name: 'distinct/triggered',
      rule: 'Distinct with a trigger gives an element when it is new',
      source: 'DistinctTest.testTriggeredDistinct',
      pipeline(p) {
        const counts = play<string>(p, add(1, 'a'), add(2, 'b'), add(3, 'a'), watermark(10))
          .window(fixed('10ms'), {
            trigger: repeatedly(afterCount(1)),
            accumulation: 'accumulating',
            allowedLateness: '0ms',
            onTime: 'fireIfNonEmpty',
          })
          .apply(Count.perElement());
        assertThat(counts).containsInAnyOrder([
          ['a', 1],
          ['b', 1],
          ['a', 2],
        ]);
      },
    },
  ],
  ['triggers'],
);
