import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import type { ElementSink } from '../../../sdk/transforms/element-sink.ts';

/** Keeps the elements of a bundle for the program that runs the pipeline, as they were when they were written. */
export class CollectSink implements ElementSink {
  readonly transform: string;
  readonly #coder: Coder<unknown>;
  readonly #out = new ByteWriter(256);
  #count = 0;

  constructor(transform: string, coder: Coder<unknown>) {
    this.transform = transform;
    this.#coder = coder;
  }

  write(element: unknown): void {
    this.#coder.encode(element, this.#out, true);
    this.#count++;
  }

  clear(): void {
    this.#out.clear();
    this.#count = 0;
  }

  take(): readonly unknown[] {
    const input = new ByteReader(this.#out.copy());
    const elements = Array.from({ length: this.#count }, () => this.#coder.decode(input, true));
    this.clear();
    return elements;
  }
}
