import { decodePane, encodePane, NO_FIRING, type PaneInfo } from '../windows/pane-info.ts';
import { MIN_TIMESTAMP, type Timestamp } from '../windows/timestamp.ts';
import type { Window } from '../windows/window.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { type Coder, firstNonDeterministic } from './coder.ts';
import { decodeList, encodeList } from './iterable-coder.ts';
import { decodeTimestamp, encodeTimestamp } from './timestamp-coder.ts';

/** An element with what the model knows about it. */
export interface WindowedValue<T, W extends Window = Window> {
  readonly value: T;
  readonly timestamp: Timestamp;
  /** At least one. */
  readonly windows: readonly W[];
  readonly pane: PaneInfo;
}

/** `beam:coder:windowed_value:v1`: timestamp, windows, pane, value. */
export class WindowedValueCoder<T, W extends Window> implements Coder<WindowedValue<T, W>> {
  readonly urn = 'beam:coder:windowed_value:v1';
  readonly components: readonly [Coder<T>, Coder<W>];
  readonly nonDeterministic: string | undefined;

  constructor(value: Coder<T>, window: Coder<W>) {
    this.components = [value, window];
    this.nonDeterministic = firstNonDeterministic(this.components);
  }

  encode(element: WindowedValue<T, W>, out: ByteWriter, nested: boolean): void {
    const [value, window] = this.components;
    encodeTimestamp(element.timestamp, out);
    encodeList(window, element.windows, out);
    encodePane(element.pane, out);
    value.encode(element.value, out, nested);
  }

  decode(input: ByteReader, nested: boolean): WindowedValue<T, W> {
    const [value, window] = this.components;
    const timestamp = decodeTimestamp(input);
    const windows = decodeList(window, input);
    const pane = decodePane(input);
    return { value: value.decode(input, nested), timestamp, windows, pane };
  }
}

/** What all elements of a {@link ParamWindowedValueCoder} have in common. */
export type WindowedParams<W extends Window> = Omit<WindowedValue<never, W>, 'value'>;

/**
 * `beam:coder:param_windowed_value:v1`: the value alone. Timestamp, windows and pane are constants in the coder's payload
 * and given to every element that is decoded; those of an encoded element are dropped.
 */
export class ParamWindowedValueCoder<T, W extends Window> implements Coder<WindowedValue<T, W>> {
  readonly urn = 'beam:coder:param_windowed_value:v1';
  readonly components: readonly [Coder<T>, Coder<W>];
  readonly payload: Uint8Array;
  readonly nonDeterministic: string | undefined;
  readonly params: WindowedParams<W>;

  constructor(value: Coder<T>, window: Coder<W>, params: WindowedParams<W>) {
    this.components = [value, window];
    this.params = params;
    this.nonDeterministic = value.nonDeterministic;
    const out = new ByteWriter(32);
    encodeTimestamp(params.timestamp, out);
    encodeList(window, params.windows, out);
    encodePane(params.pane, out);
    this.payload = out.copy();
  }

  /** @throws CoderError when the payload is malformed. */
  static fromPayload<T, W extends Window>(
    value: Coder<T>,
    window: Coder<W>,
    payload: Uint8Array,
  ): ParamWindowedValueCoder<T, W> {
    const input = new ByteReader(payload);
    const timestamp = decodeTimestamp(input);
    const windows = decodeList(window, input);
    const pane = decodePane(input);
    // Java ends the payload with the encoding of an empty byte array, the value that the parameters stood beside.
    return new ParamWindowedValueCoder(value, window, { timestamp, windows, pane });
  }

  encode(element: WindowedValue<T, W>, out: ByteWriter, nested: boolean): void {
    this.components[0].encode(element.value, out, nested);
  }

  decode(input: ByteReader, nested: boolean): WindowedValue<T, W> {
    const { timestamp, windows, pane } = this.params;
    return { value: this.components[0].decode(input, nested), timestamp, windows, pane };
  }
}

/** Parameters of elements that have not met a WindowFn or a timestamp yet: what Impulse gives. */
export function initialParams<W extends Window>(window: W): WindowedParams<W> {
  return { timestamp: MIN_TIMESTAMP, windows: [window], pane: NO_FIRING };
}
