import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { GLOBAL_WINDOW, type Window } from '../../../sdk/windows/window.ts';
import type { GroupBlock } from './group-block.ts';
import { decodeKey, decodeWindow, recordLength } from './group-record.ts';
import { LargeValues } from './large-values.ts';
import type { MergedGroup, MergeInput } from './merge-input.ts';
import { readValues } from './read-values.ts';
import type { SliceCursor } from './slice-cursor.ts';
import { foldTimestamps } from './timestamp-fold.ts';

/** A key, a window and all their values. */
export interface ValueGroups extends MergedGroup {
  /** An array; or, when the group is large, an iterable that reads the values from the runs at each iteration. */
  readonly values: Iterable<unknown>;
}

/** The record of a group, kept while cursors move on. */
export class GroupRecord {
  readonly #block: GroupBlock;
  readonly #hash: number;
  readonly #at: number;
  readonly #length: number;

  /** @param keyOnly whether groups with the same key and any window count as the same */
  constructor(cursor: SliceCursor, keyOnly: boolean) {
    this.#block = cursor.block;
    this.#hash = cursor.hash;
    this.#at = cursor.record;
    this.#length = keyOnly ? recordLength(cursor.block.words[cursor.record]) : cursor.recordLength;
  }

  matches(cursor: SliceCursor): boolean {
    return cursor.is(this.#hash, this.#block.words, this.#at, this.#length);
  }

  /** Without the block, which large groups must not hold in memory. */
  copy(): (cursor: SliceCursor) => boolean {
    const hash = this.#hash;
    const words = this.#block.words.slice(this.#at, this.#at + this.#length);
    return (cursor) => cursor.is(hash, words, 0, words.length);
  }
}

/** Reads the key at a cursor. */
export function keyAt(cursor: SliceCursor, coder: Coder<unknown>, reader: ByteReader): unknown {
  return decodeKey(cursor.block.words, cursor.record, cursor.block.bytes, coder, reader);
}

/** Reads the window at a cursor. */
export function windowAt(cursor: SliceCursor, input: MergeInput, reader: ByteReader): Window {
  if (!input.hasWindows) return GLOBAL_WINDOW;
  const { words } = cursor.block;
  return decodeWindow(
    words,
    cursor.record + recordLength(words[cursor.record]),
    input.options.windowing.windowFn.coder,
    reader,
  );
}

/** Groups whose windows are final: the parts of a group have the same record. */
export class GroupMerge implements ValueGroups {
  key: unknown;
  window: Window = GLOBAL_WINDOW;
  timestamp = 0;
  values: Iterable<unknown> = [];
  readonly #input: MergeInput;
  readonly #valueCoder: Coder<unknown>;
  readonly #reader = new ByteReader(new Uint8Array(0));
  /** Where the group starts in each slice, as {@link LargeValues} wants it. */
  readonly #starts: Int32Array;

  constructor(input: MergeInput, valueCoder: Coder<unknown>) {
    this.#input = input;
    this.#valueCoder = valueCoder;
    this.#starts = new Int32Array(input.tree.cursors.length * 3);
  }

  next(): boolean {
    const input = this.#input;
    const { tree } = input;
    const { keyCoder, windowing } = input.options;
    let at = tree.least;
    if (at < 0) return false;
    const first = tree.cursors[at];
    const record = new GroupRecord(first, false);
    this.key = keyAt(first, keyCoder, this.#reader);
    this.window = windowAt(first, input, this.#reader);
    let stamp = first.stamp;
    let values: unknown[] | undefined = [];
    let bytes = 0;
    let starts = 0;
    let previous = -1;
    do {
      const cursor = tree.cursors[at];
      stamp = foldTimestamps(windowing.timestampCombiner, stamp, cursor.stamp);
      if (at !== previous) {
        // The parts of one slice come one after another: this is its first.
        this.#starts[starts++] = at;
        this.#starts[starts++] = cursor.blockIndex;
        this.#starts[starts++] = cursor.index;
        previous = at;
      }
      bytes += cursor.size;
      if (bytes > input.arrayBytes) values = undefined;
      if (values === undefined) cursor.skipGroup();
      else {
        readValues(cursor, this.#valueCoder, this.#reader, values);
        cursor.advance();
      }
      tree.replay();
      at = tree.least;
    } while (at >= 0 && record.matches(tree.cursors[at]));
    this.timestamp = windowing.timestampCombiner === 'endOfWindow' ? this.window.maxTimestamp : stamp;
    this.values = values ?? this.#large(this.#starts.slice(0, starts), record);
    return true;
  }

  #large(starts: Int32Array, record: GroupRecord): LargeValues {
    const matches = record.copy();
    return new LargeValues(this.#input, this.#valueCoder, starts, (cursor) => (matches(cursor) ? 'mine' : 'end'));
  }

  close(): void {
    this.#input.close();
  }
}
