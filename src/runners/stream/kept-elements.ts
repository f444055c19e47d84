import type { ByteReader } from '../../sdk/coders/byte-reader.ts';
import type { ByteWriter } from '../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../sdk/coders/coder.ts';
import { RunnerError } from '../../sdk/errors.ts';
import { describeCoder } from '../../sdk/graph/describe.ts';
import type { ElementSink } from '../../sdk/transforms/element-sink.ts';
import type { Channel } from '../core/plan/execution-plan.ts';
import type { CheckpointPart } from './engine-checkpoint.ts';

/** What one element is taken to need in memory at least, when only their number is known. */
const BYTES_PER_ELEMENT = 64;

/** Elements that the program asked for with `collect()`. */
export class KeptElements implements ElementSink, CheckpointPart {
  readonly elements: unknown[] = [];
  readonly upstream: CheckpointPart[] = [];
  readonly #channel: Channel;
  readonly #coder: Coder<unknown>;
  readonly #most: number;

  constructor(channel: Channel, coder: Coder<unknown>, memory: number) {
    this.#channel = channel;
    this.#coder = coder;
    this.#most = Math.floor(memory / BYTES_PER_ELEMENT);
  }

  write(element: unknown): void {
    if (this.elements.length >= this.#most) {
      throw new RunnerError('COLLECT_TOO_LARGE', 'The collected elements exceed the memory budget', {
        transform: this.#channel.transform,
        hint: `${this.#most} elements at most: write large results to files, or raise the option memory`,
      });
    }
    this.elements.push(element);
  }

  get id(): string {
    return `kept:${this.#channel.collection}`;
  }

  get signature(): string {
    return describeCoder(this.#coder);
  }

  get isEmpty(): boolean {
    return this.elements.length === 0;
  }

  save(out: ByteWriter): void {
    out.varint(this.elements.length);
    for (const element of this.elements) this.#coder.encode(element, out, true);
  }

  restore(input: ByteReader): void {
    for (let left = input.varint(); left > 0; left--) this.write(this.#coder.decode(input, true));
  }
}
