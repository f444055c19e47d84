import type { ByteReader } from '../coders/byte-reader.ts';
import type { ByteWriter } from '../coders/byte-writer.ts';
import { type Coder, wrongType } from '../coders/coder.ts';
import { defaultCoder } from '../coders/default-coder.ts';
import { decodeTimestamp, encodeTimestamp } from '../coders/timestamp-coder.ts';
import type { TimestampedValue } from '../transforms/timestamped-value.ts';

const URN = 'millrace:coder:timestamped_value:v1';

/** The timestamp, then the value in its own coder. */
class TimestampedValueCoder<T> implements Coder<TimestampedValue<T>> {
  readonly urn = URN;
  readonly components: readonly Coder<unknown>[];
  readonly nonDeterministic: string | undefined;
  readonly #value: Coder<T>;

  constructor(value: Coder<T>) {
    this.components = [value as Coder<unknown>];
    this.nonDeterministic = value.nonDeterministic;
    this.#value = value;
  }

  encode(stamped: TimestampedValue<T>, out: ByteWriter, nested: boolean): void {
    if (typeof stamped?.timestamp !== 'number') throw wrongType('a value with a timestamp', stamped);
    encodeTimestamp(stamped.timestamp, out);
    this.#value.encode(stamped.value, out, nested);
  }

  decode(input: ByteReader, nested: boolean): TimestampedValue<T> {
    const timestamp = decodeTimestamp(input);
    return { value: this.#value.decode(input, nested), timestamp };
  }
}

/** The coder of values with timestamps, from the values' coder. */
export function timestampedValueCoder<T>(value: Coder<T>): Coder<TimestampedValue<T>> {
  return (value as Coder<unknown>) === defaultCoder
    ? (defaultCoder as Coder<TimestampedValue<T>>)
    : new TimestampedValueCoder(value);
}

/** The coder of the values, from that of values with timestamps; the default coder where it does not tell. */
export function stampedValueCoderOf<T>(stamped: Coder<TimestampedValue<T>>): Coder<T> {
  return (stamped.urn === URN ? stamped.components[0] : defaultCoder) as Coder<T>;
}
