import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { StateBackend, StateLocation } from './state-backend.ts';
import type { Cell, StateCell } from './state-cells.ts';

/** Of a list whose items lie outside of its entry, but for the newest. */
export interface StoredList {
  /** The cell that the items are of. When another has taken its place, they are to be removed. */
  cell: Cell;
  readonly id: number;
  /** Where the pieces are, as far as that is known, oldest first. */
  readonly pieces: (StateLocation | undefined)[];
  /** Items in the pieces. */
  items: number;
}

/** Bytes that a list has in its entry; past them they become a piece. */
const PIECE_BYTES = 64 * 1024;

/**
 * The items of large bags and ordered lists of one stateful DoFn: a table of its own in the backend, of pieces that are written
 * once. So what a checkpoint writes grows with what was added, though an entry is written whole. Pieces go when their list is
 * cleared or its window is over.
 */
export class StoredLists {
  readonly #backend: StateBackend;
  readonly #table: string;
  readonly #blob: string;
  readonly #pieceBytes: number;
  /** Lists so far: none has the number of another, so that what was removed is not taken for new. */
  #count = 0;
  readonly #key = new ByteWriter(16);
  readonly #in = new ByteReader(new Uint8Array(0));

  /** @param transform whose state it is */
  constructor(transform: string, backend: StateBackend, pieceBytes: number = PIECE_BYTES) {
    this.#table = `lists:${transform}`;
    this.#blob = `lists/${transform}`;
    this.#backend = backend;
    this.#pieceBytes = pieceBytes;
  }

  /** Whether encoded items are too much for an entry. */
  isLarge(bytes: number): boolean {
    return bytes > this.#pieceBytes;
  }

  create(cell: Cell): StoredList {
    return { cell, id: this.#count++, pieces: [], items: 0 };
  }

  /** Stores items behind those that are stored. */
  append(list: StoredList, bytes: Uint8Array, items: number): void {
    list.pieces.push(this.#backend.write(this.#table, this.#keyOf(list, list.pieces.length), bytes, 0));
    list.items += items;
  }

  /** Adds all stored items to a cell, which becomes that of the list. */
  read(list: StoredList, kind: StateCell, cell: Cell): void {
    for (let i = 0; i < list.pieces.length; i++) {
      const bytes = this.#backend.read(this.#table, this.#keyOf(list, i));
      if (bytes === undefined) throw new Error(`Piece ${i} of list ${list.id} is missing in ${this.#table}`);
      list.pieces[i] = this.#backend.location;
      kind.decodeItems(this.#in.reset(bytes), cell);
    }
    list.cell = cell;
  }

  /** Removes what is stored. */
  remove(list: StoredList): void {
    for (let i = 0; i < list.pieces.length; i++) {
      this.#backend.delete(this.#table, this.#keyOf(list, i), list.pieces[i]);
    }
    list.pieces.length = 0;
  }

  /** Writes what `restore` needs; nothing as long as there was no list. */
  save(): void {
    if (this.#count === 0) return;
    const out = new ByteWriter(16);
    out.varint(this.#count);
    this.#backend.putBlob(this.#blob, out.view());
  }

  restore(): void {
    const bytes = this.#backend.blob(this.#blob);
    this.#count = bytes === undefined ? 0 : new ByteReader(bytes).varint();
  }

  #keyOf({ id }: StoredList, piece: number): Buffer {
    const key = this.#key;
    key.clear();
    key.varint(id);
    key.varint(piece);
    return key.view();
  }
}
