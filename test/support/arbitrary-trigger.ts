import fc from 'fast-check';
import type { OnceTrigger, Trigger } from '../../src/sdk/triggers/trigger.ts';
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
} from '../../src/sdk/triggers/triggers.ts';

const { any } = fc.letrec<{ once: OnceTrigger; any: Trigger }>((tie) => {
  const many = fc.array(tie('once'), { minLength: 1, maxLength: 3 }) as fc.Arbitrary<[OnceTrigger, ...OnceTrigger[]]>;
  const options = fc.record({ early: tie('once'), late: tie('once') }, { requiredKeys: [] });
  return {
    once: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.integer({ min: 1, max: 4 }).map(afterCount),
      fc.constant(afterWatermark()),
      fc.integer({ min: 0, max: 20 }).map((delay) => afterProcessingTime(`${delay}ms`)),
      fc
        .tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 9 }))
        .map(([delay, period, offset]) =>
          afterProcessingTime(`${delay}ms`, { alignTo: { period: `${period}ms`, offset: `${offset}ms` } }),
        ),
      fc.constant(afterSynchronizedProcessingTime()),
      fc.constant(never()),
      fc.constant(always()),
      many.map((triggers) => afterAny(...triggers)),
      many.map((triggers) => afterAll(...triggers)),
    ),
    any: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      tie('once'),
      fc.constant(defaultTrigger()),
      options.map((firings) => afterWatermark(firings)),
      tie('any').map(repeatedly),
      (fc.array(tie('any'), { minLength: 1, maxLength: 3 }) as fc.Arbitrary<[Trigger, ...Trigger[]]>).map((triggers) =>
        afterEach(...triggers),
      ),
      fc.tuple(tie('any'), tie('once')).map(([main, until]) => orFinally(main, until)),
    ),
  };
});

/** Any trigger that the factories make, small ones first. */
export function arbitraryTrigger(): fc.Arbitrary<Trigger> {
  return any;
}
