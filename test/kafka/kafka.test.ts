import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Admin, Producer } from '@platformatic/kafka';
import {
  type KafkaMessage,
  type KafkaReadOptions,
  type KafkaRecord,
  type KafkaSasl,
  readKafka,
  writeKafka,
} from '../../src/io/kafka/index.ts';
import { clientOptions } from '../../src/io/kafka/load-kafka.ts';
import { coders, Pipeline } from '../../src/sdk/index.ts';
import { KafkaBroker, unsignedToken, whyNoKafka } from './kafka-broker.ts';

const skip = whyNoKafka();

describe('Kafka', { skip }, () => {
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
    const topic = `topic-${topics++}`;
    await admin.createTopics({ topics: [topic], partitions, replicas: 1 });
    return topic;
  }

  const strings = { key: coders.string, value: coders.string };

  async function write(
    messages: readonly KafkaMessage<string, string>[],
    topic: string,
    options: object = {},
  ): Promise<void> {
    const pipeline = new Pipeline();
    pipeline.create(messages).apply(writeKafka({ connection, topic, ...strings, ...options }));
    await pipeline.run({ threads: 0, maxAttempts: 1 });
  }

  async function read(
    topic: string,
    options: Partial<KafkaReadOptions<string, string>> = {},
  ): Promise<KafkaRecord<string, string>[]> {
    const pipeline = new Pipeline();
    const records = pipeline
      .apply(
        readKafka<string, string>({
          connection,
          topics: topic,
          ...strings,
          start: 'earliest',
          end: 'latest',
          ...options,
          onError: 'fail',
        }),
      )
      .collect();
    const result = await pipeline.run({ threads: 0, maxAttempts: 1 });
    return [...result.elements(records)].sort((a, b) => a.partition - b.partition || a.offset - b.offset);
  }

  const numbered = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => ({ key: `k${(from + i) % 100}`, value: `v${from + i}` }));

  test('what is written is read: keys, values, headers, timestamps', async () => {
    const topic = await newTopic(3);
    const messages: KafkaMessage<string, string>[] = [
      { key: 'a', value: 'ü', timestamp: 1_700_000_000_123, partition: 1 },
      { value: 'no key', partition: 1, timestamp: 5 },
      { key: 'deleted', value: null, partition: 1 },
      {
        key: '',
        value: '',
        partition: 1,
        headers: [
          ['h', 'x'],
          ['h', new Uint8Array([255])],
          ['none', null],
        ],
      },
    ];
    const before = Date.now();
    await write(messages, topic);
    const records = await read(topic);
    assert.deepEqual(
      records.map(({ offset, key, value }) => [offset, key, value]),
      [
        [0, 'a', 'ü'],
        [1, null, 'no key'],
        [2, 'deleted', null],
        [3, '', ''],
      ],
    );
    assert.deepEqual(records[3].headers, [
      ['h', new Uint8Array([120])],
      ['h', new Uint8Array([255])],
      ['none', null],
    ]);
    assert.deepEqual(records[0].timestamp, 1_700_000_000_123);
    assert.equal(records[1].timestamp, 5);
    assert.ok(records[2].timestamp >= before && records[2].timestamp <= Date.now());
  });

  for (const compression of ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const) {
    test(`20,000 records over 4 partitions, compression ${compression}`, async () => {
      const topic = await newTopic(4);
      const messages = numbered(0, 20_000);
      await write(messages, topic, { compression });
      const records = await read(topic);
      assert.deepEqual(records.map(({ value }) => value).sort(), messages.map(({ value }) => value).sort());
      // All records of a key lie in one partition, in the order in which they were written.
      const last = new Map<string | null, { partition: number; number: number }>();
      for (const { key, value, partition } of records) {
        const number = Number(value?.slice(1));
        const before = last.get(key);
        if (before !== undefined) assert.ok(before.partition === partition && before.number < number);
        last.set(key, { partition, number });
      }
      assert.ok(new Set(records.map(({ partition }) => partition)).size === 4);
    });
  }

  test('reading begins and ends at offsets and times', async () => {
    const topic = await newTopic(1);
    await write(
      Array.from({ length: 100 }, (_, i) => ({ value: `${i}`, timestamp: 1_000_000 + i * 10, partition: 0 })),
      topic,
    );
    const values = async (options: Partial<KafkaReadOptions<string, string>>) =>
      (await read(topic, options)).map(({ offset }) => offset);
    const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
    assert.deepEqual(await values({ start: { time: 1_000_495 } }), range(50, 100));
    assert.deepEqual(await values({ end: { time: new Date(1_000_500) } }), range(0, 50));
    assert.deepEqual(
      await values({ start: { offsets: { [topic]: { 0: 10 } } }, end: { offsets: { [topic]: { 0: 20 } } } }),
      range(10, 20),
    );
    assert.deepEqual(await values({ start: { time: 2_000_000 } }), []);
    assert.deepEqual(await values({ start: 'latest' }), []);
    assert.deepEqual(await values({ start: 'committed', groupId: 'nobody' }), range(0, 100));
  });

  test('offsets are committed when asked for, and reading goes on from them', async () => {
    const topic = await newTopic(2);
    const group = { start: 'committed', groupId: 'group-of-test', commitOffsets: true } as const;
    await write(numbered(0, 50), topic);
    assert.equal((await read(topic, group)).length, 50);
    assert.equal((await read(topic, group)).length, 0);
    await write(numbered(50, 80), topic);
    assert.deepEqual(
      (await read(topic, group)).map(({ value }) => value).sort(),
      numbered(50, 80).map(({ value }) => value),
    );
  });

  test('records of aborted transactions are not seen, those of the same producer before and after are', async () => {
    const topic = await newTopic(1);
    const producer = new Producer({ ...clientOptions(connection), idempotent: true, transactionalId: 'aborting' });
    const expected: string[] = [];
    for (const [i, outcome] of ['commit', 'abort', 'commit', 'abort', 'abort', 'commit', 'abort'].entries()) {
      const transaction = await producer.beginTransaction();
      const messages = Array.from({ length: 3 }, (_, j) => ({
        topic,
        partition: 0,
        value: Buffer.from(`${outcome} ${i} ${j}`),
      }));
      await transaction.send({ messages });
      if (outcome === 'commit') {
        await transaction.commit();
        expected.push(...messages.map(({ value }) => value.toString()));
      } else {
        await transaction.abort();
      }
    }
    await producer.close();
    assert.deepEqual(
      (await read(topic)).map(({ value }) => value),
      expected,
    );
    assert.equal((await read(topic, { isolation: 'uncommitted' })).length, 21);
  });

  test('records that cannot be decoded are dead letters', async () => {
    const topic = await newTopic(1);
    await write(
      [{ value: '1' }, { value: 'x' }, { key: 'k', value: '3' }].map((m) => ({ ...m, partition: 0 })),
      topic,
    );
    const json = {
      ...coders.string,
      decode: (input, nested) => JSON.parse(coders.string.decode(input, nested)),
    } as typeof coders.string;
    const pipeline = new Pipeline();
    const { records, errors } = pipeline.apply(
      readKafka({ connection, topics: topic, value: json, start: 'earliest', end: 'latest', onError: 'deadLetter' }),
    );
    const [good, bad] = [records.collect(), errors.collect()];
    const result = await pipeline.run({ threads: 0 });
    assert.deepEqual(
      [...result.elements(good)].map(({ value, key }) => [key, value]),
      [
        [null, 1],
        [new Uint8Array([107]), 3],
      ],
    );
    assert.deepEqual(
      [...result.elements(bad)].map(({ offset, part, value }) => [offset, part, value]),
      [[1, 'value', new Uint8Array([120])]],
    );
    await assert.rejects(read(topic, { value: json }), { code: 'KAFKA_RECORD' });
  });

  test('a log that was cut behind the start fails, or is read from where it begins', async () => {
    const topic = await newTopic(1);
    await write(
      numbered(0, 100).map((message) => ({ ...message, partition: 0 })),
      topic,
    );
    await admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition: 0, offset: 60n }] }] });
    const start = { offsets: { [topic]: { 0: 10 } } };
    await assert.rejects(read(topic, { start }), { code: 'KAFKA_OFFSET_LOST' });
    assert.equal((await read(topic, { start, onOffsetLost: 'earliest' })).length, 40);
  });

  const byPassword = (mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512', password: string): KafkaSasl => ({
    mechanism,
    username: 'reader',
    password: async () => password,
  });
  for (const [right, wrong] of [
    [byPassword('PLAIN', 'reader-secret'), byPassword('PLAIN', 'wrong')],
    [byPassword('SCRAM-SHA-256', 'reader-secret'), byPassword('SCRAM-SHA-256', 'wrong')],
    [byPassword('SCRAM-SHA-512', 'reader-secret'), byPassword('SCRAM-SHA-512', 'wrong')],
    [
      { mechanism: 'OAUTHBEARER', token: () => unsignedToken(60) },
      { mechanism: 'OAUTHBEARER', token: () => unsignedToken(-60) },
    ],
  ] as const satisfies readonly (readonly [KafkaSasl, KafkaSasl])[]) {
    test(`TLS with a certificate of its own, and SASL/${right.mechanism}`, async () => {
      const topic = await newTopic(1);
      const secure = (sasl: KafkaSasl) => ({
        connection: { brokers: broker.secureAddress, tls: { ca: broker.certificate }, sasl },
      });
      await write([{ key: 'k', value: 'secret' }], topic, secure(right));
      assert.deepEqual(
        (await read(topic, secure(right))).map(({ value }) => value),
        ['secret'],
      );
      const exactlyOnce = { delivery: { exactlyOnce: `secure-${right.mechanism}` } };
      await write([{ value: 'twice' }], topic, { ...secure(right), ...exactlyOnce });
      assert.equal((await read(topic, secure(right))).length, 2);
      await assert.rejects(read(topic, secure(wrong)), { code: 'KAFKA_ACCESS' });
      await assert.rejects(write([{ value: 'x' }], topic, secure(wrong)), { code: 'KAFKA_ACCESS' });
      const untrusted = { brokers: broker.secureAddress, tls: true, sasl: right };
      await assert.rejects(read(topic, { connection: untrusted, retryFor: '1ms' }), { code: 'KAFKA_CONNECTION' });
    });
  }

  test('SASL without what it needs is refused', () => {
    for (const sasl of [
      { mechanism: 'PLAIN', username: 'reader' },
      { mechanism: 'OAUTHBEARER', username: 'reader', password: 'x' },
      { mechanism: 'GSSAPI' },
      { mechanism: 'toString' },
    ]) {
      const refused = { connection: { ...connection, sasl: sasl as KafkaSasl }, topics: 'x' };
      assert.throws(() => readKafka(refused), { code: 'OPTION_INVALID' });
    }
  });

  test('errors have stable codes', async () => {
    await assert.rejects(read('not-there'), { code: 'KAFKA_TOPIC' });
    await assert.rejects(write([{ value: 'x' }], 'not-there'), { code: 'KAFKA_TOPIC' });
    const topic = await newTopic(1);
    await assert.rejects(write([{ value: 'x'.repeat(2_000_000) }], topic), { code: 'KAFKA_RECORD_TOO_LARGE' });
    await assert.rejects(read(topic, { connection: { brokers: '127.0.0.1:1' }, retryFor: '1ms' }), {
      code: 'KAFKA_CONNECTION',
    });
  });
});
