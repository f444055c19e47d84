import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertPanes, drive } from '../../../../test/support/grouping-driver.ts';
import { toList } from '../../../sdk/combine/collect.ts';
import { CombineFailure } from '../../../sdk/combine/combine-failure.ts';
import type { CombineFn } from '../../../sdk/combine/combine-fn.ts';
import { sum } from '../../../sdk/combine/sum.ts';
import { afterAny, afterCount, afterWatermark, defaultTrigger, repeatedly } from '../../../sdk/triggers/triggers.ts';
import { fixed } from '../../../sdk/windows/fixed-windows.ts';

const tens = fixed('10ms');

describe('what is collected and combined', () => {
  test('is not changed by what comes later', () => {
    const trigger = repeatedly(afterCount(1));
    for (const fn of [undefined, toList() as unknown as CombineFn<never, unknown, unknown>]) {
      const d = drive(tens, trigger, { accumulation: 'accumulating' }, fn);
      const [first] = d.input(['a', 1]);
      const [second] = d.input(['b', 2]);
      assert.deepEqual([first.value, second.value], [['a'], ['a', 'b']]);
    }
  });

  test('gives the result of nothing for an empty pane', () => {
    const d = drive(tens, afterWatermark({ early: afterCount(1) }), {}, sum() as CombineFn<never, unknown, unknown>);
    d.watermark(0);
    assertPanes(d.input(5), '[0..10) at 9: EARLY 0 first = 5');
    assertPanes(d.watermark(10), '[0..10) at 9: ON_TIME 1/0 last = 0');
  });

  test('names the element for which a CombineFn fails', () => {
    const boom = {
      ...sum(),
      add: () => {
        throw new Error('boom');
      },
    };
    const d = drive(tens, defaultTrigger(), {}, boom as unknown as CombineFn<never, unknown, unknown>);
    assert.throws(
      () => d.input([7, 1]),
      (error) => error instanceof CombineFailure && (error.element[0] as unknown[])[1] === 7,
    );
  });

  test('tells failures of a CombineFn from those of the engine when a pane fires', () => {
    const boom = {
      ...sum(),
      extract: () => {
        throw new Error('boom');
      },
    };
    const d = drive(tens, defaultTrigger(), {}, boom as unknown as CombineFn<never, unknown, unknown>);
    d.input([7, 1]);
    assert.throws(
      () => d.watermark(10),
      (error) => error instanceof CombineFailure && error.element.length === 0,
    );
  });

  test('keeps accumulators that are undefined', () => {
    const last: CombineFn<number, number | undefined, string> = {
      create: () => -1,
      add: (_accumulator, value) => (value === 0 ? undefined : value),
      merge: ([first]) => first,
      extract: (accumulator) => `${accumulator}`,
    };
    const d = drive(tens, defaultTrigger(), {}, last as CombineFn<never, unknown, unknown>);
    d.input([0, 1]);
    assertPanes(d.watermark(10), '[0..10) at 9: ON_TIME 0/0 first last = undefined');
  });

  test('of another trigger is refused when it is read', () => {
    const counted = drive(tens, repeatedly(afterCount(3)));
    counted.input(1);
    const other = drive(tens, repeatedly(afterAny(afterCount(3), afterWatermark())));
    other.state = counted.state;
    assert.throws(() => other.restart(), { code: 'CODER_MALFORMED' });
  });
});
