import { decodePane, encodePane, type PaneInfo } from '../windows/pane-info.ts';
import type { Timestamp } from '../windows/timestamp.ts';
import type { Window } from '../windows/window.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { type Coder, firstNonDeterministic } from './coder.ts';
import { decodeList, encodeList } from './iterable-coder.ts';
import { decodeTimestamp, encodeTimestamp } from './timestamp-coder.ts';

interface TimerIdentity<K, W extends Window> {
  readonly userKey: K;
  /** Tells timers of one family apart; empty for a timer without a tag. */
  readonly dynamicTimerTag: string;
  readonly windows: readonly W[];
}

/** Asks for a timer to be set. */
export interface SetTimer<K, W extends Window = Window> extends TimerIdentity<K, W> {
  readonly clearBit: false;
  readonly fireTimestamp: Timestamp;
  /** Holds the watermark back: what the timer outputs has this timestamp. */
  readonly holdTimestamp: Timestamp;
  readonly pane: PaneInfo;
}

/** Asks for a timer to be cleared. */
export interface ClearTimer<K, W extends Window = Window> extends TimerIdentity<K, W> {
  readonly clearBit: true;
}

/** A timer as it travels between runner and harness. */
export type TimerElement<K, W extends Window = Window> = SetTimer<K, W> | ClearTimer<K, W>;

/** `beam:coder:timer:v1`. Components: key coder, window coder. */
export class TimerCoder<K, W extends Window> implements Coder<TimerElement<K, W>> {
  readonly urn = 'beam:coder:timer:v1';
  readonly components: readonly [Coder<K>, Coder<W>];
  readonly nonDeterministic: string | undefined;

  constructor(key: Coder<K>, window: Coder<W>) {
    this.components = [key, window];
    this.nonDeterministic = firstNonDeterministic(this.components);
  }

  encode(timer: TimerElement<K, W>, out: ByteWriter, _nested: boolean): void {
    const [key, window] = this.components;
    key.encode(timer.userKey, out, true);
    out.string(timer.dynamicTimerTag);
    encodeList(window, timer.windows, out);
    out.byte(timer.clearBit ? 1 : 0);
    if (timer.clearBit) return;
    encodeTimestamp(timer.fireTimestamp, out);
    encodeTimestamp(timer.holdTimestamp, out);
    encodePane(timer.pane, out);
  }

  decode(input: ByteReader, _nested: boolean): TimerElement<K, W> {
    const [key, window] = this.components;
    const userKey = key.decode(input, true);
    const dynamicTimerTag = input.string();
    const windows = decodeList(window, input);
    const clearBit = input.byte();
    if (clearBit === 1) return { userKey, dynamicTimerTag, windows, clearBit: true };
    if (clearBit !== 0) throw input.malformed(`A timer's clear bit of ${clearBit}`);
    const fireTimestamp = decodeTimestamp(input);
    const holdTimestamp = decodeTimestamp(input);
    const pane = decodePane(input);
    return { userKey, dynamicTimerTag, windows, clearBit: false, fireTimestamp, holdTimestamp, pane };
  }
}
