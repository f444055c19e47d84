import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import { UserCodeError } from '../../../sdk/errors.ts';
import type { StateCell } from './state-cells.ts';

/**
 * Strict mode: what a DoFn has read from its value states, to see whether it changes that in place. Such a change is there as
 * long as the key is in memory, and gone when it comes back from a checkpoint or the disk.
 */
export class ReadMarks {
  readonly #transform: string;
  readonly #cells: ReadonlyMap<number, StateCell>;
  readonly #read = new Map<number, { readonly value: object; readonly mark: Uint8Array }>();

  constructor(transform: string, cells: ReadonlyMap<number, StateCell>) {
    this.#transform = transform;
    this.#cells = cells;
  }

  /** Notes what has been read from the state of that number, for the key at hand. */
  note(number: number, value: unknown): void {
    if (typeof value !== 'object' || value === null || this.#read.get(number)?.value === value) return;
    const mark = this.#encoded(number, value);
    if (mark !== undefined) this.#read.set(number, { value, mark });
  }

  /** The state was written: changes of what was read before are kept. */
  forget(number: number): void {
    this.#read.delete(number);
  }

  /**
   * Looks at what was read and is still what the states hold; another key comes next.
   *
   * @throws UserCodeError `STATE_MUTATED`
   */
  check(values: readonly unknown[]): void {
    for (const [number, { value, mark }] of this.#read) {
      if (values[number] !== value || Buffer.compare(mark, this.#encoded(number, value) ?? mark) === 0) continue;
      this.#read.clear();
      throw new UserCodeError(
        'STATE_MUTATED',
        `A value read from the state '${this.#cells.get(number)?.name}' was changed`,
        {
          transform: this.#transform,
          final: true,
          hint: 'what is not written is lost when the key leaves memory: write a changed copy back ({ ...value, field })',
        },
      );
    }
    this.#read.clear();
  }

  /** `undefined` for what cannot be encoded, which others complain about. */
  #encoded(number: number, value: object): Uint8Array | undefined {
    const out = new ByteWriter(64);
    try {
      this.#cells.get(number)?.encode(value, out);
    } catch {
      return undefined;
    }
    return out.copy();
  }
}
