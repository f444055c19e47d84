import {
  type Batches,
  Count,
  coders,
  fixed,
  type GlobalWindow,
  type OffsetRange,
  type Pipeline,
  reshuffle,
  resume,
  type SplittableDoFn,
  sliding,
  splittableParDo,
  sum,
  timestamp,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { at, timesOf, windowsOf } from '../elements.ts';
import { type OffsetContext, ranges } from '../offsets.ts';

/** Gives every character of a text with its index. */
class Characters implements SplittableDoFn<string, OffsetRange, number, string> {
  readonly restriction = ranges<string>((text) => text.length);

  *process(text: string, { tracker }: OffsetContext): Batches<string> & Iterable<string[]> {
    for (let i = tracker.current().start; tracker.tryClaim(i); i++) yield [`${text[i]}${i}`];
  }
}

/** As {@link Characters}, but stops after each character and asks to be called again. */
class CharactersOneByOne implements SplittableDoFn<string, OffsetRange, number, string> {
  readonly restriction = ranges<string>((text) => text.length);

  *process(text: string, { tracker }: OffsetContext) {
    const i = tracker.current().start;
    if (!tracker.tryClaim(i)) return undefined;
    yield [`${text[i]}${i}`];
    return resume();
  }
}

const CHARACTERS = ['a0', 'b1', 'c2', 'd0', 'e1'];

const texts = (p: Pipeline) => p.create(['abc', 'de', '']);

/** What was told to be durable; noted outside of the pipeline, as an acknowledgement is. */
const finalized: string[] = [];

export const splittableBounded = topic(
  'splittable/bounded',
  'Guide: splittable DoFns; SplittableDoFnTest; fn_runner_test.py test_sdf…; beam:transform:sdf_…',
  [
    {
      name: 'every-position-once',
      rule: 'Every position of every element’s restriction is processed exactly once',
      source: 'SplittableDoFnTest.testPairWithIndexBasicBounded; fn_runner_test.py test_sdf',
      pipeline: (p) =>
        assertThat(texts(p).apply(splittableParDo('Characters', new Characters()))).containsInAnyOrder(CHARACTERS),
    },
    {
      name: 'self-checkpoint',
      rule: 'A call may stop and be called again for the rest',
      source:
        'SplittableDoFnTest.testOutputAfterCheckpointBounded; fn_runner_test.py test_sdf_with_sdf_initiated_checkpointing',
      pipeline: (p) =>
        assertThat(texts(p).apply(splittableParDo('Characters', new CharactersOneByOne()))).containsInAnyOrder(
          CHARACTERS,
        ),
    },
    {
      name: 'self-checkpoint/many-times',
      rule: 'A restriction may be checkpointed at each of its positions',
      source: 'checkpointing.go Checkpoints',
      pipeline(p) {
        const out = p.create(['x'.repeat(300)]).apply(splittableParDo('Characters', new CharactersOneByOne()));
        assertThat(out.apply(Count.globally())).isEqualTo(300);
      },
    },
    {
      name: 'initial-split',
      rule: 'A restriction may be divided before it is processed; the parts are the whole',
      source: 'DoFn.SplitRestriction',
      pipeline(p) {
        const characters = new Characters();
        const split = splittableParDo<string, OffsetRange, number, string, {}, {}, GlobalWindow>('Characters', {
          restriction: {
            ...characters.restriction,
            *split(_element, { start, end }) {
              for (let i = start; i < end; i++) yield { start: i, end: i + 1 };
            },
          },
          process: (text, context) => characters.process(text, context as OffsetContext),
        });
        assertThat(texts(p).apply(split)).containsInAnyOrder(CHARACTERS);
      },
    },
    {
      name: 'initial-split/to-nothing',
      rule: 'A split may give no parts: there is nothing to do',
      pipeline(p) {
        const out = p.create(['abc']).apply(
          splittableParDo<string, OffsetRange, number, string, {}, {}, GlobalWindow>('Nothing', {
            restriction: { ...ranges<string>((text) => text.length), split: () => [] },
            *process(text) {
              yield [text];
            },
          }),
        );
        assertThat(out).isEmpty();
      },
    },
    {
      name: 'empty-restriction',
      rule: 'An element with an empty restriction gives nothing',
      pipeline: (p) => assertThat(p.create(['', '']).apply(splittableParDo('Characters', new Characters()))).isEmpty(),
    },
    {
      name: 'empty-input',
      rule: 'Without elements there are no restrictions',
      pipeline: (p) =>
        assertThat(p.create<string>([]).apply(splittableParDo('Characters', new Characters()))).isEmpty(),
    },
    {
      name: 'large-batches',
      rule: 'A call may give many elements at once, and few at other times',
      pipeline(p) {
        const out = p.create([10, 0, 1000]).apply(
          splittableParDo('Numbers', {
            restriction: ranges<number>((n) => n),
            *process(_n: number, { tracker }: OffsetContext) {
              let batch: number[] = [];
              for (let i = tracker.current().start; tracker.tryClaim(i); i++) {
                batch.push(i);
                if (batch.length === 300) {
                  yield batch;
                  batch = [];
                }
              }
              yield batch;
            },
          }),
        );
        assertThat(out.combine(sum())).isEqualTo(45 + 499_500);
      },
    },
    {
      name: 'asynchronous',
      rule: 'A call may wait for its data',
      pipeline(p) {
        const out = p.create(['abc']).apply(
          splittableParDo('Later', {
            restriction: ranges<string>((text) => text.length),
            async *process(text: string, { tracker }: OffsetContext) {
              for (let i = tracker.current().start; tracker.tryClaim(i); i++) {
                await Promise.resolve();
                yield [text[i]];
              }
            },
          }),
        );
        assertThat(out).containsInAnyOrder(['a', 'b', 'c']);
      },
    },
    {
      name: 'asynchronous-restriction',
      rule: 'Finding the restriction may take its time',
      pipeline(p) {
        const out = p.create(['abc', 'd']).apply(
          splittableParDo('Later', {
            restriction: {
              ...ranges<string>((text) => text.length),
              async initial(text: string) {
                await Promise.resolve();
                return { start: 0, end: text.length };
              },
            },
            *process(text: string, { tracker }: OffsetContext) {
              for (let i = tracker.current().start; tracker.tryClaim(i); i++) yield [text[i]];
            },
          }),
        );
        assertThat(out).containsInAnyOrder(['a', 'b', 'c', 'd']);
      },
    },
    {
      name: 'timestamps',
      rule: 'Outputs have the timestamps that the DoFn gives them, and the element’s until then',
      source: 'SplittableDoFnTest.testPairWithIndexWindowedTimestampedBounded',
      pipeline(p) {
        const out = at(p, [['abc', 100]]).apply(
          splittableParDo('Stamped', {
            restriction: ranges<string>((text) => text.length),
            *process(text: string, context: OffsetContext) {
              for (let i = context.tracker.current().start; context.tracker.tryClaim(i); i++) {
                if (i > 0) context.timestamp = timestamp(100 + i * 10);
                yield [text[i]];
              }
            },
          }),
        );
        assertThat(timesOf(out)).containsInAnyOrder([
          ['a', 100],
          ['b', 110],
          ['c', 120],
        ]);
      },
    },
    {
      name: 'timestamped-batches',
      rule: 'A batch may have a timestamp for each of its elements',
      pipeline(p) {
        const out = p.create(['abc']).apply(
          splittableParDo('Stamped', {
            restriction: ranges<string>((text) => text.length),
            *process(text: string, { tracker }: OffsetContext) {
              const { end } = tracker.current();
              if (!tracker.tryClaim(end - 1)) return;
              yield { values: [...text], timestamps: [...text].map((_, i) => i * 7) };
            },
          }),
        );
        assertThat(timesOf(out)).containsInAnyOrder([
          ['a', 0],
          ['b', 7],
          ['c', 14],
        ]);
      },
    },
    {
      name: 'windows',
      rule: 'Outputs are in the window of the element',
      source: 'SplittableDoFnTest.testPairWithIndexWindowedTimestampedBounded',
      pipeline(p) {
        const out = at(p, [
          ['ab', 5],
          ['c', 15],
        ])
          .window(fixed('10ms'))
          .apply(splittableParDo('Characters', new Characters()));
        assertThat(windowsOf(out)).containsInAnyOrder([
          ['a0', '0-10'],
          ['b1', '0-10'],
          ['c0', '10-20'],
        ]);
      },
    },
    {
      name: 'several-windows',
      rule: 'An element in several windows gives its outputs in each of them',
      source: 'SplittableDoFnTest.testPairWithIndexWindowedTimestampedBounded',
      pipeline(p) {
        const out = at(p, [['a', 5]])
          .window(sliding({ size: '10ms', every: '5ms' }))
          .apply(splittableParDo('Characters', new Characters()));
        assertThat(windowsOf(out)).containsInAnyOrder([
          ['a0', '0-10'],
          ['a0', '5-15'],
        ]);
      },
    },
    {
      name: 'unclaimed-rest',
      rule: 'Returning without having claimed the whole restriction is an error: the rest would be lost',
      source: 'RestrictionTracker.checkDone; fn_runner_test.py test_sdf_with_check_done_failed',
      fails: 'USER_CODE',
      pipeline(p) {
        p.create(['abc'])
          .apply(
            splittableParDo('Half', {
              restriction: ranges<string>((text) => text.length),
              *process(text: string, { tracker }: OffsetContext) {
                if (tracker.tryClaim(0)) yield [text];
              },
            }),
          )
          .map('use', (x) => x);
      },
    },
    {
      name: 'claims-out-of-order',
      rule: 'Claims come in increasing order',
      source: 'OffsetRangeTrackerTest.testTryClaim',
      fails: 'USER_CODE',
      pipeline(p) {
        p.create(['abc'])
          .apply(
            splittableParDo('Backwards', {
              restriction: ranges<string>((text) => text.length),
              *process(text: string, { tracker }: OffsetContext) {
                for (let i = text.length - 1; tracker.tryClaim(i); i--) yield [text[i]];
              },
            }),
          )
          .map('use', (x) => x);
      },
    },
    {
      name: 'failure',
      rule: 'A failing call fails the pipeline',
      fails: 'USER_CODE',
      pipeline(p) {
        p.create(['abc'])
          .apply(
            splittableParDo('Broken', {
              restriction: ranges<string>((text) => text.length),
              *process(text: string, { tracker }: OffsetContext): Generator<string[]> {
                if (tracker.tryClaim(0)) yield [text];
                throw new Error('no');
              },
            }),
          )
          .map('use', (x) => x);
      },
    },
    {
      name: 'then-grouped',
      rule: 'Outputs of a splittable DoFn are ordinary elements',
      pipeline(p) {
        const counts = p
          .create(['abca', 'ab'])
          .apply(splittableParDo('Characters', new Characters()))
          .map('letter', (text) => text[0])
          .apply(Count.perElement());
        assertThat(counts).containsInAnyOrder([
          ['a', 3],
          ['b', 2],
          ['c', 1],
        ]);
      },
    },
    {
      name: 'after-a-shuffle',
      rule: 'Elements of a splittable DoFn may come from another stage',
      pipeline(p) {
        const out = texts(p).apply(reshuffle()).apply(splittableParDo('Characters', new Characters()));
        assertThat(out).containsInAnyOrder(CHARACTERS);
      },
    },
    {
      name: 'chained',
      rule: 'A splittable DoFn may follow another',
      pipeline(p) {
        const out = p
          .create([3])
          .apply(
            splittableParDo('Numbers', {
              restriction: ranges<number>((n) => n),
              *process(_n: number, { tracker }: OffsetContext) {
                for (let i = tracker.current().start; tracker.tryClaim(i); i++) yield [i];
              },
            }),
          )
          .map('text', (i) => 'abc'.slice(0, i))
          .apply(splittableParDo('Characters', new Characters()));
        assertThat(out).containsInAnyOrder(['a0', 'a0', 'b1']);
      },
    },
    {
      name: 'own-restriction',
      rule: 'A restriction may be of any type with a coder, with a tracker of its own',
      source: 'RestrictionTracker; fn_runner_test.py ExpandingStringsDoFn',
      pipeline(p) {
        type Todo = readonly string[];
        const out = p.create(['x y z']).apply(
          splittableParDo<string, Todo, string, string, {}, {}, GlobalWindow>('Words', {
            restriction: {
              coder: coders.array(coders.string) as never,
              initial: (text) => text.split(' '),
              tracker(restriction) {
                let left = restriction;
                return {
                  current: () => left,
                  tryClaim(word) {
                    if (left[0] !== word) return false;
                    left = left.slice(1);
                    return true;
                  },
                  trySplit: () => undefined,
                  progress: () => ({ completed: restriction.length - left.length, remaining: left.length }),
                  checkDone() {
                    if (left.length > 0) throw new Error(`${left.length} words left`);
                  },
                };
              },
            },
            *process(_text, { tracker }) {
              for (const word of tracker.current()) if (tracker.tryClaim(word)) yield [word.toUpperCase()];
            },
          }),
        );
        assertThat(out).containsInAnyOrder(['X', 'Y', 'Z']);
      },
    },
    {
      name: 'metrics',
      rule: 'A splittable DoFn counts like others, each position once',
      needs: ['metrics'],
      pipeline(p) {
        texts(p)
          .apply(
            splittableParDo('Counted', {
              restriction: ranges<string>((text) => text.length),
              *process(text: string, { tracker, metrics }: OffsetContext) {
                for (let i = tracker.current().start; tracker.tryClaim(i); i++) {
                  metrics.counter('claimed').inc();
                  yield [text[i]];
                }
              },
            }),
          )
          .map('use', (x) => x);
      },
      afterwards(metrics) {
        if (metrics.counter('claimed') !== 5) throw new Error(`${metrics.counter('claimed')} instead of 5`);
      },
    },
    {
      name: 'finalization',
      rule: 'A bounded splittable DoFn is called back after its outputs are durable',
      source: 'SplittableDoFnTest.testBundleFinalizationOccursOnBoundedSplittableDoFn',
      needs: ['finalization'],
      pipeline(p) {
        finalized.length = 0;
        const out = p.create(['abc']).apply(
          splittableParDo('Acknowledge', {
            restriction: ranges<string>((text) => text.length),
            *process(text: string, { tracker, afterBundleCommit }: OffsetContext) {
              afterBundleCommit(() => {
                finalized.push(text);
              });
              for (let i = tracker.current().start; tracker.tryClaim(i); i++) yield [text[i]];
            },
          }),
        );
        assertThat(out).containsInAnyOrder(['a', 'b', 'c']);
      },
      afterwards() {
        if (finalized.length === 0 || finalized.some((text) => text !== 'abc'))
          throw new Error(`finalized ${finalized}`);
      },
    },
  ],
  ['splittable'],
);
