import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { encodeStandingAlone } from '../../../sdk/coders/default-coder.ts';
import { encodeList } from '../../../sdk/coders/iterable-coder.ts';
import { encodeTimestamp } from '../../../sdk/coders/timestamp-coder.ts';
import { ParamWindowedValueCoder } from '../../../sdk/coders/windowed-value-coder.ts';
import type { ElementSink } from '../../../sdk/transforms/element-sink.ts';
import { encodePane, type PaneInfo } from '../../../sdk/windows/pane-info.ts';
import type { Timestamp } from '../../../sdk/windows/timestamp.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import type { PortCoder } from './element-reader.ts';
import { type ElementSamples, ElementSizes } from './element-samples.ts';

/** Bytes that are sent in the first message of a bundle: it comes early. */
const CHUNK = 256 * 1024;
/**
 * Runners in Java take 100 messages of a bundle before they have its answer, and no more (Beam 2.70): where more come, neither side
 * goes on. So each message is larger than the one before.
 */
const GROWTH = 1.1;
const MAX_CHUNK = 16 * 1024 * 1024;

/** Encodes the elements that leave a stage for a port of the data plane. */
export class PortSink implements ElementSink {
  readonly #value: Coder<unknown>;
  readonly #window: Coder<Window>;
  readonly #headed: boolean;
  readonly #send: (data: Uint8Array) => void;
  readonly #samples: ElementSamples;
  /** Of the elements since `clear`. */
  readonly sizes = new ElementSizes();
  readonly #out = new ByteWriter(CHUNK / 8);
  /** The last header, with what it is of: the next element has most often the same. */
  readonly #header = new ByteWriter(32);
  #chunk = CHUNK;
  #timestamp = Number.NaN;
  #lastWindow: Window | undefined;
  #pane: PaneInfo | undefined;

  /** @param send is given bytes of its own */
  constructor(coder: PortCoder, samples: ElementSamples, send: (data: Uint8Array) => void) {
    this.#samples = samples;
    [this.#value, this.#window] = coder.components as readonly [Coder<unknown>, Coder<Window>];
    this.#headed = !(coder instanceof ParamWindowedValueCoder);
    this.#send = send;
  }

  write(element: unknown, timestamp: number, window: Window, pane: PaneInfo): void {
    const out = this.#out;
    const start = out.length;
    try {
      if (this.#headed) this.#writeHeader(timestamp, window, pane);
      const begin = out.length;
      encodeStandingAlone(this.#value, element, out, true);
      this.sizes.add(out.length - begin);
      if (this.#samples.isDue) this.#samples.add(out.view().subarray(begin));
    } catch (error) {
      out.length = start;
      throw error;
    }
    if (out.length < this.#chunk) return;
    this.flush();
    this.#chunk = Math.min(MAX_CHUNK, this.#chunk * GROWTH);
  }

  /** Sends what has been written. */
  flush(): void {
    if (this.#out.length === 0) return;
    this.#send(this.#out.copy());
    this.#out.clear();
  }

  /** Forgets what has been written and not sent. */
  clear(): void {
    this.#out.clear();
    this.#chunk = CHUNK;
    this.sizes.clear();
  }

  #writeHeader(timestamp: number, window: Window, pane: PaneInfo): void {
    const header = this.#header;
    if (timestamp !== this.#timestamp || window !== this.#lastWindow || pane !== this.#pane) {
      this.#timestamp = Number.NaN;
      header.clear();
      encodeTimestamp(timestamp as Timestamp, header);
      encodeList(this.#window, [window], header);
      encodePane(pane, header);
      this.#timestamp = timestamp;
      this.#lastWindow = window;
      this.#pane = pane;
    }
    this.#out.raw(header.view());
  }
}
