import type { Coder } from '../coders/coder.ts';
import { defaultCoder } from '../coders/default-coder.ts';
import { nullableCoder } from '../coders/nullable-coder.ts';
import { UserCodeError } from '../errors.ts';
import type { TimestampedValue } from '../transforms/timestamped-value.ts';
import type { CombineFn } from './combine-fn.ts';
import { optionalCoderOf } from './element-coders.ts';
import { stampedValueCoderOf } from './timestamped-value-coder.ts';

/** The value with the greatest timestamp (Beam's Latest); any of them when several have it, undefined of none. */
export function latest<T>(): CombineFn<TimestampedValue<T>, TimestampedValue<T> | null, T | undefined> {
  return {
    name: 'Latest',
    create: () => null,
    add(accumulator, input) {
      if (typeof input?.timestamp !== 'number') throw notTimestamped();
      return accumulator === null || input.timestamp > accumulator.timestamp ? input : accumulator;
    },
    merge(accumulators) {
      let newest: TimestampedValue<T> | null = null;
      for (const accumulator of accumulators) {
        if (accumulator !== null && (newest === null || accumulator.timestamp > newest.timestamp)) newest = accumulator;
      }
      return newest;
    },
    extract: (accumulator) => accumulator?.value,
    accumulatorCoder: (input) =>
      ((input as Coder<unknown>) === defaultCoder ? input : nullableCoder(input)) as Coder<TimestampedValue<T> | null>,
    outputCoder: (input) => optionalCoderOf(stampedValueCoderOf(input)),
  };
}

function notTimestamped(): UserCodeError {
  return new UserCodeError('NOT_TIMESTAMPED', 'latest() takes values with their timestamps', {
    final: true,
    hint: 'apply(Latest.globally()) and apply(Latest.perKey()) add them; Reify.timestamps() does it for combine(latest())',
  });
}
