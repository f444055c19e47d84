import type { ByteReader } from '../../sdk/coders/byte-reader.ts';
import type { ByteWriter } from '../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../sdk/coders/coder.ts';
import type { CollectionNode } from '../../sdk/graph/graph.ts';
import type { ElementSink } from '../../sdk/transforms/element-sink.ts';
import { decodePane, encodePane } from '../../sdk/windows/pane-info.ts';
import type { Window } from '../../sdk/windows/window.ts';
import { type ElementQueue, paneAt, timestampAt, windowAt } from './element-queue.ts';
import { signatureOf } from './engine-checkpoint.ts';

/** Writes elements of a collection, with time, window and pane, into a checkpoint. */
export class ElementCodec {
  /** What must be the same for encoded elements to be read again. */
  readonly signature: string;
  readonly #coder: Coder<unknown>;
  readonly #windowCoder: Coder<Window>;

  constructor({ coder, windowing }: CollectionNode) {
    this.signature = signatureOf({ coder, windowing });
    this.#coder = coder;
    this.#windowCoder = windowing.windowFn.coder;
  }

  encode(queue: ElementQueue, out: ByteWriter): void {
    const block = queue.peek();
    const count = block?.values.length ?? 0;
    out.varint(count);
    if (block === undefined) return;
    for (let i = 0; i < count; i++) {
      this.#coder.encode(block.values[i], out, true);
      out.float64(timestampAt(block, i));
      this.#windowCoder.encode(windowAt(block, i), out, true);
      encodePane(paneAt(block, i), out);
    }
  }

  decode(input: ByteReader, into: ElementSink): void {
    for (let left = input.varint(); left > 0; left--) {
      const value = this.#coder.decode(input, true);
      const timestamp = input.float64();
      const window = this.#windowCoder.decode(input, true);
      into.write(value, timestamp, window, decodePane(input));
    }
  }
}
