/** Entries of a group, each exactly once with regard to checkpoints, whatever happens in between. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FakeRedis, type Fault } from '../../../test/support/fake-redis.ts';
import { restrictionContext } from '../../../test/support/restriction-context.ts';
import { ByteReader } from '../../sdk/coders/byte-reader.ts';
import { ByteWriter } from '../../sdk/coders/byte-writer.ts';
import type { Batch, Resume, TimestampedBatch } from '../../sdk/index.ts';
import { unpackIds } from './packed-ids.ts';
import type { RawRedisEntry } from './stream-entry.ts';
import { type RedisSourceSettings, streamSource } from './stream-source.ts';

const STREAM = 's';
const FAULTS: readonly Fault[] = ['lostCommand', 'lostAnswer'];
type Source = ReturnType<typeof streamSource<number>>;
type Progress = Parameters<Source['restriction']['tracker']>[0];
type Call = {
  readonly tracker: ReturnType<Source['restriction']['tracker']>;
  readonly batches: AsyncIterator<Batch<number>, Resume | void>;
};

const settingsOf = (consumer: string, group = 'g'): RedisSourceSettings<number> => ({
  connection: {},
  start: 'earliest',
  end: undefined,
  group: { name: group, consumer },
  decode: ({ fields }: RawRedisEntry) => Number(fields[0][1]),
  timestampOf: undefined,
  maxDelayMillis: 0,
  interval: '1ms',
  batchSize: 3,
  retryForMillis: 0,
  coder: undefined,
});

/** A pipeline that reads as a consumer: it processes batches, commits what it has processed, and crashes. */
class Consumer {
  readonly name: string;
  /** What no crash can undo: elements, and the restriction behind them. */
  readonly durable: number[] = [];
  checkpoint: Uint8Array | undefined;
  readonly #server: FakeRedis;
  #source: Source | undefined;
  #rest: Progress | undefined;
  #call: Call | undefined;
  #processed: number[] = [];
  #callbacks: (() => void | Promise<void>)[] = [];

  readonly #settings: RedisSourceSettings<number>;

  constructor(server: FakeRedis, name: string, group?: string) {
    this.#server = server;
    this.name = name;
    this.#settings = settingsOf(name, group);
  }

  get isRunning(): boolean {
    return this.#source !== undefined;
  }

  /** Asks for one batch. False when there is none. */
  async step(): Promise<boolean> {
    try {
      this.#call ??= await this.#open();
      return this.#take(this.#call, await this.#call.batches.next());
    } catch {
      this.crash();
      return true;
    }
  }

  /**
   * @param dies before this one of the functions that are told of the commit
   * @param tells them at all
   */
  async commit(dies = Number.POSITIVE_INFINITY, tells = true): Promise<void> {
    const call = this.#call;
    try {
      if (call !== undefined) {
        this.#rest = call.tracker.trySplit(0)?.residual;
        while (this.#call !== undefined) this.#take(call, await call.batches.next());
      }
      if (this.#rest === undefined) return;
      this.checkpoint = this.encode(this.#rest);
      this.durable.push(...this.#processed.splice(0));
      for (const [i, callback] of this.#callbacks.splice(0).entries()) {
        if (!tells) continue;
        if (i === dies) return this.crash();
        await callback();
      }
    } catch {
      this.crash();
    }
  }

  /** The process ends. */
  crash(): void {
    this.#source = undefined;
    this.goBack();
  }

  /** The same process goes on from its checkpoint: some runners give a call that failed to the worker once more. */
  goBack(): void {
    this.#rest = undefined;
    this.#call = undefined;
    this.#processed = [];
    this.#callbacks = [];
  }

  encode(rest: Progress): Uint8Array {
    const out = new ByteWriter(64);
    this.#coder.encode(rest, out, true);
    return out.copy();
  }

  /** As a stream on the DirectRunner does that fails. */
  async rollBack(): Promise<void> {
    await this.#source?.teardown?.();
    this.goBack();
  }

  /** What the checkpoint remembers to have been taken. */
  get remembered(): readonly string[] {
    const { taken } = this.#restored.at;
    return unpackIds(taken?.ids ?? '');
  }

  async #open(): Promise<Call> {
    this.#source ??= streamSource(this.#settings, this.#server);
    const { restriction, process } = this.#source;
    this.#rest ??= this.checkpoint === undefined ? await restriction.initial(STREAM) : this.#restored;
    const tracker = restriction.tracker(this.#rest);
    const afterBundleCommit = (callback: () => void | Promise<void>) => void this.#callbacks.push(callback);
    const batches = process(STREAM, { ...restrictionContext(tracker), afterBundleCommit }) as AsyncGenerator<
      Batch<number>,
      Resume | void
    >;
    return { tracker, batches };
  }

  #take(call: Call, { done, value }: IteratorResult<Batch<number>, Resume | void>): boolean {
    if (done !== true) {
      this.#processed.push(...(value as TimestampedBatch<number>).values);
      return true;
    }
    this.#call = undefined;
    this.#rest = call.tracker.trySplit(0)?.residual ?? this.#rest;
    return false;
  }

  get #restored(): Progress {
    return this.#coder.decode(new ByteReader(this.checkpoint as Uint8Array), true);
  }

  get #coder() {
    return streamSource(this.#settings, this.#server).restriction.coder;
  }
}

/** Two pipelines that share a group with a consumer that only ever takes: it is dead, and what it has is given to them. */
class World {
  readonly server = new FakeRedis();
  readonly consumers = [new Consumer(this.server, 'a'), new Consumer(this.server, 'b')];
  readonly ids: string[] = [];
  readonly deleted = new Set<number>();

  add(count: number, isLater: boolean): void {
    for (let i = 0; i < count; i++) this.ids.push(this.server.add(this.ids.length, isLater));
  }

  delete(which: number): void {
    if (this.ids.length === 0) return;
    this.server.delete(this.ids[which % this.ids.length]);
    this.deleted.add(which % this.ids.length);
  }

  claim(to: Consumer, count: number): void {
    this.server.claim(to.name, this.server.listOf('dead').slice(0, count));
  }

  /** What a pipeline that is down has not processed is given to the other one. */
  claimUnprocessed(from: Consumer, to: Consumer): void {
    if (from.isRunning) return;
    this.server.claim(
      to.name,
      this.server.listOf(from.name).filter((id) => !from.durable.includes(this.ids.indexOf(id))),
    );
  }

  /** All of its list, as if it never came back; it does, before the other one has looked at its own. */
  async claimTooMuch(from: Consumer, to: Consumer): Promise<void> {
    if (from.isRunning || to.isRunning) return;
    this.server.claim(to.name, this.server.listOf(from.name));
    this.server.readFault = undefined;
    this.server.acknowledgeFault = undefined;
    await from.step();
  }

  /** Both go on from their checkpoints, and all is processed. */
  async finish(): Promise<void> {
    this.server.readFault = undefined;
    this.server.acknowledgeFault = undefined;
    this.claim(this.consumers[1], this.ids.length);
    for (const consumer of this.consumers) consumer.crash();
    for (const consumer of this.consumers) {
      while (await consumer.step());
      await consumer.commit();
    }
  }

  check(): void {
    const all = this.consumers.flatMap(({ durable }) => durable).sort((x, y) => x - y);
    assert.equal(new Set(all).size, all.length, `Entries came twice: ${all}`);
  }
}

/** What happens, by name, with what it needs to be told. */
const HAPPENINGS = {
  add: (world: World, n: number) => world.add(1 + (n % 5), n % 2 === 0),
  step: async (world: World, n: number) => void (await world.consumers[n % 2].step()),
  commit: (world: World, n: number) => world.consumers[n % 2].commit(n % 7),
  commitInSilence: (world: World, n: number) => world.consumers[n % 2].commit(undefined, false),
  crash: (world: World, n: number) => world.consumers[n % 2].crash(),
  goBack: (world: World, n: number) => world.consumers[n % 2].goBack(),
  rollBack: (world: World, n: number) => world.consumers[n % 2].rollBack(),
  giveDead: (world: World, n: number) => world.server.give('dead', 1 + (n % 4)),
  claim: (world: World, n: number) => world.claim(world.consumers[n % 2], 1 + (n % 4)),
  claimUnprocessed: (world: World, n: number) =>
    world.claimUnprocessed(world.consumers[n % 2], world.consumers[1 - (n % 2)]),
  claimTooMuch: (world: World, n: number) => world.claimTooMuch(world.consumers[n % 2], world.consumers[1 - (n % 2)]),
  delete: (world: World, n: number) => world.delete(n),
  readFault: (world: World, n: number) => {
    world.server.readFault = FAULTS[n % 2];
  },
  acknowledgeFault: (world: World, n: number) => {
    world.server.acknowledgeFault = FAULTS[n % 2];
  },
};
type Happening = keyof typeof HAPPENINGS;
/** The others are as likely as each other. */
const LIKELY: readonly Happening[] = ['add', 'step', 'step', 'step', 'commit'];

const happening = fc.tuple(
  fc.constantFrom(...LIKELY, ...(Object.keys(HAPPENINGS) as Happening[])),
  fc.nat({ max: 999 }),
);

test('entries of a group are processed exactly once, whoever crashes, whatever is lost or claimed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 80, size: 'max' }), async (all) => {
      const world = new World();
      for (const [what, n] of all) {
        await HAPPENINGS[what](world, n);
        world.check();
      }
      await world.finish();
      world.check();
      const durable = new Set(world.consumers.flatMap((consumer) => consumer.durable));
      const missing = world.ids.filter((_, n) => !durable.has(n) && !world.deleted.has(n));
      assert.deepEqual(missing, []);
      for (const consumer of world.consumers) {
        assert.deepEqual(world.server.listOf(consumer.name), []);
        // What was acknowledged is not remembered for ever.
        await consumer.step();
        await consumer.commit();
        assert.deepEqual(consumer.remembered, []);
      }
    }),
    { numRuns: 300 },
  );
});

/** A consumer whose process ended between the commit of the first three entries and their acknowledgement. */
async function committed(server: FakeRedis): Promise<Consumer> {
  for (let n = 0; n < 5; n++) server.add(n, false);
  const consumer = new Consumer(server, 'a');
  await consumer.step();
  await consumer.commit(0);
  assert.deepEqual(consumer.durable, [0, 1, 2]);
  assert.deepEqual(consumer.remembered, server.listOf('a').slice(0, 3));
  return consumer;
}

async function readAll(consumer: Consumer): Promise<readonly number[]> {
  while (await consumer.step());
  await consumer.commit();
  return consumer.durable;
}

test('what a checkpoint remembers is acknowledged, but by a pipeline with another group', async () => {
  const server = new FakeRedis();
  const consumer = await committed(server);
  const other = new Consumer(server, 'a', 'another');
  other.checkpoint = consumer.checkpoint;
  assert.deepEqual(await readAll(other), [0, 1, 2, 3, 4]);
  const again = new FakeRedis();
  assert.deepEqual(await readAll(await committed(again)), [0, 1, 2, 3, 4]);
  assert.deepEqual(again.listOf('a'), []);
});

test('from a checkpoint that remembers nothing, as those of earlier versions, all on the list comes', async () => {
  const server = new FakeRedis();
  const consumer = await committed(server);
  const before = new Consumer(server, 'a');
  const [, , after] = consumer.remembered;
  before.checkpoint = consumer.encode({ at: { after, through: null, bytes: 1 }, over: false });
  assert.deepEqual(await readAll(before), [0, 1, 2, 3, 4]);
});

test('a commit that nobody was told of is made up for by the next', async () => {
  const server = new FakeRedis();
  for (let n = 0; n < 5; n++) server.add(n, false);
  const consumer = new Consumer(server, 'a');
  await consumer.step();
  await consumer.commit(undefined, false);
  assert.equal(server.listOf('a').length, 5);
  assert.deepEqual(await readAll(consumer), [0, 1, 2, 3, 4]);
  assert.deepEqual(server.listOf('a'), []);
  await consumer.step();
  await consumer.commit();
  assert.deepEqual(consumer.remembered, []);
});
