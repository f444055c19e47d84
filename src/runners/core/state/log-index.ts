/** Hash of a key of a table. */
export function hashKey(table: number, key: Uint8Array, start = 0, end: number = key.length): number {
  let hash = Math.imul(table + 0x2545f491, 0x9e3779b1) ^ (end - start);
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word = key[at] | (key[at + 1] << 8) | (key[at + 2] << 16) | (key[at + 3] << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  let word = 0;
  for (let shift = 0; at < end; at++, shift += 8) word |= key[at] << shift;
  hash = Math.imul(hash ^ word, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * Where the records of keys are: from a key's hash to addresses, 8 bytes per place in the table. Several keys may have the
 * same hash, so whoever looks one up compares the key with the record's; an address identifies an entry exactly.
 */
export class LogIndex {
  size = 0;
  #hashes: Uint32Array;
  /** 0 is a free place. */
  #addresses: Uint32Array;
  #mask: number;

  /** @param keys for which there is room without growing */
  constructor(keys = 0) {
    let capacity = 1024;
    while (capacity * 2 < keys * 3) capacity *= 2;
    this.#hashes = new Uint32Array(capacity);
    this.#addresses = new Uint32Array(capacity);
    this.#mask = capacity - 1;
  }

  /** What the index is made of, for a copy of it. */
  get columns(): { readonly hashes: Uint32Array; readonly addresses: Uint32Array } {
    return { hashes: this.#hashes, addresses: this.#addresses };
  }

  /** An empty index of a size, whose columns are then filled. */
  static ofCapacity(capacity: number, size: number): LogIndex {
    const index = new LogIndex();
    index.#hashes = new Uint32Array(capacity);
    index.#addresses = new Uint32Array(capacity);
    index.#mask = capacity - 1;
    index.size = size;
    return index;
  }

  get bytes(): number {
    return (this.#mask + 1) * 8;
  }

  /** Place of the first entry with the hash, from a place on; −1 when there is none. */
  find(hash: number, from = -1): number {
    const mask = this.#mask;
    let at = from < 0 ? hash & mask : (from + 1) & mask;
    while (this.#addresses[at] !== 0) {
      if (this.#hashes[at] === hash) return at;
      at = (at + 1) & mask;
    }
    return -1;
  }

  addressAt(place: number): number {
    return this.#addresses[place];
  }

  /** Place of the entry with hash and address; −1 when there is none. */
  locate(hash: number, address: number): number {
    for (let at = this.find(hash); at >= 0; at = this.find(hash, at)) if (this.#addresses[at] === address) return at;
    return -1;
  }

  move(place: number, address: number): void {
    this.#addresses[place] = address;
  }

  insert(hash: number, address: number): void {
    if ((this.size + 1) * 3 > (this.#mask + 1) * 2) this.#grow();
    this.#enter(hash, address);
    this.size++;
  }

  #enter(hash: number, address: number): void {
    const mask = this.#mask;
    let at = hash & mask;
    while (this.#addresses[at] !== 0) at = (at + 1) & mask;
    this.#hashes[at] = hash;
    this.#addresses[at] = address;
  }

  /** Frees a place; entries behind it move up, so that none is cut off from where its hash points. */
  remove(place: number): void {
    const mask = this.#mask;
    let free = place;
    for (let at = (free + 1) & mask; this.#addresses[at] !== 0; at = (at + 1) & mask) {
      const home = this.#hashes[at] & mask;
      if (((at - home) & mask) < ((at - free) & mask)) continue;
      this.#hashes[free] = this.#hashes[at];
      this.#addresses[free] = this.#addresses[at];
      free = at;
    }
    this.#addresses[free] = 0;
    this.size--;
  }

  #grow(): void {
    const [hashes, addresses] = [this.#hashes, this.#addresses];
    const capacity = (this.#mask + 1) * 2;
    this.#hashes = new Uint32Array(capacity);
    this.#addresses = new Uint32Array(capacity);
    this.#mask = capacity - 1;
    for (let at = 0; at < addresses.length; at++) if (addresses[at] !== 0) this.#enter(hashes[at], addresses[at]);
  }
}
