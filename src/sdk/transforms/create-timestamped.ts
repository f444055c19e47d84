import type { Coder } from '../coders/coder.ts';
import { defaultCoder } from '../coders/default-coder.ts';
import { timestampedValueCoder } from '../combine/timestamped-value-coder.ts';
import { PipelineError } from '../errors.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import type { PTransform } from '../pipeline/p-transform.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { AnyElement } from '../values.ts';
import { checkElements, create } from './create.ts';
import { map, withTimestamps } from './element-wise.ts';
import type { TimestampedValue } from './timestamped-value.ts';

/**
 * A collection of elements that the program holds in memory, each with its event time (Beam's Create.timestamped):
 * `createTimestamped([timestamped('click', timestamp('2024-01-01T12:00'))])`.
 *
 * @throws PipelineError `CREATE_INVALID`
 */
export function createTimestamped<T extends AnyElement>(
  elements: Iterable<TimestampedValue<T>>,
  coder: Coder<T> = defaultCoder as Coder<T>,
): PTransform<Pipeline, PCollection<T>> {
  // Plain objects: the default coder has no name for the class.
  const list = Array.from(checkElements(elements, 'createTimestamped'), (element): TimestampedValue<T> => {
    if (typeof element !== 'object' || element === null || !('value' in element && 'timestamp' in element)) {
      throw new PipelineError('CREATE_INVALID', 'An element of createTimestamped() has no timestamp', {
        hint: 'createTimestamped([timestamped(value, timestamp(date)), …])',
      });
    }
    return { value: element.value, timestamp: element.timestamp };
  });
  return {
    name: 'CreateTimestamped',
    expand: (pipeline) =>
      pipeline
        .apply(create(list, timestampedValueCoder(coder)))
        .apply(withTimestamps('Timestamps', ({ timestamp }) => timestamp))
        .apply(map('Values', ({ value }) => value))
        .withCoder(coder),
  };
}
