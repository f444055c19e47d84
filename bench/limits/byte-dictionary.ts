/** Start value and multiplier of the FNV-1a hash; callers hash while they scan. */
export const FNV_START = 0x811c9dc5 | 0;
export const FNV_PRIME = 16777619;

/** Gives each distinct byte string a dense number from 0: open addressing over an arena of the strings. */
export class ByteDictionary {
  size = 0;
  #mask: number;
  #slots: Int32Array;
  #hashes: Int32Array;
  #offsets: Int32Array;
  #lengths: Int32Array;
  #arena = new Uint8Array(8 * 1024 * 1024);
  #used = 0;

  constructor(capacity = 1 << 18) {
    this.#mask = capacity - 1;
    this.#slots = new Int32Array(capacity).fill(-1);
    this.#hashes = new Int32Array(capacity);
    this.#offsets = new Int32Array(capacity);
    this.#lengths = new Int32Array(capacity);
  }

  /** @param hash FNV-1a of `bytes` from `start` to `end` */
  idOf(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const length = end - start;
    let slot = (hash ^ (hash >>> 15)) & this.#mask;
    for (;;) {
      const id = this.#slots[slot];
      if (id < 0) break;
      if (this.#hashes[id] === hash && this.#lengths[id] === length) {
        const offset = this.#offsets[id];
        const arena = this.#arena;
        let same = 0;
        while (same < length && arena[offset + same] === bytes[start + same]) same++;
        if (same === length) return id;
      }
      slot = (slot + 1) & this.#mask;
    }
    return this.#add(slot, bytes, start, end, hash);
  }

  #add(slot: number, bytes: Uint8Array, start: number, end: number, hash: number): number {
    const length = end - start;
    if (this.#used + length > this.#arena.length) {
      const larger = new Uint8Array(this.#arena.length * 2);
      larger.set(this.#arena);
      this.#arena = larger;
    }
    const id = this.size++;
    this.#slots[slot] = id;
    this.#hashes[id] = hash;
    this.#offsets[id] = this.#used;
    this.#lengths[id] = length;
    for (let i = start; i < end; i++) this.#arena[this.#used++] = bytes[i];
    if (this.size * 2 > this.#slots.length) this.#grow();
    return id;
  }

  #grow(): void {
    const capacity = this.#slots.length * 2;
    this.#hashes = enlarged(this.#hashes, capacity);
    this.#offsets = enlarged(this.#offsets, capacity);
    this.#lengths = enlarged(this.#lengths, capacity);
    this.#mask = capacity - 1;
    this.#slots = new Int32Array(capacity).fill(-1);
    for (let id = 0; id < this.size; id++) {
      const hash = this.#hashes[id];
      let slot = (hash ^ (hash >>> 15)) & this.#mask;
      while (this.#slots[slot] >= 0) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = id;
    }
  }
}

/** A copy with room for `length` entries. */
export function enlarged<A extends Int32Array | Float64Array>(array: A, length: number): A {
  const larger = new (array.constructor as new (length: number) => A)(length);
  larger.set(array);
  return larger;
}
