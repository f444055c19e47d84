import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertThat, TestPipeline, testStream } from '../../testing/index.ts';
import {
  afterCount,
  afterWatermark,
  asIterable,
  asList,
  asMap,
  asMultimap,
  asSingleton,
  fixed,
  globalWindows,
  type KV,
  type PCollection,
  PipelineError,
  parDo,
  periodicImpulse,
  repeatedly,
  type SideInput,
  type Trigger,
  timestamp,
  type Window,
} from '../index.ts';

type Pairs = PCollection<KV<string, number>, Window>;

const views: Record<string, (pairs: Pairs) => SideInput<unknown>> = {
  singleton: asSingleton,
  iterable: asIterable,
  list: asList,
  map: asMap,
  multimap: asMultimap,
};

const read = (side: SideInput<unknown>) =>
  parDo<number, string, { side: SideInput<unknown> }>('Read', {
    sides: { side },
    process: (n) => [String(n)],
  });

function ticks(p: TestPipeline): Pairs {
  return p
    .apply(periodicImpulse({ start: timestamp(0), interval: '1m' }))
    .map('Pair', (tick): KV<string, number> => ['at', Number(tick)]);
}

for (const [view, as] of Object.entries(views)) {
  test(`a ${view} of an unbounded collection in the global window needs a trigger`, () => {
    const p = new TestPipeline();
    const numbers = p.create([1]);
    const refused = (error: unknown): boolean => {
      assert.ok(error instanceof PipelineError);
      const { code, message, context } = error;
      assert.equal(code, 'TRIGGER_MISSING');
      assert.match(message, /Side input 'side' would wait for the end of an unbounded collection/);
      assert.equal(context.transform, 'Read');
      assert.match(context.hint ?? '', /window it, .* repeatedly\(afterCount\(1\)\)/);
      return true;
    };
    assert.throws(() => numbers.apply(read(as(ticks(p)))), refused);
    // With windows, or said when, it is what somebody wants.
    numbers.window(fixed('1m')).apply('Windowed', read(as(ticks(p).window(fixed('1m')))) as never);
    const trigger = (trigger: Trigger) => ticks(p).window(globalWindows(), { trigger, accumulation: 'discarding' });
    numbers.apply('Triggered', read(as(trigger(repeatedly(afterCount(1))))));
    numbers.apply('At its end', read(as(trigger(afterWatermark()))));
    numbers.apply('Bounded', read(as(p.create<KV<string, number>>([['a', 1]]))));
  });
}

test('a side input that is read at its end waits for it', async () => {
  const p = new TestPipeline();
  const stream = testStream<number>().addElements(1).addElements(2).advanceWatermarkToInfinity();
  const all = p.apply(stream).window(globalWindows(), { trigger: afterWatermark(), accumulation: 'discarding' });
  const lengths = p.create([7]).parDo('Length', {
    sides: { all: asList(all) },
    process: (n, { sides }): string[] => [`${n}: ${[...sides.all].sort()}`],
  });
  assertThat(lengths).isEqualTo('7: 1,2');
  await p.run();
});
