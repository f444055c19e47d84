import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { CombineFailure } from '../../../sdk/combine/combine-failure.ts';
import type { CombineFn } from '../../../sdk/combine/combine-fn.ts';
import type { TransformSpec } from '../../../sdk/graph/graph.ts';
import type { ProcessContext, TimestampedOutput } from '../../../sdk/transforms/do-fn.ts';
import type { KV } from '../../../sdk/values.ts';
import type { Timestamp } from '../../../sdk/windows/timestamp.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import type { TimestampCombiner } from '../../../sdk/windows/window-fn.ts';
import { step } from './harness-steps.ts';

type AnyCombineFn = CombineFn<unknown, unknown, unknown>;

/** Groups that a bundle combines early at once; elements of further ones become accumulators of their own. */
const MAX_GROUPS = 100_000;

/** What early combining needs to know of its input. */
export interface PrecombineInput {
  readonly key: Coder<unknown>;
  readonly window: Coder<Window>;
  /** Which timestamp a group has, of those of its elements. */
  readonly timestampCombiner: TimestampCombiner;
}

interface Group {
  readonly key: unknown;
  readonly window: Window;
  accumulator: unknown;
  timestamp: Timestamp;
}

/** Combines elements of a bundle by key and window before they are shuffled. */
export function precombine(fn: AnyCombineFn, { key, window, timestampCombiner }: PrecombineInput): TransformSpec {
  const groups = new Map<string, Group>();
  const scratch = new ByteWriter(64);
  const compact = (accumulator: unknown) => fn.compact?.(accumulator) ?? accumulator;
  function add(accumulator: unknown, [of, value]: KV<unknown, unknown>): unknown {
    try {
      return fn.add(accumulator, value);
    } catch (cause) {
      throw CombineFailure.adding(cause, of, value);
    }
  }
  return step({
    kind: 'doFn',
    fn: {
      startBundle() {
        groups.clear();
      },
      process(element: KV<unknown, unknown>, context: ProcessContext): readonly KV<unknown, unknown>[] | undefined {
        scratch.clear();
        window.encode(context.window, scratch, true);
        key.encode(element[0], scratch, true);
        const id = scratch.view().latin1Slice();
        const group = groups.get(id);
        if (group !== undefined) {
          group.accumulator = add(group.accumulator, element);
          group.timestamp = later(timestampCombiner, group.timestamp, context.timestamp);
          return undefined;
        }
        const accumulator = add(fn.create(), element);
        if (groups.size >= MAX_GROUPS) return [[element[0], compact(accumulator)]];
        groups.set(id, { key: element[0], window: context.window, accumulator, timestamp: context.timestamp });
        return undefined;
      },
      *finishBundle(): Iterable<TimestampedOutput<KV<unknown, unknown>>> {
        for (const group of groups.values()) {
          yield { value: [group.key, compact(group.accumulator)], timestamp: group.timestamp, window: group.window };
        }
        groups.clear();
      },
    } as never,
  });
}

function later(combiner: TimestampCombiner, a: Timestamp, b: Timestamp): Timestamp {
  return combiner === 'latest' ? (Math.max(a, b) as Timestamp) : (Math.min(a, b) as Timestamp);
}

/** Makes one accumulator of those of a key. */
export function mergeAccumulators(fn: AnyCombineFn): TransformSpec {
  return step({
    kind: 'map',
    ownsInput: true,
    fn: ([key, accumulators]: KV<unknown, Iterable<unknown>>) => [key, fn.merge(accumulators)],
  });
}

/** Makes the output of each accumulator. */
export function extractOutputs(fn: AnyCombineFn): TransformSpec {
  return step({ kind: 'mapValues', ownsInput: true, fn: (accumulator: unknown) => fn.extract(accumulator) });
}

/** Makes an accumulator of each element. */
export function convertToAccumulators(fn: AnyCombineFn): TransformSpec {
  return step({
    kind: 'map',
    fn: ([key, value]: KV<unknown, unknown>) => {
      try {
        return [key, fn.add(fn.create(), value)];
      } catch (cause) {
        throw CombineFailure.adding(cause, key, value);
      }
    },
  });
}
