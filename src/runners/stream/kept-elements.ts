import { RunnerError } from '../../sdk/errors.ts';
import type { ElementSink } from '../../sdk/transforms/element-sink.ts';
import type { Channel } from '../core/plan/execution-plan.ts';

/** What one element is taken to need in memory at least, when only their number is known. */
const BYTES_PER_ELEMENT = 64;

/** Elements that the program asked for with `collect()`. */
export class KeptElements implements ElementSink {
  readonly elements: unknown[] = [];
  readonly #channel: Channel;
  readonly #most: number;

  constructor(channel: Channel, memory: number) {
    this.#channel = channel;
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
}
