import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { encodeToBytes } from '../../../sdk/coders/coder.ts';
import { coders } from '../../../sdk/index.ts';
import { MAX_TIMESTAMP } from '../../../sdk/windows/timestamp.ts';
import { HoldSet } from './hold-set.ts';
import { KeyIdentity } from './key-identity.ts';
import { LogStateBackend } from './log-state-backend.ts';
import { EVENT, PROCESSING } from './state-backend.ts';
import { StateDiskMemory } from './state-disk-memory.ts';
import { type EntryCodec, Slot, StateTable } from './state-table.ts';
import { TimerQueue } from './timer-queue.ts';

const NEVER = Number.POSITIVE_INFINITY;

const codec: EntryCodec<{ text: string }> = {
  encode: ({ text }, out) => out.string(text),
  decode: (input) => ({ text: input.string() }),
  bytesOf: ({ text }) => text.length,
};

type Table = StateTable<{ text: string }>;

test('a table is a Map, and gives what is due soonest first, whatever part of it is in memory', () => {
  const step = fc.record({
    key: fc.nat(20),
    op: fc.constantFrom('write', 'write', 'write', 'remove', 'read', 'trim', 'flush', 'commit', 'reopen', 'take'),
    domain: fc.constantFrom(EVENT, PROCESSING),
    time: fc.nat(40),
  });
  const limits = { segment: 4096, frame: 256, slack: 2048, index: 2048 };
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150, size: 'max' }), fc.constantFrom(0, 2000, 1e9), (steps, budget) => {
      const disk = new StateDiskMemory();
      let backend = new LogStateBackend(disk, limits);
      const make = (): Table =>
        new StateTable({ name: 't', keyCoder: coders.key as Coder<unknown>, codec, backend, budget });
      let table = make();
      /** Text, and when it is due by domain. */
      const model = new Map<number, { text: string; due: [number, number] }>();
      let counter = 0;
      const least = (domain: 0 | 1) => Math.min(NEVER, ...Array.from(model.values(), ({ due }) => due[domain]));
      const takeFrom = (domain: 0 | 1, now: number): boolean => {
        const soonest = least(domain);
        assert.ok(table.next(domain) <= soonest);
        const slot = table.take(domain, now);
        if (soonest > now || soonest === NEVER) assert.equal(slot, undefined);
        if (slot === undefined) return false;
        const known = model.get(slot.key as number);
        assert.equal(slot.entry?.text, known?.text);
        assert.equal(known?.due[domain], soonest);
        if (known !== undefined) known.due[domain] = NEVER;
        return true;
      };
      for (const { key, op, domain, time } of steps) {
        const slot = table.find(key);
        assert.equal(slot?.entry?.text, model.get(key)?.text);
        if (op === 'write') {
          const text = `${counter++}`;
          const due = model.get(key)?.due ?? [NEVER, NEVER];
          // Only an earlier time counts.
          if (time > 10) due[domain] = Math.min(due[domain], time);
          model.set(key, { text, due });
          const changed = slot ?? table.add(key, { text });
          changed.entry = { text };
          if (time > 10) table.expect(changed, domain, time);
          table.changed(changed);
        } else if (op === 'remove' && slot !== undefined) {
          table.remove(slot);
          model.delete(key);
        } else if (op === 'trim') table.trim();
        else if (op === 'flush') table.flush();
        else if (op === 'take') takeFrom(domain, time);
        else if (op === 'commit' || op === 'reopen') {
          table.flush();
          backend.commit();
          if (op === 'commit') continue;
          backend = new LogStateBackend(disk, limits);
          table = make();
          table.restore();
        }
        assert.ok(table.keys >= model.size);
        assert.ok(table.bytes >= 0);
        if (budget !== 0) continue;
        table.trim();
        assert.equal(table.slots, 0);
        assert.equal(table.bytes, 0);
      }
      for (const domain of [EVENT, PROCESSING] as const) while (takeFrom(domain, NEVER));
      table.flush();
      const stored = new Map<number, string>();
      backend.scan('t', (key, value) => stored.set(key[0], Buffer.from(value).subarray(1).toString()));
      const expected = Array.from(model, ([key, { text }]) => [key, text] as const);
      assert.deepEqual(new Map([...stored].sort()), new Map(expected.sort()));
      assert.ok(table.slots <= model.size);
    }),
    { numRuns: 100 },
  );
});

test('ids tell keys apart exactly as their encodings do', () => {
  const key: fc.Arbitrary<unknown> = fc.oneof(
    fc.constantFrom(
      '',
      '\0',
      '\0\0',
      'a',
      'é',
      0,
      -0,
      1,
      1n,
      0n,
      true,
      false,
      null,
      Number.NaN,
      1.5,
      2 ** 60,
      2n ** 60n,
    ),
    fc.string({ unit: 'grapheme' }),
    fc.double(),
    fc.bigInt(),
    fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 2 }),
    fc.uint8Array({ maxLength: 3 }),
  );
  const check = (coder: Coder<unknown>, values: fc.Arbitrary<unknown>) => {
    const identity = new KeyIdentity(coder);
    fc.assert(
      fc.property(values, values, (a, b) => {
        const same = Buffer.compare(encodeToBytes(coder, a), encodeToBytes(coder, b)) === 0;
        assert.equal(new Set([identity.of(a), identity.of(b)]).size === 1, same);
      }),
      { numRuns: 500 },
    );
  };
  check(coders.key as Coder<unknown>, key);
  check(coders.string as Coder<unknown>, fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('\0', '')));
  check(coders.double as Coder<unknown>, fc.oneof(fc.double(), fc.constantFrom(0, -0)));
  check(coders.int64 as Coder<unknown>, fc.oneof(fc.bigInt(-5n, 5n), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)));
  check(coders.safeInt as Coder<unknown>, fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, -0)));
  check(coders.boolean as Coder<unknown>, fc.boolean());
});

test('keys that the coder refuses are refused', () => {
  const refused = (coder: Coder<unknown>, key: unknown) => {
    assert.throws(() => new KeyIdentity(coder).of(key), { name: 'CoderError' });
  };
  refused(coders.key as Coder<unknown>, '\ud800');
  refused(coders.key as Coder<unknown>, { a: 1 });
  refused(coders.string as Coder<unknown>, 5);
  refused(coders.safeInt as Coder<unknown>, 1.5);
  refused(coders.int64 as Coder<unknown>, 2n ** 63n);
});

test('a hold set gives the least of what was added and not removed', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(30)), { maxLength: 300, size: 'max' }), (steps) => {
      const holds = new HoldSet();
      const model: number[] = [];
      for (const [adds, pick] of steps) {
        if (adds || model.length === 0) {
          holds.add(pick);
          model.push(pick);
        } else holds.remove(model.splice(pick % model.length, 1)[0]);
        assert.equal(holds.least, Math.min(MAX_TIMESTAMP, ...model));
        assert.equal(holds.size, new Set(model).size);
      }
    }),
  );
});

test('a queue gives slots soonest first, equal ones as they came, each once', () => {
  const step = fc.record({ slot: fc.nat(9), time: fc.nat(20), takes: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 300, size: 'max' }),
      fc.constantFrom(EVENT, PROCESSING),
      (steps, domain) => {
        const queue = new TimerQueue<unknown>(domain);
        const slots = Array.from({ length: 10 }, (_, i) => new Slot<unknown>(i, i));
        let model: { slot: Slot<unknown>; time: number }[] = [];
        for (const { slot, time, takes } of steps) {
          if (takes) {
            const [first] = model.filter((each) => each.time <= time).sort((a, b) => a.time - b.time);
            model = model.filter((each) => each !== first);
            assert.equal(queue.take(time), first?.slot);
          } else {
            const known = model.find((each) => each.slot === slots[slot]);
            // Only an earlier time counts, and goes behind those of the same time.
            if (known === undefined || time < known.time) {
              model = model.filter((each) => each !== known);
              model.push({ slot: slots[slot], time });
            }
            queue.expect(slots[slot], time);
          }
          assert.equal(queue.size, model.length);
          assert.equal(queue.next, Math.min(Number.POSITIVE_INFINITY, ...model.map((each) => each.time)));
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('a key that its schedule brought too early is still due after a restart', () => {
  const disk = new StateDiskMemory();
  const limits = { segment: 1 << 20, frame: 4096, slack: 1 << 20, index: 1024 };
  const backend = new LogStateBackend(disk, limits);
  const open = (from: LogStateBackend): Table => {
    const opened = new StateTable({
      name: 't',
      keyCoder: coders.key as Coder<unknown>,
      codec,
      backend: from,
      budget: 1e9,
    });
    opened.restore();
    return opened;
  };
  const table = open(backend);
  const commit = () => {
    table.flush();
    backend.commit();
  };
  table.expect(table.add('late', { text: 'x' }), EVENT, 1003);
  commit();
  table.restore();
  // More times than a schedule tells apart: those close to each other come out together.
  for (let i = 0; i < 65_538; i++) backend.schedule('t', EVENT).add(Buffer.from(`${i}`), 1000 + i);
  assert.equal(table.take(EVENT, 1001), undefined);
  assert.equal(table.slots, 1, 'the key must have been brought');
  // So much that the index is copied.
  for (let i = 0; i < 20_000; i++) backend.write('other', Buffer.from(`${i}`), Buffer.alloc(50));
  commit();
  assert.ok(disk.list().some((name) => name.startsWith('index-')));
  assert.equal(open(new LogStateBackend(disk, limits)).take(EVENT, 1003)?.key, 'late');
});
