import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Admin } from '@platformatic/kafka';
import { type KafkaRecord, readKafka, writeKafka } from '../../src/io/kafka/index.ts';
import { KafkaCluster } from '../../src/io/kafka/kafka-cluster.ts';
import { clientOptions } from '../../src/io/kafka/load-kafka.ts';
import { coders, count, fixed, type Job, Pipeline } from '../../src/sdk/index.ts';
import { startPipeline } from '../../src/sdk/pipeline/runner.ts';
import { KafkaBroker, unsignedToken, whyNoKafka } from './kafka-broker.ts';

const skip = whyNoKafka();
/** How often the copying process is killed, and the records that are added each time. */
const KILLS = 6;
const PORTION = 2000;
const PROGRAM = join(import.meta.dirname, 'programs/copy.ts');

describe('Kafka as a stream', { skip }, () => {
  let broker: KafkaBroker;
  let admin: Admin;
  let connection: { brokers: string };
  let topics = 0;
  before(async () => {
    broker = await KafkaBroker.start();
    connection = { brokers: broker.address };
    admin = new Admin({ ...clientOptions(connection) });
  });
  after(async () => {
    await admin?.close();
    await broker?.stop();
  });

  async function newTopic(partitions: number): Promise<string> {
    const topic = `stream-${topics++}`;
    await admin.createTopics({ topics: [topic], partitions, replicas: 1 });
    return topic;
  }

  const strings = { key: coders.string, value: coders.string };
  const numbered = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => ({ key: `k${(from + i) % 50}`, value: `v${from + i}` }));

  async function write(
    messages: readonly { key?: string; value: string; timestamp?: number; partition?: number }[],
    topic: string,
  ): Promise<void> {
    const pipeline = new Pipeline();
    pipeline.create(messages).apply(writeKafka({ connection, topic, ...strings }));
    await pipeline.run({ threads: 0 });
  }

  async function read(topic: string): Promise<KafkaRecord<string, string>[]> {
    const pipeline = new Pipeline();
    const records = pipeline
      .apply(readKafka({ connection, topics: topic, ...strings, start: 'earliest', end: 'latest' }))
      .collect();
    return [...(await pipeline.run({ threads: 0 })).elements(records)];
  }

  /** Runs a pipeline that does not end by itself, hands what comes to `see` until it is satisfied, and drains it. */
  async function stream<T>(
    build: (pipeline: Pipeline, see: (value: T) => void) => void,
    enough: (seen: T[]) => boolean,
    during: () => Promise<void>,
  ): Promise<T[]> {
    const pipeline = new Pipeline();
    const seen: T[] = [];
    const satisfied = Promise.withResolvers<void>();
    build(pipeline, (value) => {
      seen.push(value);
      if (enough(seen)) satisfied.resolve();
    });
    const job: Job = await startPipeline(pipeline, { threads: 0 });
    const ended = job.wait();
    await during();
    await Promise.race([satisfied.promise, ended]);
    await job.drain();
    await ended;
    return seen;
  }

  test('records come as they are written, also in partitions that are added', async () => {
    const topic = await newTopic(1);
    await write(numbered(0, 10), topic);
    const seen = await stream<string | null>(
      (pipeline, see) => {
        pipeline
          .apply(readKafka({ connection, topics: topic, ...strings, start: 'earliest', newPartitions: '100ms' }))
          .map('See', ({ value }) => see(value));
      },
      (values) => values.length >= 30,
      async () => {
        await write(numbered(10, 20), topic);
        await admin.createPartitions({ topics: [{ name: topic, count: 3, assignments: null as never }] });
        await write(
          numbered(20, 30).map((message, i) => ({ ...message, partition: 1 + (i % 2) })),
          topic,
        );
      },
    );
    assert.deepEqual(
      seen.sort(),
      numbered(0, 30)
        .map(({ value }) => value)
        .sort(),
    );
  });

  test('a partition without records does not hold the watermark back', async () => {
    const topic = await newTopic(4);
    const start = 1_700_000_000_000 - (1_700_000_000_000 % 60_000);
    const counts = await stream<readonly [number, number]>(
      (pipeline, see) => {
        pipeline
          .apply(
            readKafka({
              connection,
              topics: topic,
              ...strings,
              start: 'earliest',
              idleAfter: '300ms',
              timestamp: ({ value }) => start + Number(value),
            }),
          )
          .window(fixed('1m'))
          .map('Minute', ({ value }) => Math.floor(Number(value) / 60_000))
          .apply('Count', {
            name: 'Count',
            expand: (input) => input.keyBy('Key', (minute) => minute).combinePerKey(count()),
          })
          .map('See', see);
      },
      (windows) => windows.length >= 3,
      () =>
        write(
          Array.from({ length: 181 }, (_, second) => ({ value: String(second * 1000), partition: 2 })),
          topic,
        ),
    );
    assert.deepEqual(
      new Map(counts.slice(0, 3)),
      new Map([
        [0, 60],
        [1, 60],
        [2, 60],
      ]),
    );
  });

  test('a stream outlives its tokens: the broker asks for new ones each second', async () => {
    const [from, to] = [await newTopic(2), await newTopic(2)];
    let tokens = 0;
    const renewed = Promise.withResolvers<void>();
    const token = () => {
      // Three connections or four, and each of them several times.
      if (++tokens === 20) renewed.resolve();
      return unsignedToken(60);
    };
    const secure = {
      connection: {
        brokers: broker.secureAddress,
        tls: { ca: broker.certificate },
        sasl: { mechanism: 'OAUTHBEARER', token },
      },
    } as const;
    const seen = await stream<string>(
      (pipeline, see) => {
        pipeline
          .apply(readKafka({ ...secure, topics: from, ...strings, start: 'earliest' }))
          .map('Message', ({ key, value }) => {
            see(value as string);
            return { key, value };
          })
          .apply(writeKafka({ ...secure, topic: to, ...strings }));
      },
      (values) => values.length >= 200,
      async () => {
        await write(numbered(0, 100), from);
        await renewed.promise;
        await write(numbered(100, 200), from);
      },
    );
    const all = numbered(0, 200).map(({ value }) => value);
    assert.deepEqual(seen.sort(), all.sort());
    assert.deepEqual(new Set((await read(to)).map(({ value }) => value)), new Set(all));
  });

  test('the broker may restart while records are read and written', async () => {
    const [from, to] = [await newTopic(2), await newTopic(2)];
    await write(numbered(0, 2000), from);
    const seen = await stream<string>(
      (pipeline, see) => {
        const messages = pipeline
          .apply(readKafka({ connection, topics: from, ...strings, start: 'earliest', maxBytes: 4000 }))
          .map('Message', ({ key, value }) => {
            see(value as string);
            return { key, value };
          });
        messages.apply(writeKafka({ connection, topic: to, ...strings }));
      },
      (values) => values.length >= 4000,
      async () => {
        await broker.down('SIGKILL');
        await broker.up();
        await write(numbered(2000, 4000), from);
      },
    );
    assert.deepEqual(
      seen.sort(),
      numbered(0, 4000)
        .map(({ value }) => value)
        .sort(),
    );
    assert.deepEqual(new Set((await read(to)).map(({ value }) => value)), new Set(seen));
  });

  test('exactly once: the process is killed again and again, and each record is there once', async () => {
    const [from, to] = [await newTopic(3), await newTopic(2)];
    const folder = mkdtempSync(join(tmpdir(), 'millrace-kafka-copy-'));
    const total = KILLS * PORTION;
    const cluster = await KafkaCluster.open(connection);
    const written = async () => {
      const ends = await Promise.all(
        [0, 1].map((partition) => cluster.offsetAt({ topic: to, partition }, -1n, 'committed')),
      );
      return ends.reduce<number>((sum, end) => sum + (end ?? 0), 0);
    };
    let child: ChildProcess | undefined;
    let log = '';
    const begin = () => {
      child = spawn(process.execPath, [PROGRAM, connection.brokers, from, to, folder], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      child.stderr?.on('data', (chunk) => {
        log = (log + chunk).slice(-5000);
      });
    };
    const end = async () => {
      const exit = once(child as ChildProcess, 'exit');
      (child as ChildProcess).kill('SIGKILL');
      await exit;
    };
    try {
      begin();
      // Markers and aborted records take offsets too, so the count of offsets only says that something was written.
      for (let kill = 0; kill < KILLS; kill++) {
        const before = await written();
        await write(numbered(kill * PORTION, (kill + 1) * PORTION), from);
        while ((await written()) <= before) assert.equal(child?.exitCode, null, log);
        await end();
        begin();
      }
      for (let records = 0; records < total; records = (await read(to)).length)
        assert.equal(child?.exitCode, null, log);
      await end();
      const values = (await read(to)).map(({ value }) => value);
      assert.equal(values.length, total);
      assert.deepEqual(new Set(values), new Set(numbered(0, total).map(({ value }) => `copy of ${value}`)));
    } finally {
      child?.kill('SIGKILL');
      await cluster.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
