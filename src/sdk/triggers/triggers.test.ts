import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { arbitraryTrigger } from '../../../test/support/arbitrary-trigger.ts';
import { Trigger as TriggerMessage } from '../../model/pipeline.ts';
import type { PipelineError } from '../errors.ts';
import { checkTrigger } from './check-trigger.ts';
import type { OnceTrigger, Trigger } from './trigger.ts';
import { triggerFromProto, triggerToProto } from './trigger-proto.ts';
import { continuationTrigger, isSafe, mayFinish, triggerText } from './trigger-rules.ts';
import {
  afterAll,
  afterAny,
  afterCount,
  afterEach,
  afterProcessingTime,
  afterSynchronizedProcessingTime,
  afterWatermark,
  always,
  defaultTrigger,
  never,
  orFinally,
  repeatedly,
} from './triggers.ts';

fc.configureGlobal({ seed: 5 });

const invalid = (make: () => unknown): string => {
  try {
    make();
  } catch (error) {
    assert.equal((error as PipelineError).code, 'TRIGGER_INVALID', String(error));
    return (error as PipelineError).summary;
  }
  return assert.fail('nothing was refused');
};
const untyped = (value: unknown) => value as Trigger & OnceTrigger;

describe('triggers', () => {
  test('are plain frozen data', () => {
    const trigger = afterWatermark({
      early: afterAny(afterCount(100), afterProcessingTime('1m', { alignTo: '10s' })),
      late: afterCount(1),
    });
    assert.deepEqual(trigger, {
      kind: 'afterWatermark',
      early: {
        kind: 'afterAny',
        triggers: [
          { kind: 'afterCount', count: 100 },
          {
            kind: 'afterProcessingTime',
            transforms: [
              { kind: 'delay', millis: 60_000 },
              { kind: 'alignTo', period: 10_000, offset: 0 },
            ],
          },
        ],
      },
      late: { kind: 'afterCount', count: 1 },
    });
    const frozen = (value: unknown): boolean =>
      typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen));
    for (const one of [
      trigger,
      repeatedly(afterEach(never(), always())),
      orFinally(defaultTrigger(), afterAll(afterSynchronizedProcessingTime(), afterWatermark())),
    ]) {
      assert.ok(frozen(one));
    }
  });

  test('are shown as they are written', () => {
    const text = (trigger: Trigger) => triggerText(trigger);
    assert.equal(text(afterWatermark()), 'afterWatermark()');
    assert.equal(
      text(afterWatermark({ early: afterProcessingTime('90s', { alignTo: { period: '1m', offset: '5s' } }) })),
      'afterWatermark({ early: afterProcessingTime(90s, alignTo 1m from 5s) })',
    );
    assert.equal(
      text(orFinally(repeatedly(afterAny(afterCount(2), never())), afterProcessingTime())),
      'orFinally(repeatedly(afterAny(afterCount(2), never())), afterProcessingTime())',
    );
  });

  test('of different behaviour have different texts', () => {
    fc.assert(
      fc.property(arbitraryTrigger(), arbitraryTrigger(), (one, other) => {
        assert.equal(triggerText(one) === triggerText(other), JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });

  test('refuse what is none', () => {
    assert.match(
      invalid(() => afterCount(0)),
      /counts 1 to 2147483647 elements, not 0/,
    );
    for (const count of [1.5, -1, Number.NaN, 2 ** 31, untyped('3') as unknown as number]) {
      invalid(() => afterCount(count));
    }
    assert.match(
      invalid(() => afterWatermark({ early: untyped(repeatedly(afterCount(1))) })),
      /^For the early firings of afterWatermark\(\) a trigger is needed that can be waited for, not repeatedly$/,
    );
    assert.match(
      invalid(() => orFinally(afterCount(1), untyped(defaultTrigger()))),
      /for, not default/,
    );
    assert.match(
      invalid(() => repeatedly(untyped(afterCount))),
      /a trigger is needed, not a function: call it/,
    );
    assert.match(
      invalid(() => repeatedly(untyped(undefined))),
      /not undefined/,
    );
    assert.match(
      invalid(() => afterEach(...(untyped([]) as unknown as [Trigger]))),
      /at least one trigger/,
    );
    invalid(() => afterAny(untyped({ kind: 'sometimes' })));
    invalid(() => afterProcessingTime('1m', { alignTo: '0s' }));
    assert.throws(() => afterProcessingTime('1x' as '1s'), { code: 'DURATION_INVALID' });
    let deep: Trigger = afterCount(1);
    assert.match(
      invalid(() => {
        for (let i = 0; i < 60; i++) deep = repeatedly(deep);
      }),
      /nested 50 deep/,
    );
    const wide = Array.from({ length: 1000 }, () => afterCount(1));
    assert.match(
      invalid(() => afterAny(...(wide as unknown as [OnceTrigger]))),
      /at most 1000 parts/,
    );
    const transforms = [{ kind: 'delay', millis: -1 }] as const;
    invalid(() => checkTrigger('test', { kind: 'afterProcessingTime', transforms }));
  });
});

describe('the rules of Beam', () => {
  const once = [
    afterWatermark(),
    afterCount(3),
    afterProcessingTime('1m'),
    afterSynchronizedProcessingTime(),
    afterAny(afterCount(1), afterWatermark()),
    afterAll(afterCount(1), afterWatermark()),
    never(),
  ];

  test('which triggers may finish', () => {
    for (const trigger of once) {
      assert.ok(mayFinish(trigger), triggerText(trigger));
      assert.ok(!mayFinish(repeatedly(trigger)));
    }
    assert.ok(!mayFinish(defaultTrigger()) && !mayFinish(always()));
    assert.ok(!mayFinish(afterWatermark({ late: afterCount(1) })));
    assert.ok(mayFinish(afterWatermark({ early: afterCount(1) })));
    assert.ok(mayFinish(afterEach(afterCount(1), afterCount(2))));
    assert.ok(!mayFinish(afterEach(afterCount(1), repeatedly(afterCount(2)))));
    assert.ok(mayFinish(orFinally(repeatedly(afterCount(1)), afterCount(10))));
  });

  test('which triggers are safe', () => {
    assert.ok(isSafe(defaultTrigger(), 1) && isSafe(never(), 1) && isSafe(always(), 1));
    for (const trigger of [afterWatermark(), afterWatermark({ early: afterCount(1) })]) {
      assert.ok(isSafe(trigger, 0));
      assert.ok(!isSafe(trigger, 1));
    }
    assert.ok(isSafe(afterWatermark({ late: afterCount(1) }), 1));
    assert.ok(!isSafe(afterCount(1), 0));
    assert.ok(!isSafe(afterAny(afterWatermark(), afterCount(1)), 0));
    assert.ok(!isSafe(orFinally(defaultTrigger(), afterCount(1)), 0));
  });

  test('what a trigger becomes after a grouping', () => {
    const becomes = (trigger: Trigger) => triggerText(continuationTrigger(trigger));
    for (const trigger of [defaultTrigger(), always(), never(), afterWatermark(), afterSynchronizedProcessingTime()]) {
      assert.equal(becomes(trigger), triggerText(trigger));
    }
    assert.equal(becomes(afterCount(7)), 'afterCount(1)');
    assert.equal(becomes(afterProcessingTime('1m')), 'afterSynchronizedProcessingTime()');
    assert.equal(becomes(repeatedly(afterCount(7))), 'repeatedly(afterCount(1))');
    assert.equal(
      becomes(afterWatermark({ early: afterCount(7), late: afterProcessingTime('1m') })),
      'afterWatermark({ early: afterCount(1), late: afterSynchronizedProcessingTime() })',
    );
    assert.equal(becomes(afterAll(afterCount(7), never())), 'afterAll(afterCount(1), never())');
    assert.equal(becomes(afterAny(afterCount(7), never())), 'afterAny(afterCount(1), never())');
    assert.equal(
      becomes(afterEach(afterCount(2), afterWatermark())),
      'repeatedly(afterAny(afterCount(1), afterWatermark()))',
    );
    assert.equal(
      becomes(orFinally(repeatedly(afterCount(2)), afterWatermark())),
      'repeatedly(orFinally(repeatedly(afterCount(1)), afterWatermark()))',
    );
  });

  test('a trigger that was safe stays safe', () => {
    fc.assert(
      fc.property(arbitraryTrigger(), fc.constantFrom(0, 1), (trigger, lateness) => {
        fc.pre(isSafe(trigger, lateness));
        const next = continuationTrigger(trigger);
        checkTrigger('the continuation', next);
        assert.ok(isSafe(next, lateness), triggerText(next));
      }),
    );
  });
});

describe('the proto of a trigger', () => {
  test('comes back as the trigger, from bytes too', () => {
    fc.assert(
      fc.property(arbitraryTrigger(), (trigger) => {
        const bytes = TriggerMessage.encode(triggerToProto(trigger));
        assert.deepEqual(triggerFromProto(TriggerMessage.decode(bytes)), trigger);
      }),
    );
  });

  test('has the fields of Beam', () => {
    const bytes = TriggerMessage.encode(
      triggerToProto(afterWatermark({ early: afterProcessingTime('2ms'), late: afterCount(5) })),
    );
    // after_end_of_window (4) { early_firings (1) { after_processing_time (5) { timestamp_transforms (1) { delay (1)
    // { delay_millis (1): 2 } } } }, late_firings (2) { element_count (8) { element_count (1): 5 } } }
    assert.equal(
      Buffer.from(bytes).toString('hex'),
      '2210' + '0a08' + '2a06' + '0a04' + '0a020802' + '1204' + '42020805',
    );
  });

  test('of no known kind, or without a part, is refused', () => {
    const refuse = (message: object) => invalid(() => triggerFromProto(TriggerMessage.create(message)));
    refuse({});
    refuse({ repeat: {} });
    refuse({ orFinally: { main: { never: {} } } });
    refuse({ afterAny: { subtriggers: [{}] } });
    refuse({ afterAll: { subtriggers: [] } });
    refuse({ elementCount: { elementCount: 0 } });
    refuse({ afterProcessingTime: { timestampTransforms: [{}] } });
    refuse({ afterProcessingTime: { timestampTransforms: [{ delay: { delayMillis: -1n } }] } });
  });
});
