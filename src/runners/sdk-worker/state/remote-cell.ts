import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Cell } from '../../core/state/state-cells.ts';
import type { StateItems } from './state-items.ts';

/** A history this much longer than what has come of it is written anew. */
const SLACK = 16;

/** How a change of a cell is written: what is there is removed first, then items are added. */
export interface CellChange {
  readonly clear: boolean;
  readonly append: Uint8Array | undefined;
}

/**
 * One state of one key and window, as far as it is known here, and what the runner is still to be told of it. What has
 * been read is in the cells that the accessors of the core work on; this says what that is worth.
 */
export class RemoteCell {
  /** Whether the cell holds all of the state. Else it is empty, or for a combining state what was added meanwhile. */
  known = false;
  /** Whether the runner may have items of it. */
  #stored: boolean;
  /** What the runner has is to go. */
  #clears = false;
  /** All of the content is to be written in place of what the runner has. */
  #replaces = false;
  /** Items that are to be added. */
  #journal: ByteWriter | undefined;
  /** Items that the runner has, or will have; where it is known. */
  #items = 0;
  /** Bytes of what is known here and at the runner alike. */
  #same = 0;

  /** @param stored whether the runner may have something */
  constructor(stored: boolean) {
    this.#stored = stored;
    this.known = !stored;
  }

  get isDirty(): boolean {
    return this.#clears || this.#replaces || this.#journal !== undefined;
  }

  /** Whether items are to be added to what nobody has looked at. */
  get addsBlindly(): boolean {
    return !this.known && this.isDirty;
  }

  /** Whether all of the content is to be written, whose size is not known then. */
  get replaces(): boolean {
    return this.#replaces;
  }

  /** Bytes that the content takes encoded, as far as it is in memory. */
  get size(): number {
    return this.#same + this.waiting;
  }

  /** Bytes that wait to be added. */
  get waiting(): number {
    return this.#journal?.length ?? 0;
  }

  /** Where items are to be appended that add to what is there. */
  journal(): ByteWriter {
    this.#items++;
    this.#journal ??= new ByteWriter(64);
    return this.#journal;
  }

  /** What was journalled since so many bytes could not be encoded after all. */
  withdraw(length: number): void {
    this.#items--;
    if (this.#journal === undefined) return;
    this.#journal.length = length;
    if (length === 0) this.#journal = undefined;
  }

  /** The whole content has been set, whatever it was. */
  replaced(): void {
    this.known = true;
    this.#replaces = true;
    this.#journal = undefined;
  }

  /** The content was changed by something that is not in the journal. */
  changed(): void {
    this.#replaces = true;
    this.#journal = undefined;
  }

  cleared(): void {
    this.known = true;
    this.#clears = this.#stored;
    this.#replaces = false;
    this.#journal = undefined;
    this.#items = 0;
    this.#same = 0;
  }

  /** All that the runner has has come: gives the content, with what is to be added to it. */
  loaded(items: StateItems, partial: Cell, data: Uint8Array): Cell {
    let count = 0;
    const seen = () => {
      count++;
    };
    let content = items.fold(undefined, new ByteReader(data), seen);
    if (partial !== undefined) content = items.merged(content, partial);
    this.#stored = count > 0;
    if (this.#journal !== undefined) content = items.fold(content, new ByteReader(this.#journal.copy()), seen);
    this.known = true;
    this.#items = count;
    this.#same = data.length;
    if (partial !== undefined || this.#isTooLong(items, content)) this.changed();
    return content;
  }

  /** Items that are to be added to a state which is read page by page. */
  pendingItems(): Uint8Array {
    return this.#journal?.copy() ?? new Uint8Array();
  }

  #isTooLong(items: StateItems, content: Cell): boolean {
    return this.#items > 2 * items.live(content) + SLACK;
  }

  /**
   * What the runner is to be told, which it then has been.
   *
   * @param content of the cell; where it is not all of the state, it is to be emptied now
   */
  takeChange(items: StateItems, content: Cell): CellChange {
    if (this.known && items.isHistory && this.isDirty && this.#isTooLong(items, content)) this.changed();
    const clear = this.#replaces ? this.known && this.#stored : this.#clears;
    let append = this.#journal?.view();
    const replaced = this.#replaces && this.known;
    if (replaced) this.#items = items.live(content);
    if (this.#replaces && content !== undefined) {
      const out = new ByteWriter(64);
      items.encode(content, out);
      append = out.view();
    }
    this.#clears = false;
    this.#replaces = false;
    this.#journal = undefined;
    const added = append?.length ?? 0;
    if (clear) this.#stored = false;
    if (added > 0) this.#stored = true;
    if (replaced) this.#same = added;
    else if (this.known) this.#same += added;
    return { clear, append: added > 0 ? append : undefined };
  }
}
