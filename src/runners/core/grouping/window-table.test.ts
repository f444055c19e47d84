import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { intervalWindowCoder } from '../../../sdk/coders/window-coders.ts';
import { coders } from '../../../sdk/index.ts';
import { MAX_TIMESTAMP, timestamp } from '../../../sdk/windows/timestamp.ts';
import { IntervalWindow, type Window } from '../../../sdk/windows/window.ts';
import { LogStateBackend } from '../state/log-state-backend.ts';
import { StateDiskMemory } from '../state/state-disk-memory.ts';
import type { EntryCodec } from '../state/state-table.ts';
import { WindowTable } from './window-table.ts';

const LIMITS = { segment: 4096, frame: 256, slack: 2048, index: 2048 };

const codec: EntryCodec<string> = {
  encode: (text, out) => out.string(text),
  decode: (input) => input.string(),
  bytesOf: (text) => text.length,
};

/** A table on a disk, with what a unit does around it. */
class Tried {
  readonly #disk = new StateDiskMemory();
  readonly #budget: number;
  #backend = new LogStateBackend(this.#disk, LIMITS);
  #saved: Uint8Array | undefined;
  table: WindowTable<string>;

  constructor(budget: number) {
    this.#budget = budget;
    this.table = this.#make();
  }

  #make(): WindowTable<string> {
    return new WindowTable({
      name: 't',
      keyCoder: coders.key as Coder<unknown>,
      windowCoder: intervalWindowCoder as unknown as Coder<Window>,
      codec,
      empty: '',
      backend: this.#backend,
      budget: this.#budget,
    });
  }

  append(window: Window, key: number, text: string): string {
    const open = this.table.open(window);
    const entry = this.table.entry(open, key);
    entry.value += text;
    this.table.changed(open, entry);
    return entry.value;
  }

  /** What the windows have that end before a time. */
  advance(watermark: number): string[] {
    const given: string[] = [];
    const give = (window: Window, key: unknown, text: string) => given.push(`${nameOf(window, key)} ${text}`);
    while (this.table.firstEnd < watermark) {
      // What is trimmed when all is in memory comes in the next round.
      while (this.table.takeStored(watermark, give)) this.table.trim();
      if (given.length % 2 === 0) this.table.trim();
      for (let open = this.table.take(watermark); open !== undefined; open = this.table.take(watermark)) {
        for (const { key, value } of open.entries.values()) give(open.window, key, value);
        this.table.close(open);
      }
    }
    return given.sort();
  }

  commit(): void {
    const out = new ByteWriter();
    this.table.save(out);
    this.#saved = out.copy();
    this.#backend.commit();
  }

  /** Another process goes on from the last commit. */
  reopen(): void {
    this.#backend = new LogStateBackend(this.#disk, LIMITS);
    this.table = this.#make();
    if (this.#saved !== undefined) this.table.restore(new ByteReader(this.#saved));
  }
}

/** Two windows each end at the same time. */
const windowAt = (number: number) =>
  new IntervalWindow(timestamp(number * 5), timestamp(Math.floor(number / 2) * 10 + 10));

const nameOf = (window: Window, key: unknown) => `${window.maxTimestamp}/${(window as IntervalWindow).start}/${key}`;

test('a table of windows is a Map of Maps, each given once when its window ends, whatever part of it is in memory', () => {
  const step = fc.record({
    op: fc.constantFrom('add', 'add', 'add', 'add', 'trim', 'commit', 'reopen', 'advance'),
    window: fc.nat(5),
    key: fc.nat(8),
    by: fc.integer({ min: 1, max: 12 }),
  });
  const budgets = fc.constantFrom(0, 3000, 1e9);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), budgets, (steps, budget) => {
      const tried = new Tried(budget);
      type Model = { readonly watermark: number; readonly texts: ReadonlyMap<string, string> };
      let model: Model = { watermark: 0, texts: new Map() };
      let committed = model;
      const advance = (to: number) => {
        const due = ([name]: readonly [string, string]) => Number(name.split('/')[0]) < to;
        const all = [...model.texts];
        const expected = all.filter(due).map(([name, text]) => `${name} ${text}`);
        assert.deepEqual(tried.advance(to), expected.sort());
        model = { watermark: to, texts: new Map(all.filter((entry) => !due(entry))) };
      };
      steps.forEach(({ op, window: number, key, by }, i) => {
        const { watermark, texts } = model;
        const window = windowAt(number + 1 + Math.floor(watermark / 5));
        if (op === 'add' && window.maxTimestamp >= watermark) {
          const name = nameOf(window, key);
          const text = `${texts.get(name) ?? ''}${i},`;
          assert.equal(tried.append(window, key, `${i},`), text);
          model = { watermark, texts: new Map(texts).set(name, text) };
        } else if (op === 'trim') tried.table.trim();
        else if (op === 'advance') advance(watermark + by);
        else if (op === 'commit') {
          tried.commit();
          assert.equal(tried.table.stored, texts.size);
          committed = model;
        } else if (op === 'reopen') {
          tried.reopen();
          model = committed;
        }
        const { table } = tried;
        assert.equal(table.size, model.texts.size);
        const ends = Array.from(model.texts.keys(), (name) => Number(name.split('/')[0]));
        assert.equal(table.firstEnd, Math.min(MAX_TIMESTAMP, ...ends));
        assert.ok(table.bytes >= 0);
        if (budget !== 0) return;
        table.trim();
        assert.equal(table.bytes, 0);
      });
      advance(MAX_TIMESTAMP);
      assert.equal(tried.table.size, 0);
      tried.commit();
      assert.equal(tried.table.stored, 0);
      assert.equal(tried.table.bytes, 0);
    }),
    { numRuns: 300 },
  );
});
