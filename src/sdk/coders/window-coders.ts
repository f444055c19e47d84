import { MIN_TIMESTAMP, MIN_TIMESTAMP_EXACT, type Timestamp } from '../windows/timestamp.ts';
import { GLOBAL_WINDOW, GlobalWindow, IntervalWindow, type Window } from '../windows/window.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { type Coder, wrongType } from './coder.ts';
import {
  decodeTimestamp,
  encodeExactMillis,
  encodeTimestamp,
  exactMillis,
  fromExactMillis,
} from './timestamp-coder.ts';

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** `beam:coder:global_window:v1`: no bytes at all. */
export const globalWindowCoder: Coder<GlobalWindow> = {
  urn: 'beam:coder:global_window:v1',
  components: [],
  nonDeterministic: undefined,
  encode(value) {
    if (!(value instanceof GlobalWindow)) throw wrongType('the global window', value);
  },
  decode() {
    return GLOBAL_WINDOW;
  },
};

/** `beam:coder:interval_window:v1`: the end, then the length in milliseconds as a varint. */
export const intervalWindowCoder: Coder<IntervalWindow> = {
  urn: 'beam:coder:interval_window:v1',
  components: [],
  nonDeterministic: undefined,
  encode(value, out) {
    if (!(value instanceof IntervalWindow)) throw wrongType('an IntervalWindow', value);
    const { start, end } = value;
    encodeTimestamp(end, out);
    const span = end - start;
    if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && Number.isSafeInteger(span)) out.varint(span);
    else out.varint64(exactMillis(end) - exactStart(start));
  },
  decode(input) {
    const end = decodeTimestamp(input);
    const span = input.varint64();
    if (span < 0n) throw input.malformed(`A window of ${span} ms`);
    const start = end - Number(span);
    // Doubles are exact here unless a bound or the length lies past 2^53.
    if (Number.isSafeInteger(end) && Number.isSafeInteger(start) && span <= MAX_SAFE) {
      return new IntervalWindow(start as Timestamp, end);
    }
    return new IntervalWindow(startOf(exactMillis(end) - span), end);
  },
};

/**
 * The first window of an aligned function begins before time does: elements that were never given a timestamp have the
 * earliest there is, and lie in it. Beam's SDKs encode such windows too, by their length.
 */
function exactStart(start: Timestamp): bigint {
  return start < MIN_TIMESTAMP ? BigInt(start) : exactMillis(start);
}

function startOf(millis: bigint): Timestamp {
  const isBeforeTime = millis < MIN_TIMESTAMP_EXACT && millis > 2n * MIN_TIMESTAMP_EXACT;
  return isBeforeTime ? (Number(millis) as Timestamp) : fromExactMillis(millis);
}

/** `beam:coder:custom_window:v1`: the largest timestamp before the window's own encoding, for runners that do not know the type. */
export class CustomWindowCoder<W extends Window> implements Coder<W> {
  readonly urn = 'beam:coder:custom_window:v1';
  readonly components: readonly [Coder<W>];
  readonly nonDeterministic: string | undefined;

  constructor(window: Coder<W>) {
    this.components = [window];
    this.nonDeterministic = window.nonDeterministic;
  }

  encode(value: W, out: ByteWriter, nested: boolean): void {
    // One millisecond before an extreme has no double.
    if (value instanceof IntervalWindow) encodeExactMillis(exactMillis(value.end) - 1n, out);
    else encodeTimestamp(value.maxTimestamp, out);
    this.components[0].encode(value, out, nested);
  }

  decode(input: ByteReader, nested: boolean): W {
    decodeTimestamp(input);
    return this.components[0].decode(input, nested);
  }
}
