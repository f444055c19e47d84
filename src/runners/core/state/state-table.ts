import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { type KeyId, KeyIdentity } from './key-identity.ts';
import type { StateBackend, StateLocation } from './state-backend.ts';

/** How the entries of a table are kept outside of memory. */
export interface EntryCodec<E> {
  encode(entry: E, out: ByteWriter): void;
  decode(input: ByteReader): E;
  /** About how many bytes of memory the entry takes; cheap, for it is asked after every change. */
  bytesOf(entry: E): number;
}

/** Times in the two domains, Infinity for none, and which item of each queue stands for the slot. */
export type SlotTimes = readonly [event: number, processing: number, eventItem: number, processingItem: number];
/** Shared by all slots that no queue holds, which are most of them. */
export const NO_TIMES: SlotTimes = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, -1, -1];

/** One key of a table. Held on to only while it is worked with, or pinned. */
export class Slot<E> {
  readonly key: unknown;
  /** @internal */
  readonly id: KeyId;
  /** Undefined when the key has no entry, or has it in the backend. */
  entry: E | undefined = undefined;
  /** Times at which queues hold the slot; see TimerQueue. */
  due: SlotTimes = NO_TIMES;
  /** @internal In the list of what is to be written. */
  dirty = false;
  /** @internal Where the backend has a value for the key, of whatever age; undefined when that is not known. */
  location: StateLocation | undefined = 0;
  /** @internal The entry is in the backend and not here. */
  away = false;
  /** @internal Looked at since the last round of eviction. */
  used = true;
  /** @internal Estimate of what the entry takes. */
  bytes = 0;

  constructor(key: unknown, id: KeyId) {
    this.key = key;
    this.id = id;
  }

  /** @internal Whether a queue holds the slot. */
  get pinned(): boolean {
    return this.due !== NO_TIMES;
  }
}

/** A slot, its place in the Map and its key, in bytes of memory. */
const SLOT_BYTES = 200;
/** Share of the budget that stays after an eviction, so that they are not one by one. */
const KEPT = 0.95;
const MAX_ENTRY_BYTES = 0x7fffffff;

/** What a table is made of. */
export interface StateTableOptions<E> {
  /** Name in the backend. */
  readonly name: string;
  readonly keyCoder: Coder<unknown>;
  readonly codec: EntryCodec<E>;
  readonly backend: StateBackend;
  /** Bytes of memory that entries may take, as estimated. */
  readonly budget: number;
}

/**
 * The entries of one stage by key. A hit costs one look-up in a Map. What has been changed goes to the backend with
 * `flush`; past the budget, entries that were not used lately go there early and come back when they are asked for.
 */
export class StateTable<E> {
  readonly name: string;
  /** Estimate of the memory in use. */
  bytes = 0;
  readonly #codec: EntryCodec<E>;
  readonly #backend: StateBackend;
  readonly #budget: number;
  readonly #keyCoder: Coder<unknown>;
  readonly #identity: KeyIdentity;
  readonly #slots = new Map<KeyId, Slot<E>>();
  #dirty: Slot<E>[] = [];
  #dirtyCount = 0;
  /** Keys that the backend has and that have no slot. */
  #absent = 0;
  /** The key that was looked for last and not found. */
  #missed: KeyId | undefined;
  #hand: Iterator<Slot<E>> | undefined;
  readonly #out = new ByteWriter(1024, MAX_ENTRY_BYTES);
  readonly #in = new ByteReader(new Uint8Array(0));

  constructor({ name, keyCoder, codec, backend, budget }: StateTableOptions<E>) {
    this.name = name;
    this.#codec = codec;
    this.#backend = backend;
    this.#budget = budget;
    this.#keyCoder = keyCoder;
    this.#identity = new KeyIdentity(keyCoder);
  }

  /** Slots in memory. */
  get slots(): number {
    return this.#slots.size;
  }

  /** Keys, in memory or not; those that are about to go may count as well. */
  get keys(): number {
    return this.#slots.size + this.#absent;
  }

  /** Keys in the backend: all that have an entry, when everything has been flushed. */
  get storedKeys(): number {
    return this.#backend.count(this.name);
  }

  /** The key's slot, which has an entry; undefined when the key has none. */
  find(key: unknown): Slot<E> | undefined {
    const id = this.#identity.of(key);
    const slot = this.#slots.get(id);
    if (slot === undefined) return this.#absent === 0 ? undefined : this.#fetch(key, id);
    slot.used = true;
    if (slot.entry !== undefined) return slot;
    return slot.away ? this.load(slot) : undefined;
  }

  /** Gives a key without an entry one; it counts as changed. */
  add(key: unknown, entry: E): Slot<E> {
    const id = this.#identity.of(key);
    let slot = this.#slots.get(id);
    if (slot === undefined) {
      slot = new Slot<E>(key, id);
      this.#slots.set(id, slot);
      this.bytes += SLOT_BYTES;
      // Whoever has looked for the key right before knows that the backend has none.
      slot.location = this.#absent === 0 || this.#missed === id ? 0 : undefined;
      this.#missed = undefined;
    }
    slot.entry = entry;
    slot.away = false;
    this.changed(slot);
    return slot;
  }

  /** Says that the slot's entry is not what it was. */
  changed(slot: Slot<E>): void {
    const bytes = slot.entry === undefined ? 0 : this.#codec.bytesOf(slot.entry);
    this.bytes += bytes - slot.bytes;
    slot.bytes = bytes;
    slot.used = true;
    if (slot.dirty) return;
    slot.dirty = true;
    this.#dirtyCount++;
    // Entries that were moved out early leave their slots in the list.
    if (this.#dirty.length > 1024 + 2 * this.#dirtyCount)
      this.#dirty = [...new Set(this.#dirty)].filter((each) => each.dirty);
    this.#dirty.push(slot);
  }

  /** Takes the slot's entry away. */
  remove(slot: Slot<E>): void {
    slot.entry = undefined;
    slot.away = false;
    this.changed(slot);
    if (slot.location !== 0 || slot.pinned) return;
    // The backend never heard of it.
    slot.dirty = false;
    this.#dirtyCount--;
    this.#forget(slot);
  }

  /** Brings the entry of a pinned slot back. */
  load(slot: Slot<E>): Slot<E> {
    const value = this.#backend.read(this.name, this.#identity.bytes(slot.key));
    if (value === undefined) throw new Error(`The entry of a key of '${this.name}' is neither in memory nor stored`);
    slot.location = this.#backend.location;
    slot.entry = this.#codec.decode(this.#in.reset(value));
    slot.away = false;
    slot.used = true;
    slot.bytes = this.#codec.bytesOf(slot.entry);
    this.bytes += slot.bytes;
    return slot;
  }

  #fetch(key: unknown, id: KeyId): Slot<E> | undefined {
    const value = this.#backend.read(this.name, this.#identity.bytes(key));
    if (value === undefined) {
      this.#missed = id;
      return undefined;
    }
    const slot = this.#enter(new Slot<E>(key, id));
    slot.location = this.#backend.location;
    slot.entry = this.#codec.decode(this.#in.reset(value));
    slot.bytes = this.#codec.bytesOf(slot.entry);
    this.bytes += slot.bytes;
    return slot;
  }

  /** A slot for a key that the backend has. */
  #enter(slot: Slot<E>): Slot<E> {
    this.#slots.set(slot.id, slot);
    slot.location = undefined;
    this.#absent--;
    this.bytes += SLOT_BYTES;
    return slot;
  }

  /** Moves entries to the backend until the budget is kept. No slot but pinned ones is valid afterwards. */
  trim(): void {
    if (this.bytes <= this.#budget) return;
    const target = this.#budget * KEPT;
    // Twice around: the first round may only take marks away.
    for (let left = 2 * this.#slots.size + 2; left > 0 && this.bytes > target; left--) {
      this.#hand ??= this.#slots.values();
      const { done, value: slot } = this.#hand.next();
      if (done) this.#hand = undefined;
      else if (slot.used) slot.used = false;
      else this.#evict(slot);
    }
  }

  #evict(slot: Slot<E>): void {
    if (slot.entry === undefined) {
      // A removed key stays until the backend knows about it.
      if (!slot.dirty && !slot.away && !slot.pinned) this.#forget(slot);
      return;
    }
    if (slot.dirty) this.#write(slot);
    slot.entry = undefined;
    slot.away = true;
    this.bytes -= slot.bytes;
    slot.bytes = 0;
    if (!slot.pinned) this.#forget(slot);
  }

  #forget(slot: Slot<E>): void {
    if (this.#slots.get(slot.id) !== slot) return;
    this.#slots.delete(slot.id);
    this.bytes -= SLOT_BYTES + slot.bytes;
    slot.bytes = 0;
    if (slot.away) this.#absent++;
  }

  /** A queue does not hold the slot any more. */
  unpinned(slot: Slot<E>): void {
    if (!slot.pinned && slot.entry === undefined && (slot.away || slot.location === 0)) this.#forget(slot);
  }

  #write(slot: Slot<E>): void {
    slot.dirty = false;
    this.#dirtyCount--;
    if (slot.entry === undefined) {
      if (slot.location !== 0) this.#backend.delete(this.name, this.#identity.bytes(slot.key), slot.location);
      slot.location = 0;
      return;
    }
    this.#out.clear();
    this.#codec.encode(slot.entry, this.#out);
    slot.location = this.#backend.write(this.name, this.#identity.bytes(slot.key), this.#out.view(), slot.location);
  }

  /** Writes everything that has changed to the backend; to be followed by its commit. */
  flush(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const slot of dirty) {
      if (slot.dirty) this.#write(slot);
      if (slot.entry === undefined && !slot.away && !slot.pinned) this.#forget(slot);
    }
  }

  /**
   * Forgets what is in memory and starts from what the backend has. `visit` sees each entry, and may keep the slot that
   * `pin` makes for it.
   */
  restore(visit?: (entry: E, pin: () => Slot<E>) => void): void {
    this.#slots.clear();
    this.#dirty = [];
    this.#dirtyCount = 0;
    this.#hand = undefined;
    this.bytes = 0;
    this.#absent = 0;
    this.#absent = this.#backend.count(this.name);
    if (visit === undefined) return;
    const keys = new ByteReader(new Uint8Array(0));
    this.#backend.scan(this.name, (keyBytes, value) => {
      visit(this.#codec.decode(this.#in.reset(value)), () => {
        const key = this.#keyCoder.decode(keys.reset(Uint8Array.prototype.slice.call(keyBytes)), false);
        const slot = this.#enter(new Slot<E>(key, this.#identity.of(key)));
        slot.away = true;
        return slot;
      });
    });
  }
}
