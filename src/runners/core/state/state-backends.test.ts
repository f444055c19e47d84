import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { IoError } from '../../../sdk/errors.ts';
import { LogStateBackend } from './log-state-backend.ts';
import { EVENT, PROCESSING, type QueueDomain, type StateBackend, type StateLocation } from './state-backend.ts';
import { type DiskFault, StateDiskMemory } from './state-disk-memory.ts';

/** Small enough that a few hundred writes fill segments, and that cleaning has something to do. */
const LIMITS = { segment: 4096, frame: 256, slack: 2048, index: 4096 };

type Model = Map<string, string>;

interface Step {
  readonly op: 'write' | 'write' | 'delete' | 'read' | 'blob' | 'scan' | 'commit' | 'rollback' | 'reopen' | 'crash';
  readonly table: string;
  readonly key: number;
  readonly length: number;
  /** Whether the caller remembers where the key's value is. */
  readonly knows: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  op: fc.oneof(
    { weight: 12, arbitrary: fc.constant('write' as const) },
    { weight: 3, arbitrary: fc.constantFrom('delete' as const, 'read' as const, 'commit' as const) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('blob', 'scan', 'rollback', 'reopen', 'crash') as fc.Arbitrary<Step['op']>,
    },
  ),
  table: fc.constantFrom('a', 'b'),
  key: fc.integer({ min: 0, max: 12 }),
  length: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 6000 })),
  knows: fc.boolean(),
});

function keyBytes(key: number): Buffer {
  // Of many lengths; one is too long for a record's short form.
  return Buffer.from(key === 12 ? 'k'.repeat(70_000) : 'k'.repeat(key) + key);
}

/** Runs steps against a backend and a Map, and compares after each. */
class Comparison {
  backend: StateBackend;
  readonly #reopen: (() => StateBackend) | undefined;
  readonly #crash: (() => void) | undefined;
  #now: Model = new Map();
  #committed: Model = new Map();
  #locations = new Map<string, StateLocation>();
  #counter = 0;

  constructor(backend: StateBackend, reopen?: () => StateBackend, crash?: () => void) {
    this.backend = backend;
    this.#reopen = reopen;
    this.#crash = crash;
  }

  run({ op, table, key, length, knows }: Step): void {
    const { backend } = this;
    const bytes = keyBytes(key);
    const name = `${table}/${bytes}`;
    switch (op) {
      case 'write': {
        const value = `${this.#counter++}:`.padEnd(length, '.');
        const known = knows ? (this.#locations.get(name) ?? (this.#now.has(name) ? undefined : 0)) : undefined;
        this.#locations.set(name, backend.write(table, bytes, Buffer.from(value), known));
        this.#now.set(name, value);
        break;
      }
      case 'delete':
        backend.delete(table, bytes, knows ? this.#locations.get(name) : undefined);
        this.#now.delete(name);
        this.#locations.delete(name);
        break;
      case 'read':
        assert.equal(backend.read(table, bytes)?.toString(), toBuffer(this.#now.get(name))?.toString());
        assert.equal(backend.location !== 0, this.#now.has(name));
        break;
      case 'blob': {
        const value = knows ? `${this.#counter++}`.padEnd(length, '#') : undefined;
        backend.putBlob(`${key % 3}`, value === undefined ? undefined : Buffer.from(value));
        if (value === undefined) this.#now.delete(`blob/${key % 3}`);
        else this.#now.set(`blob/${key % 3}`, value);
        break;
      }
      case 'scan':
        this.compare();
        break;
      case 'commit':
        backend.commit();
        this.#committed = new Map(this.#now);
        break;
      case 'rollback':
        backend.rollback();
        this.#back();
        break;
      default:
        if (this.#reopen === undefined) break;
        if (op === 'crash') this.#crash?.();
        else backend.close();
        this.backend = this.#reopen();
        this.#back();
        this.compare();
    }
  }

  #back(): void {
    this.#now = new Map(this.#committed);
    this.#locations.clear();
  }

  compare(): void {
    const found: Model = new Map();
    for (const table of ['a', 'b']) {
      const before = found.size;
      this.backend.scan(table, (key, value) => {
        const name = `${table}/${Buffer.from(key)}`;
        assert.ok(!found.has(name), 'a key is visited once');
        found.set(name, Buffer.from(value).toString());
      });
      assert.equal(this.backend.count(table), found.size - before);
    }
    for (const name of this.backend.blobs('')) found.set(`blob/${name}`, toText(this.backend.blob(name)));
    assert.deepEqual(new Map([...found].sort()), new Map([...this.#now].sort()));
  }
}

function toBuffer(text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : Buffer.from(text);
}

function toText(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes).toString();
}

test('the log behaves like a Map with a copy to go back to, through crashes and cleaning', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 150, size: 'max' }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (steps, kept) => {
        const disk = new StateDiskMemory();
        const open = () => new LogStateBackend(disk, LIMITS);
        const comparison = new Comparison(open(), open, () => disk.crash(kept));
        for (const each of steps) comparison.run(each);
        comparison.compare();
      },
    ),
    { numRuns: 150 },
  );
});

test('after a failure of the disk at any call the last commit is there', () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }),
      fc.nat(60),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (steps, failing, done) => {
        let calls = 0;
        let armed = true;
        const fault: DiskFault = () => (armed && calls++ === failing ? { done } : undefined);
        const disk = new StateDiskMemory(fault);
        let backend: LogStateBackend | undefined;
        const states: string[] = [];
        const model = new Map<string, string>();
        try {
          backend = new LogStateBackend(disk, LIMITS);
          states.push('');
          for (const [i, { key, length, op }] of steps.entries()) {
            const value = `${i}`.padEnd(length % 300, '.');
            backend.write('t', keyBytes(key), Buffer.from(value));
            model.set(keyBytes(key).toString(), value);
            if (op !== 'commit') continue;
            // Whether it fails before or after the manifest is replaced is not known.
            states.push(describe(model));
            backend.commit();
            states.splice(0, states.length - 1);
          }
        } catch (error) {
          assert.ok(error instanceof IoError);
        }
        armed = false;
        disk.crash(done);
        const found = new Map<string, string>();
        new LogStateBackend(disk, LIMITS).scan('t', (key, value) => {
          found.set(Buffer.from(key).toString(), Buffer.from(value).toString());
        });
        assert.ok(states.length === 0 || states.includes(describe(found)));
      },
    ),
    { numRuns: 150 },
  );
});

function describe(model: ReadonlyMap<string, string>): string {
  return [...model]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key.length > 100 ? 'long' : key}=${value}`)
    .join('\n');
}

test('cleaning keeps the log within twice what is alive', () => {
  const disk = new StateDiskMemory();
  const backend = new LogStateBackend(disk, LIMITS);
  for (let i = 0; i < 200; i++) {
    for (let key = 0; key < 20; key++) backend.write('t', Buffer.from(`k${key}`), Buffer.from(`${i}`.padEnd(50)));
    backend.commit();
  }
  const { total, live, keys, indexBytes } = backend.usage;
  assert.equal(keys, 20);
  const onDisk = disk.list().reduce((sum, name) => sum + disk.size(name), 0);
  assert.ok(total <= 2 * live + LIMITS.slack + LIMITS.segment, `${total} bytes for ${live}`);
  assert.ok(onDisk < total + indexBytes + 4096, `${onDisk} bytes on disk for ${total}`);
});

test('damage is told and not read over', () => {
  const disk = new StateDiskMemory();
  const backend = new LogStateBackend(disk, LIMITS);
  for (let key = 0; key < 20; key++) backend.write('t', Buffer.from(`k${key}`), Buffer.alloc(50));
  backend.commit();
  const [segment] = disk.list().filter((name) => name.startsWith('state-'));
  for (let offset = 0; offset < disk.size(segment); offset += 37) {
    disk.damage(segment, offset);
    // What fills the header up says nothing.
    if (offset < 12 || offset >= 16) assert.throws(() => new LogStateBackend(disk, LIMITS), { code: 'STATE_CORRUPT' });
    disk.damage(segment, offset);
  }
  disk.damage('MANIFEST', 12);
  assert.throws(() => new LogStateBackend(disk, LIMITS), { code: 'STATE_CORRUPT' });
  disk.damage('MANIFEST', 12);
  disk.remove('MANIFEST');
  assert.throws(() => new LogStateBackend(disk, LIMITS), { code: 'STATE_CORRUPT' });
});

test('tables are told apart, and hashes that are equal too', () => {
  const backend = new LogStateBackend(new StateDiskMemory());
  backend.write('a', Buffer.from('k'), Buffer.from('1'));
  backend.write('b', Buffer.from('k'), Buffer.from('2'));
  assert.equal(backend.read('a', Buffer.from('k'))?.toString(), '1');
  assert.equal(backend.read('b', Buffer.from('k'))?.toString(), '2');
  assert.equal(backend.read('c', Buffer.from('k')), undefined);
  backend.delete('a', Buffer.from('k'));
  assert.equal(backend.read('a', Buffer.from('k')), undefined);
  assert.equal(backend.read('b', Buffer.from('k'))?.toString(), '2');
});

test('opening needs of the old segments no more than their beginnings, and without the copy of the index all of them', () => {
  const disk = new StateDiskMemory();
  const backend = new LogStateBackend(disk, LIMITS);
  const times = [5, 7] as const;
  for (let round = 0; round < 4; round++) {
    for (let key = 0; key < 100; key++) {
      backend.write('t', Buffer.from(`k${key}`), Buffer.from(`${round}`.padEnd(50)), undefined, times);
      backend.schedule('t', EVENT).add(Buffer.from(`k${key}`), 5);
    }
    backend.delete('t', Buffer.from('k0'));
    backend.putBlob('round', Buffer.from(`${round}`));
    backend.commit();
  }
  const contents = (opened: StateBackend) => {
    const found: string[] = [opened.blob('round')?.toString() ?? '', `${opened.count('t')}`];
    opened.scan('t', (key, value) => found.push(`${Buffer.from(key)}=${Buffer.from(value)} ${opened.times}`));
    const due = new Set<string>();
    const schedule = opened.schedule('t', EVENT);
    while (schedule.next === 5) schedule.take((key) => due.add(Buffer.from(key).toString()));
    assert.equal(schedule.next, Number.POSITIVE_INFINITY);
    return [...found, ...[...due].sort()];
  };
  const expected = contents(backend);
  assert.equal(expected.length, 2 + 99 + 99);
  const [first] = disk.list().filter((name) => name.startsWith('state-'));
  disk.damage(first, disk.size(first) - 20);
  const { live } = new LogStateBackend(disk, LIMITS).usage;
  assert.equal(live, backend.usage.live);
  disk.damage(first, disk.size(first) - 20);
  assert.deepEqual(contents(new LogStateBackend(disk, LIMITS)), expected);
  const [index] = disk.list().filter((name) => name.startsWith('index-'));
  for (const offset of [0, 20, 5000, disk.size(index) - 1]) {
    disk.damage(index, offset);
    assert.deepEqual(contents(new LogStateBackend(disk, LIMITS)), expected);
    disk.damage(index, offset);
  }
  disk.remove(index);
  assert.deepEqual(contents(new LogStateBackend(disk, LIMITS)), expected);
});

test('a record is checked when it is read', () => {
  const disk = new StateDiskMemory();
  const backend = new LogStateBackend(disk);
  backend.write('t', Buffer.from('key'), Buffer.alloc(50));
  backend.commit();
  const [segment] = disk.list().filter((name) => name.startsWith('state-'));
  disk.damage(segment, disk.size(segment) - 20);
  assert.throws(() => backend.read('t', Buffer.from('key')), { code: 'STATE_CORRUPT' });
});

test('replaying a log makes schedules of what counts, however often keys were put off', () => {
  const disk = new StateDiskMemory();
  const first = new LogStateBackend(disk, { index: 1 << 30 });
  const schedule = first.schedule('a', EVENT);
  const [value, keys] = [Buffer.from('v'), [0, 1, 2]];
  for (let time = 1; time <= 30_000; time++) {
    for (const key of keys) {
      const at = time * 10 + key;
      first.write('a', keyBytes(key), value, undefined, [at, Number.POSITIVE_INFINITY]);
      schedule.add(keyBytes(key), at);
    }
    if (time % 1000 === 0) first.commit();
  }
  const reopened = new LogStateBackend(disk, { index: 1 << 30 });
  const due = reopened.schedule('a', EVENT);
  assert.ok(reopened.memory < 1_000_000, `${reopened.memory} bytes`);
  assert.ok(due.next <= 300_000);
  const found: string[] = [];
  while (due.next <= 300_002) due.take((key) => found.push(Buffer.from(key).toString()));
  assert.deepEqual(
    found,
    keys.map((key) => keyBytes(key).toString()),
  );
});

test('schedules of several tables and both clocks are made anew together, each of its own times', () => {
  const disk = new StateDiskMemory();
  const first = new LogStateBackend(disk, { index: 1 << 30 });
  const [value, key] = [Buffer.from('v'), keyBytes(0)];
  for (let time = 1; time <= 30_000; time++) {
    first.write('a', key, value, undefined, [time, time + 1_000_000]);
    first.write('b', key, value, undefined, [time + 2_000_000, Number.POSITIVE_INFINITY]);
    if (time % 1000 === 0) first.commit();
  }
  const reopened = new LogStateBackend(disk, { index: 1 << 30 });
  const due = (table: string, domain: QueueDomain, until: number): string[] => {
    const found: string[] = [];
    const schedule = reopened.schedule(table, domain);
    while (schedule.next <= until) schedule.take((taken) => found.push(Buffer.from(taken).toString()));
    return found;
  };
  const one = [key.toString()];
  assert.deepEqual(due('a', EVENT, 29_000), []);
  assert.deepEqual(due('a', EVENT, 30_001), one);
  assert.deepEqual(due('a', PROCESSING, 1_029_000), []);
  assert.deepEqual(due('a', PROCESSING, 1_030_001), one);
  assert.deepEqual(due('b', EVENT, 2_029_000), []);
  assert.deepEqual(due('b', EVENT, 2_030_001), one);
  assert.deepEqual(due('b', PROCESSING, Number.MAX_SAFE_INTEGER), []);
});
