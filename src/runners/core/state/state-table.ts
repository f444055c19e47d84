import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { type KeyId, KeyIdentity } from './key-identity.ts';
import { KeyMap } from './key-map.ts';
import {
  EVENT,
  type KeySchedule,
  NO_TIMES,
  PROCESSING,
  type QueueDomain,
  type StateBackend,
  type StateLocation,
  type StateTimes,
} from './state-backend.ts';
import { KEPT_SHARE, LEAST_SHARE, LOOKED_AT_ONCE, MAX_ENTRY_BYTES, MAX_SCRATCH } from './table-limits.ts';
import { BEYOND, NO_ITEM, SCHEDULED, TimerQueue, UNSCHEDULED } from './timer-queue.ts';

/** How the entries of a table are kept outside of memory. */
export interface EntryCodec<E> {
  /** @param key for errors */
  encode(entry: E, out: ByteWriter, key: unknown): void;
  decode(input: ByteReader): E;
  /** About how many bytes of memory the entry takes; cheap, for it is asked after every change. */
  bytesOf(entry: E): number;
}

/** One key of a table that is in memory. Held on to only until the table is trimmed. */
export class Slot<E> {
  readonly key: unknown;
  /** @internal */
  readonly id: KeyId;
  /** Undefined when the key has no entry any more. */
  entry: E | undefined = undefined;
  /** @internal Undefined when nothing is due, as with most; else see TimerQueue. */
  due: number[] | undefined = undefined;
  /** @internal Place in the list of what is to be written; −1 when it is not there. */
  dirtyAt = -1;
  /** @internal Where the backend has a value for the key, of whatever age; undefined when that is not known. */
  location: StateLocation | undefined = 0;
  /** @internal Looked at since the last round of eviction. */
  used = true;
  /** @internal Estimate of what the entry takes. */
  bytes = 0;

  constructor(key: unknown, id: KeyId) {
    this.key = key;
    this.id = id;
  }
}

/** A slot, its place in the Map and its key, in bytes of memory. */
const SLOT_BYTES = 200;
/** Its times and its place in a queue. */
const DUE_BYTES = 130;
const NEVER = Number.POSITIVE_INFINITY;
const DOMAINS = [EVENT, PROCESSING] as const;

/** What a table is made of. */
export interface StateTableOptions<E> {
  /** Name in the backend. */
  readonly name: string;
  readonly keyCoder: Coder<unknown>;
  readonly codec: EntryCodec<E>;
  readonly backend: StateBackend;
  /** Bytes of memory that entries may take, as estimated, and this table's share of what the backend takes. */
  readonly budget: number;
  /** Tables among which the backend's memory is divided; 1 when nothing is said. */
  readonly tables?: number;
}

/**
 * The entries of one stage by key, and when something is due in them. A hit costs one look-up in a Map. What has been
 * changed goes to the backend with `flush`; past the budget, entries that were not used lately go there early, and come
 * back when they are asked for or due. Nothing stays in memory of them but what the backend needs to find them.
 */
export class StateTable<E> {
  readonly name: string;
  /** Estimate of the memory in use. */
  bytes = 0;
  readonly #codec: EntryCodec<E>;
  readonly #backend: StateBackend;
  readonly #budget: number;
  readonly #tables: number;
  /** Bytes past which entries have to go: the budget less what the backend takes. */
  #limit: number;
  readonly #keyCoder: Coder<unknown>;
  readonly #identity: KeyIdentity;
  readonly #slots = new KeyMap<Slot<E>>();
  readonly #queues: readonly [TimerQueue<E>, TimerQueue<E>] = [new TimerQueue(EVENT), new TimerQueue(PROCESSING)];
  #schedules: readonly [KeySchedule, KeySchedule];
  #dirty: Slot<E>[] = [];
  /** Keys that the backend has and that have no slot. */
  #absent = 0;
  /** The key that was looked for last and not found. */
  #missed: KeyId | undefined;
  #hand: Iterator<Slot<E>> | undefined;
  readonly #out = new ByteWriter(1024, MAX_ENTRY_BYTES);
  readonly #in = new ByteReader(new Uint8Array(0));
  readonly #keyIn = new ByteReader(new Uint8Array(0));

  constructor({ name, keyCoder, codec, backend, budget, tables = 1 }: StateTableOptions<E>) {
    this.name = name;
    this.#codec = codec;
    this.#backend = backend;
    this.#budget = budget;
    this.#tables = tables;
    this.#limit = budget;
    this.#keyCoder = keyCoder;
    this.#identity = new KeyIdentity(keyCoder);
    this.#schedules = this.#openSchedules();
  }

  #openSchedules(): [KeySchedule, KeySchedule] {
    return [this.#backend.schedule(this.name, EVENT), this.#backend.schedule(this.name, PROCESSING)];
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
    return slot.entry === undefined ? undefined : slot;
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
    this.changed(slot);
    return slot;
  }

  /** Says that the slot's entry is not what it was. */
  changed(slot: Slot<E>): void {
    this.#weigh(slot);
    slot.used = true;
    if (slot.dirtyAt < 0) slot.dirtyAt = this.#dirty.push(slot) - 1;
  }

  #weigh(slot: Slot<E>): void {
    const bytes =
      (slot.entry === undefined ? 0 : this.#codec.bytesOf(slot.entry)) + (slot.due === undefined ? 0 : DUE_BYTES);
    this.bytes += bytes - slot.bytes;
    slot.bytes = bytes;
  }

  /** Takes the slot's entry away, and what was due in it. */
  remove(slot: Slot<E>): void {
    slot.entry = undefined;
    this.#dropDue(slot);
    this.changed(slot);
    // The backend may never have heard of it.
    if (slot.location === 0) this.#forget(slot);
  }

  #dropDue(slot: Slot<E>): void {
    for (const queue of this.#queues) queue.drop(slot);
    slot.due = undefined;
  }

  #fetch(key: unknown, id: KeyId): Slot<E> | undefined {
    const value = this.#backend.read(this.name, this.#identity.bytes(key));
    if (value !== undefined) return this.#enter(key, id, value);
    this.#missed = id;
    return undefined;
  }

  /** Makes a slot for what the backend has just read. */
  #enter(key: unknown, id: KeyId, value: Uint8Array): Slot<E> {
    const { location, times } = this.#backend;
    const slot = new Slot<E>(key, id);
    slot.location = location;
    slot.entry = this.#codec.decode(this.#in.reset(value));
    const [event, processing] = times;
    if (event < NEVER || processing < NEVER) {
      const [eventItem, processingItem] = [event < NEVER ? BEYOND : NO_ITEM, processing < NEVER ? BEYOND : NO_ITEM];
      slot.due = [event, processing, eventItem, processingItem, event, processing];
    }
    this.#slots.set(id, slot);
    this.#absent--;
    this.bytes += SLOT_BYTES;
    this.#weigh(slot);
    return slot;
  }

  // Times.

  /** A time at which something may be due; Infinity when nothing is. */
  next(domain: QueueDomain): number {
    return Math.min(this.#queues[domain].next, this.#schedules[domain].next);
  }

  /** Makes sure that the slot is taken at this time or before. */
  expect(slot: Slot<E>, domain: QueueDomain, time: number): void {
    if (this.#queues[domain].expect(slot, time)) this.changed(slot);
  }

  /** Takes out the soonest slot if its time has come; it has an entry, and is to be expected anew. */
  take(domain: QueueDomain, now: number): Slot<E> | undefined {
    const [queue, schedule] = [this.#queues[domain], this.#schedules[domain]];
    for (;;) {
      const [near, beyond] = [queue.next, schedule.next];
      if (Math.min(near, beyond) > now) return undefined;
      if (near === NEVER && beyond === NEVER) return undefined;
      if (near <= beyond) {
        const slot = queue.take(now) as Slot<E>;
        this.changed(slot);
        return slot;
      }
      schedule.take((key, value) => this.#bring(domain, key, value));
    }
  }

  /** A key of the schedule is due, or was: its slot goes into the queue. */
  #bring(domain: QueueDomain, keyBytes: Uint8Array, value: Uint8Array): void {
    const key = this.#keyCoder.decode(this.#keyIn.reset(Uint8Array.prototype.slice.call(keyBytes)), false);
    const id = this.#identity.of(key);
    const slot = this.#slots.get(id) ?? this.#enter(key, id, value);
    if (slot.due === undefined) return;
    slot.due[SCHEDULED + domain] = UNSCHEDULED;
    this.#queues[domain].bring(slot);
    // It may have come before its time: the schedule has to know of it again when this is committed.
    this.changed(slot);
  }

  // Memory.

  /** Moves entries to the backend, so that the budget is kept if this is called after each change. No slot is valid afterwards. */
  trim(): void {
    if (this.bytes > this.#limit) this.#trim();
  }

  #trim(): void {
    this.#setLimit();
    const target = this.#limit * KEPT_SHARE;
    // Twice around: the first round may only take marks away.
    const most = Math.min(LOOKED_AT_ONCE, 2 * this.#slots.size + 2);
    for (let left = most; left > 0 && this.bytes > target; left--) {
      this.#hand ??= this.#slots.values();
      const { done, value: slot } = this.#hand.next();
      if (done) this.#hand = undefined;
      else if (slot.used) slot.used = false;
      else this.#evict(slot);
    }
    this.#setLimit();
  }

  #setLimit(): void {
    const own = this.#backend.memory / this.#tables;
    this.#limit = Math.max(this.#budget * LEAST_SHARE, this.#budget - own);
  }

  #evict(slot: Slot<E>): void {
    if (slot.dirtyAt >= 0) this.#write(slot);
    else this.#schedule(slot);
    if (slot.entry !== undefined) this.#absent++;
    this.#forget(slot);
  }

  #forget(slot: Slot<E>): void {
    this.#clean(slot);
    this.#dropDue(slot);
    this.#slots.delete(slot.id);
    this.bytes -= SLOT_BYTES + slot.bytes;
    slot.bytes = 0;
  }

  /** Takes the slot out of the list of what is to be written. */
  #clean(slot: Slot<E>): void {
    const at = slot.dirtyAt;
    if (at < 0) return;
    const last = this.#dirty.pop() as Slot<E>;
    if (last !== slot) {
      this.#dirty[at] = last;
      last.dirtyAt = at;
    }
    slot.dirtyAt = -1;
  }

  #write(slot: Slot<E>): void {
    this.#clean(slot);
    if (slot.entry === undefined) {
      if (slot.location !== 0) this.#backend.delete(this.name, this.#identity.bytes(slot.key), slot.location);
      slot.location = 0;
      return;
    }
    const out = this.#out;
    out.clear();
    this.#codec.encode(slot.entry, out, slot.key);
    const key = this.#identity.bytes(slot.key);
    const [event, processing] = slot.due ?? NO_TIMES;
    const times: StateTimes = slot.due === undefined ? NO_TIMES : [event, processing];
    slot.location = this.#backend.write(this.name, key, out.view(), slot.location, times);
    this.#schedule(slot);
    // One large value must not keep its memory.
    if (out.bytes.length > MAX_SCRATCH) out.bytes = Buffer.allocUnsafeSlow(1024);
  }

  /** Makes sure that the schedules know of what is due in a slot. */
  #schedule({ due, key }: Slot<E>): void {
    if (due === undefined) return;
    for (const domain of DOMAINS) {
      const time = due[domain];
      if (time === NEVER || due[SCHEDULED + domain] === time) continue;
      this.#schedules[domain].add(this.#identity.bytes(key), time);
      due[SCHEDULED + domain] = time;
    }
  }

  // Checkpoints.

  /** Writes everything that has changed to the backend; to be followed by its commit. */
  flush(): void {
    for (let slot = this.#dirty.at(-1); slot !== undefined; slot = this.#dirty.at(-1)) {
      this.#write(slot);
      if (slot.entry === undefined) this.#forget(slot);
    }
    this.#setLimit();
  }

  /** Forgets what is in memory and starts from what the backend has. */
  restore(): void {
    this.#slots.clear();
    this.#dirty = [];
    this.#hand = undefined;
    this.#missed = undefined;
    for (const queue of this.#queues) queue.clear();
    this.#schedules = this.#openSchedules();
    this.bytes = 0;
    this.#absent = this.#backend.count(this.name);
    this.#setLimit();
  }

  /** After `restore`, when what is due follows from other rules than before: visits each entry, which is expected anew. */
  reschedule(visit: (slot: Slot<E>) => void): void {
    this.#backend.scan(this.name, (keyBytes, value) => {
      const key = this.#keyCoder.decode(this.#keyIn.reset(Uint8Array.prototype.slice.call(keyBytes)), false);
      const slot = this.#enter(key, this.#identity.of(key), value);
      slot.due = undefined;
      this.changed(slot);
      visit(slot);
      this.#evict(slot);
    });
  }
}
