import { CoderError } from '../../sdk/index.ts';

/**
 * A table of a FlatBuffer, read with every offset checked. apache-arrow reads such metadata without checks, and a length
 * that was damaged can make it allocate without end; so messages from files are walked through with this first.
 */
export class FlatTable {
  readonly #bytes: Buffer;
  readonly #at: number;
  readonly #vtable: number;
  readonly #vtableSize: number;
  readonly #budget: { left: number };

  constructor(bytes: Buffer, at: number, budget: { left: number }) {
    this.#bytes = bytes;
    this.#at = at;
    // Tables may share parts; without a budget a small buffer could describe an endless tree.
    if (--budget.left < 0) throw malformed();
    this.#budget = budget;
    check(bytes, at, 4);
    this.#vtable = at - bytes.readInt32LE(at);
    check(bytes, this.#vtable, 4);
    this.#vtableSize = bytes.readUInt16LE(this.#vtable);
    check(bytes, this.#vtable, this.#vtableSize);
  }

  /** The root table of a buffer. */
  static root(bytes: Buffer): FlatTable {
    check(bytes, 0, 4);
    return new FlatTable(bytes, bytes.readUInt32LE(0), { left: bytes.length });
  }

  byte(field: number): number {
    const at = this.#field(field, 1);
    return at < 0 ? 0 : this.#bytes[at];
  }

  /** An int64 that must be a safe integer of 0 or more. */
  size(field: number): number {
    const at = this.#field(field, 8);
    return at < 0 ? 0 : sizeAt(this.#bytes, at);
  }

  table(field: number): FlatTable | undefined {
    const at = this.#offset(field);
    return at < 0 ? undefined : new FlatTable(this.#bytes, at, this.#budget);
  }

  tables(field: number): FlatTable[] {
    const { start, count } = this.vector(field, 4);
    const tables: FlatTable[] = [];
    for (let i = 0; i < count; i++) {
      const at = start + 4 * i;
      tables.push(new FlatTable(this.#bytes, at + this.#bytes.readUInt32LE(at), this.#budget));
    }
    return tables;
  }

  /** Where a vector's items begin, and how many there are; all of them lie within the buffer. */
  vector(field: number, itemBytes: number): { readonly start: number; readonly count: number } {
    const at = this.#offset(field);
    if (at < 0) return { start: 0, count: 0 };
    check(this.#bytes, at, 4);
    const count = this.#bytes.readUInt32LE(at);
    check(this.#bytes, at + 4, count * itemBytes);
    return { start: at + 4, count };
  }

  /** The bytes of the buffer, for the items of a vector. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  #offset(field: number): number {
    const at = this.#field(field, 4);
    return at < 0 ? -1 : at + this.#bytes.readUInt32LE(at);
  }

  #field(field: number, size: number): number {
    const slot = 4 + 2 * field;
    if (slot + 2 > this.#vtableSize) return -1;
    const offset = this.#bytes.readUInt16LE(this.#vtable + slot);
    if (offset === 0) return -1;
    check(this.#bytes, this.#at + offset, size);
    return this.#at + offset;
  }
}

/** A 64-bit length or offset. */
export function sizeAt(bytes: Buffer, at: number): number {
  const value = Number(bytes.readBigInt64LE(at));
  if (value < 0 || !Number.isSafeInteger(value)) throw malformed();
  return value;
}

function check(bytes: Buffer, at: number, size: number): void {
  if (!(at >= 0 && size <= bytes.length - at)) throw malformed();
}

/** The error for metadata that contradicts itself. */
export function malformed(what = 'The metadata is no FlatBuffer of the expected form'): CoderError {
  return new CoderError('ARROW_METADATA', what);
}
