import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import type { WindowingStrategy } from '../../../sdk/windows/windowing-strategy.ts';
import { copyRecord, decodeKey, recordLength } from './group-record.ts';
import { BATCH, grown, KeyDictionary, largerTable } from './key-dictionary.ts';
import { orderRecords } from './record-order.ts';
import { WindowIds } from './window-ids.ts';
import { hasWindows } from './windowing.ts';

const FIRST_PAIRS = 1024;

/**
 * Gives each distinct (key, window) a dense slot: 0, 1, 2, … While there is only one window the slot is the key's id,
 * and the window costs one comparison per element.
 */
export class GroupTable {
  readonly #keyCoder: Coder<unknown>;
  readonly #keys: KeyDictionary;
  readonly #windows: WindowIds;
  readonly #hasWindows: boolean;
  /** The one window seen so far, until there are two. */
  #only: Window | undefined;
  #sawSecond = false;
  /** Slots are those of pairs: since the batch with the second window. */
  #hasSeveral = false;
  readonly #stagedWindows = new Int32Array(BATCH);
  /** Slots given out since there are several windows. */
  #slots = 0;
  /** Triples of key id, window id and slot plus one; slot 0 means free. */
  #pairs = new Int32Array(0);
  #mask = 0;
  /** Key and window id by slot. */
  #slotKeys = new Int32Array(0);
  #slotWindows = new Int32Array(0);

  constructor(keyCoder: Coder<unknown>, windowing: WindowingStrategy) {
    this.#keyCoder = keyCoder;
    this.#keys = new KeyDictionary(keyCoder);
    this.#windows = new WindowIds(windowing.windowFn.coder);
    this.#hasWindows = hasWindows(windowing);
  }

  /** Number of slots. */
  get size(): number {
    return this.#hasSeveral ? this.#slots : this.#keys.size;
  }

  /** Bytes of memory in use. */
  get bytes(): number {
    return this.#keys.bytes + this.#windows.dictionary.bytes + (this.#pairs.length + this.#slots * 2) * 4;
  }

  /** Whether it must be cleared before more groups are staged. */
  get isFull(): boolean {
    return this.#keys.isFull || this.#windows.dictionary.isFull;
  }

  /** Number of groups staged. */
  get staged(): number {
    return this.#keys.staged;
  }

  clear(): void {
    this.#keys.clear();
    this.#windows.clear();
    this.#only = undefined;
    this.#sawSecond = false;
    this.#hasSeveral = false;
    this.#slots = 0;
    this.#pairs = new Int32Array(0);
  }

  /** Puts a group into the batch, and says whether the batch is full and must be resolved. @throws CoderError */
  stage(key: unknown, window: Window): boolean {
    const index = this.#keys.staged;
    const isFull = this.#keys.stage(key);
    if (window !== this.#only) this.#stageWindow(index, window);
    else this.#stagedWindows[index] = 0;
    return isFull;
  }

  #stageWindow(index: number, window: Window): void {
    const id = this.#windows.idOf(window);
    this.#stagedWindows[index] = id;
    if (id > 0) this.#sawSecond = true;
    // Windows are equal by their encoding: this may be another object than the last.
    else if (!this.#sawSecond) this.#only = window;
  }

  /** Slots of the staged groups, in their order; the array is reused. */
  resolve(): Int32Array {
    const count = this.#keys.staged;
    const known = this.#keys.size;
    const slots = this.#keys.resolve();
    if (!this.#sawSecond) return slots;
    if (!this.#hasSeveral) this.#startPairs(known);
    const windows = this.#stagedWindows;
    for (let i = 0; i < count; i++) {
      const at = this.#findPair(slots[i], windows[i]);
      const slot = this.#pairs[at * 3 + 2];
      slots[i] = slot === 0 ? this.#addPair(at, slots[i], windows[i]) : slot - 1;
    }
    return slots;
  }

  /** What has been seen until now becomes pairs with window 0, slots unchanged. */
  #startPairs(known: number): void {
    this.#hasSeveral = true;
    // From now on every window is looked up.
    this.#only = undefined;
    let capacity = FIRST_PAIRS;
    while (capacity < known * 4) capacity *= 2;
    this.#pairs = new Int32Array(capacity * 3);
    this.#mask = capacity - 1;
    for (let id = 0; id < known; id++) this.#addPair(this.#findPair(id, 0), id, 0);
  }

  /** Where the pair is, or where it would go. */
  #findPair(keyId: number, windowId: number): number {
    const pairs = this.#pairs;
    const mask = this.#mask;
    let at = pairHash(keyId, windowId) & mask;
    while (pairs[at * 3 + 2] !== 0 && (pairs[at * 3] !== keyId || pairs[at * 3 + 1] !== windowId)) at = (at + 1) & mask;
    return at;
  }

  #addPair(at: number, keyId: number, windowId: number): number {
    const slot = this.#slots++;
    if (slot === this.#slotKeys.length) {
      this.#slotKeys = grown(this.#slotKeys, FIRST_PAIRS);
      this.#slotWindows = grown(this.#slotWindows, FIRST_PAIRS);
    }
    this.#slotKeys[slot] = keyId;
    this.#slotWindows[slot] = windowId;
    this.#pairs[at * 3] = keyId;
    this.#pairs[at * 3 + 1] = windowId;
    this.#pairs[at * 3 + 2] = slot + 1;
    if (this.#slots * 2 > this.#mask) this.#rehash();
    return slot;
  }

  #rehash(): void {
    const capacity = largerTable(this.#mask + 1);
    this.#pairs = new Int32Array(capacity * 3);
    this.#mask = capacity - 1;
    for (let slot = 0; slot < this.#slots; slot++) {
      const keyId = this.#slotKeys[slot];
      const windowId = this.#slotWindows[slot];
      const at = this.#findPair(keyId, windowId);
      this.#pairs[at * 3] = keyId;
      this.#pairs[at * 3 + 1] = windowId;
      this.#pairs[at * 3 + 2] = slot + 1;
    }
  }

  /** Number of a slot's key. */
  keyOf(slot: number): number {
    return this.#hasSeveral ? this.#slotKeys[slot] : slot;
  }

  /** A slot's key, as decoding gives it. */
  decodeKey(slot: number): unknown {
    const { arena, positions } = this.#keys;
    const bytes = Buffer.from(arena.buffer);
    return decodeKey(arena, positions[this.keyOf(slot)], bytes, this.#keyCoder, new ByteReader(bytes));
  }

  #windowOf(slot: number): number {
    return this.#hasSeveral ? this.#slotWindows[slot] : 0;
  }

  /**
   * Hashes of the keys, by slot. A group's hash leaves its window out, so that all windows of a key go to the same
   * partition: there they can be merged, and what keeps the key keeps the partition.
   */
  hashes(): Int32Array {
    const { hashes } = this.#keys;
    if (!this.#hasSeveral) return hashes.subarray(0, this.size);
    return this.#slotKeys.subarray(0, this.#slots).map((keyId) => hashes[keyId]);
  }

  /** Number of distinct windows. */
  get windows(): number {
    return this.#hasSeveral ? this.#windows.dictionary.size : 1;
  }

  /** The place of each slot's window among all windows in the order of their records. */
  windowRanks(): Int32Array {
    const { arena, positions, size } = this.#windows.dictionary;
    const records = new Int32Array(arena.length);
    for (let id = 0; id < size; id++) copyWindowRecord(arena, positions[id], records, positions[id]);
    const order = orderRecords(records, positions.subarray(0, size));
    const ranks = new Int32Array(size);
    for (let rank = 0; rank < size; rank++) ranks[order[rank]] = rank;
    return this.#slotWindows.subarray(0, this.#slots).map((windowId) => ranks[windowId]);
  }

  /** Words of a group's record. */
  recordLength(slot: number): number {
    const keys = this.#keys;
    const words = recordLength(keys.arena[keys.positions[this.keyOf(slot)]]);
    if (!this.#hasWindows) return words;
    const windows = this.#windows.dictionary;
    return words + recordLength(windows.arena[windows.positions[this.#windowOf(slot)]]);
  }

  /** Writes a group's record at word `at` of the target and returns where it ends. */
  writeRecord(slot: number, target: Int32Array, at: number): number {
    const keys = this.#keys;
    const end = copyRecord(keys.arena, keys.positions[this.keyOf(slot)], target, at);
    if (!this.#hasWindows) return end;
    const windows = this.#windows.dictionary;
    return copyWindowRecord(windows.arena, windows.positions[this.#windowOf(slot)], target, end);
  }
}

/** Copies a window's record into big-endian words, which order as the bytes do. */
function copyWindowRecord(source: Int32Array, from: number, target: Int32Array, at: number): number {
  const end = copyRecord(source, from, target, at);
  for (let i = at + 1; i < end; i++) target[i] = swapBytes(target[i]);
  return end;
}

function pairHash(keyId: number, windowId: number): number {
  const hash = Math.imul(keyId, 0x9e3779b1) ^ Math.imul(windowId, 0x85ebca6b);
  return hash ^ (hash >>> 16);
}

function swapBytes(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
