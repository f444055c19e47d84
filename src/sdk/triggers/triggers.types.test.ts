/** Type tests: what must not compile stands below `@ts-expect-error`, which is itself an error once the line compiles. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AfterEndOfWindow,
  afterAll,
  afterAny,
  afterCount,
  afterEach,
  afterProcessingTime,
  afterWatermark,
  defaultTrigger,
  fixed,
  type OnceTrigger,
  orFinally,
  Pipeline,
  repeatedly,
  type Trigger,
} from '../index.ts';

test('what fires once is told from what goes on', () => {
  const once: OnceTrigger[] = [afterWatermark(), afterCount(1), afterProcessingTime(), afterAny(afterCount(1))];
  const all: Trigger[] = [
    ...once,
    defaultTrigger(),
    repeatedly(afterCount(1)),
    afterWatermark({ late: afterCount(1) }),
  ];
  const end: AfterEndOfWindow = afterWatermark();
  assert.equal(end.kind, 'afterWatermark');
  assert.equal(all.length, 7);

  assert.throws(() => {
    // @ts-expect-error early firings are repeated as they are
    afterWatermark({ early: repeatedly(afterCount(1)) });
  });
  assert.throws(() => {
    // @ts-expect-error the default trigger never finishes
    afterAny(defaultTrigger());
  });
  assert.throws(() => {
    // @ts-expect-error with late firings it goes on
    afterAll(afterCount(1), afterWatermark({ late: afterCount(1) }));
  });
  assert.throws(() => {
    // @ts-expect-error what ends it fires once
    orFinally(repeatedly(afterCount(1)), repeatedly(afterCount(1)));
  });
  assert.throws(() => {
    // @ts-expect-error there is nothing to go through
    afterEach();
  });
  assert.throws(() => {
    // @ts-expect-error a length of time has a unit
    afterProcessingTime(10);
  });
});

test('window options', () => {
  const p = new Pipeline();
  const pairs = p.create<[string, number]>([['a', 1]]);
  pairs.window(fixed('1m'), {
    trigger: afterWatermark({ early: afterCount(10) }),
    accumulation: 'accumulating',
    allowedLateness: '0s',
    closing: 'fireAlways',
    onTime: 'fireIfNonEmpty',
  });
  assert.throws(() => {
    // @ts-expect-error retractions are not offered
    pairs.window(fixed('1m'), { accumulation: 'retracting' });
  });
  assert.throws(() => {
    // @ts-expect-error call the factory
    pairs.window(fixed('1m'), { trigger: defaultTrigger });
  });
});
