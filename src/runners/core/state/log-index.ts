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

/** Parts of the index, a power of two. One at a time grows, so that there is never twice as much as it takes. */
const PART_BITS = 6;
const PARTS = 1 << PART_BITS;
const HASH_BITS = 32 - PART_BITS;
const HASHES = 1 << HASH_BITS;
const FIRST_CAPACITY = 16;
/** A part this full grows, by this much of what it has. */
const MAX_LOAD = 0.8;
const GROWTH = 1.25;
/** As full is one that is made for a known number of keys. */
const FIRST_LOAD = 0.75;

/** A part with room for so many entries, of which so many are filled. */
export interface PartShape {
  readonly capacity: number;
  readonly size: number;
}

/** Of an empty index that need not grow for so many keys. */
export function shapeFor(keys: number): PartShape[] {
  const capacity = FIRST_CAPACITY + Math.ceil(keys / PARTS / FIRST_LOAD);
  return Array.from({ length: PARTS }, () => ({ capacity, size: 0 }));
}

/**
 * Entries whose hashes begin with the same bits: hash and address by turns, an address of 0 is a free place. An entry lies at
 * or behind its home, which is as far into the part as its hash is into all hashes: so entries lie about in the order of their
 * hashes, and growing is reading and writing in one direction.
 */
class IndexPart {
  size: number;
  places: Uint32Array<ArrayBuffer>;
  /** Places, and how many of them are filled at most. */
  #capacity: number;
  #most: number;

  constructor({ capacity, size }: PartShape) {
    this.size = size;
    this.places = new Uint32Array(capacity * 2);
    this.#capacity = capacity;
    this.#most = Math.floor(capacity * MAX_LOAD);
  }

  /** The place from which on an entry is looked for. */
  home(hash: number): number {
    return Math.floor(((hash & (HASHES - 1)) / HASHES) * this.#capacity);
  }

  next(at: number): number {
    return at + 1 === this.#capacity ? 0 : at + 1;
  }

  /** The first place from `at` on that has the hash; −1 when there is none before a free place. */
  find(hash: number, at: number): number {
    const { places } = this;
    const end = places.length;
    for (let i = at * 2; places[i + 1] !== 0; ) {
      if (places[i] === hash) return i / 2;
      i += 2;
      if (i === end) i = 0;
    }
    return -1;
  }

  insert(hash: number, address: number): void {
    if (this.size >= this.#most) this.#grow();
    this.#enter(hash, address);
    this.size++;
  }

  #enter(hash: number, address: number): void {
    const { places } = this;
    const end = places.length;
    let i = this.home(hash) * 2;
    while (places[i + 1] !== 0) {
      i += 2;
      if (i === end) i = 0;
    }
    places[i] = hash;
    places[i + 1] = address;
  }

  /** Frees a place; entries behind it move up, so that none is cut off from its home. */
  remove(place: number): void {
    const { places } = this;
    const capacity = this.#capacity;
    let free = place;
    for (let at = this.next(free); places[2 * at + 1] !== 0; at = this.next(at)) {
      const home = this.home(places[2 * at]);
      if ((at - home + capacity) % capacity < (at - free + capacity) % capacity) continue;
      places[2 * free] = places[2 * at];
      places[2 * free + 1] = places[2 * at + 1];
      free = at;
    }
    places[2 * free + 1] = 0;
    this.size--;
  }

  #grow(): void {
    const before = this.places;
    this.#capacity = Math.ceil(this.#capacity * GROWTH);
    this.#most = Math.floor(this.#capacity * MAX_LOAD);
    this.places = new Uint32Array(this.#capacity * 2);
    for (let i = 0; i < before.length; i += 2) if (before[i + 1] !== 0) this.#enter(before[i], before[i + 1]);
    // Its memory is free now, and not when the collector comes by.
    before.buffer.transfer(0);
  }
}

/**
 * Where the records of keys are: from a key's hash to addresses, 10 to 12 bytes per key. Several keys may have the same hash,
 * so whoever looks one up compares the key with the record's; an address identifies an entry exactly.
 */
export class LogIndex {
  readonly #parts: readonly IndexPart[];

  /** @param shape parts that are filled by whoever says their sizes */
  constructor(shape: readonly PartShape[] = shapeFor(0)) {
    this.#parts = shape.map((part) => new IndexPart(part));
  }

  /** What the index is made of, for a copy of it: hashes and addresses by turns. */
  get parts(): readonly { readonly size: number; readonly places: Uint32Array }[] {
    return this.#parts;
  }

  get size(): number {
    return this.#parts.reduce((sum, { size }) => sum + size, 0);
  }

  get bytes(): number {
    return this.#parts.reduce((sum, { places }) => sum + places.byteLength, 0);
  }

  /** Place of the first entry with the hash; −1 when there is none. */
  find(hash: number): number {
    const number = hash >>> HASH_BITS;
    const part = this.#parts[number];
    return placeOf(part.find(hash, part.home(hash)), number);
  }

  /** The next one behind a place. */
  findNext(hash: number, place: number): number {
    const number = hash >>> HASH_BITS;
    const part = this.#parts[number];
    return placeOf(part.find(hash, part.next(place >>> PART_BITS)), number);
  }

  addressAt(place: number): number {
    return this.#parts[place & (PARTS - 1)].places[2 * (place >>> PART_BITS) + 1];
  }

  /** Place of the entry with hash and address; −1 when there is none. */
  locate(hash: number, address: number): number {
    for (let place = this.find(hash); place >= 0; place = this.findNext(hash, place)) {
      if (this.addressAt(place) === address) return place;
    }
    return -1;
  }

  move(place: number, address: number): void {
    this.#parts[place & (PARTS - 1)].places[2 * (place >>> PART_BITS) + 1] = address;
  }

  insert(hash: number, address: number): void {
    this.#parts[hash >>> HASH_BITS].insert(hash, address);
  }

  /** Frees a place; those of other entries may change. */
  remove(place: number): void {
    this.#parts[place & (PARTS - 1)].remove(place >>> PART_BITS);
  }
}

/** A place of a part as a place of the index. */
function placeOf(at: number, part: number): number {
  return at < 0 ? -1 : (at << PART_BITS) | part;
}
