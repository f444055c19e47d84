import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { GLOBAL_WINDOW, type Window } from '../../../sdk/windows/window.ts';
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

/** The record of a group, kept while cursors move on to blocks that may come into the same memory. */
export class GroupRecord {
  #words: Int32Array = new Int32Array(16);
  #hash = 0;
  #length = 0;

  /** Takes the record at a cursor. `keyOnly`: groups with the same key and any window count as the same. */
  set(cursor: SliceCursor, keyOnly: boolean): void {
    const { words } = cursor.block;
    const length = keyOnly ? recordLength(words[cursor.record]) : cursor.recordLength;
    if (length > this.#words.length) this.#words = new Int32Array(length * 2);
    for (let i = 0; i < length; i++) this.#words[i] = words[cursor.record + i];
    this.#hash = cursor.hash;
    this.#length = length;
  }

  matches(cursor: SliceCursor): boolean {
    return cursor.is(this.#hash, this.#words, 0, this.#length);
  }

  /** A test for this record, whatever is set later. */
  test(): (cursor: SliceCursor) => boolean {
    const hash = this.#hash;
    const words = this.#words.slice(0, this.#length);
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
  readonly #record = new GroupRecord();
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
    const record = this.#record;
    record.set(first, false);
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
    const matches = record.test();
    return new LargeValues(this.#input, this.#valueCoder, starts, (cursor) => (matches(cursor) ? 'mine' : 'end'));
  }

  close(): void {
    this.#input.close();
  }
}
