import { type Coder, encodeToBytes, IoError } from '../../sdk/index.ts';
import type { EncodedMessage } from './kafka-producer.ts';
import { keyHash } from './key-hash.ts';

/** A record to be written. */
export interface KafkaMessage<K, V> {
  /** Default the topic of the sink. */
  readonly topic?: string;
  /** Records with the same key come into the same partition, as with Java's clients; none: they are dealt out. */
  readonly key?: K | null;
  /** Null deletes the key in a compacted topic. */
  readonly value: V | null;
  readonly headers?: readonly (readonly [name: string, value: Uint8Array | string | null])[];
  /** The partition; default by the key. */
  readonly partition?: number;
  /** Milliseconds since 1970; default the element's event time, or the time of day where it has none. */
  readonly timestamp?: number;
}

/** Turns elements into records. */
export class MessageEncoder<K, V> {
  readonly #topic: string | undefined;
  readonly #key: Coder<K> | undefined;
  readonly #value: Coder<V> | undefined;

  /** Keys and values without a coder are bytes. */
  constructor(topic: string | undefined, key: Coder<K> | undefined, value: Coder<V> | undefined) {
    this.#topic = topic;
    this.#key = key;
    this.#value = value;
  }

  /** @throws IoError `KAFKA_RECORD` for what cannot be a record */
  encode(message: KafkaMessage<K, V>, eventTime: number): EncodedMessage {
    const { key, value, headers, partition, timestamp } = message;
    const topic = message.topic ?? this.#topic;
    if (topic === undefined) throw new IoError('KAFKA_RECORD', 'A record names no topic, and neither does the sink');
    if (partition !== undefined && !(Number.isInteger(partition) && partition >= 0)) {
      throw new IoError('KAFKA_RECORD', `A record cannot go to partition ${partition}`);
    }
    const time = timestamp ?? eventTime;
    const keyBytes = key === null || key === undefined ? undefined : bytesOf(this.#key, key, 'key');
    // The producer takes it modulo the number of partitions.
    const place = partition ?? (keyBytes === undefined ? undefined : keyHash(keyBytes));
    return {
      topic,
      ...(keyBytes === undefined ? {} : { key: keyBytes }),
      value: value === null ? null : bytesOf(this.#value, value, 'value'),
      ...(headers === undefined || headers.length === 0 ? {} : { headers: headersOf(headers) }),
      ...(place === undefined ? {} : { partition: place }),
      // Before 1970 there are no records: such a time stands for none.
      timestamp: BigInt(Number.isSafeInteger(time) && time >= 0 && time < 8.64e15 ? time : Date.now()),
    };
  }
}

/** A record as it can be stored. */
export interface PlainMessage {
  readonly topic: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly (readonly [name: Uint8Array, value: Uint8Array | null])[];
  readonly partition?: number;
  readonly timestamp: number;
}

/** From what is sent to what is stored. */
export function plainMessage({ topic, key, value, headers, partition, timestamp }: EncodedMessage): PlainMessage {
  const entries = headers === undefined ? [] : [...(headers as Map<Buffer, Buffer | null>)];
  return {
    topic,
    key: key === undefined ? null : plainBytes(key),
    value: value === null || value === undefined ? null : plainBytes(value),
    headers: entries.map(([name, content]) => [plainBytes(name), content === null ? null : plainBytes(content)]),
    ...(partition === undefined ? {} : { partition }),
    timestamp: Number(timestamp),
  };
}

/** From what is stored to what is sent. */
export function encodedMessage({ topic, key, value, headers, partition, timestamp }: PlainMessage): EncodedMessage {
  return {
    topic,
    ...(key === null ? {} : { key: view(key) }),
    value: value === null ? null : view(value),
    ...(headers.length === 0
      ? {}
      : { headers: new Map(headers.map(([name, content]) => [view(name), content === null ? null : view(content)])) }),
    ...(partition === undefined ? {} : { partition }),
    timestamp: BigInt(timestamp),
  };
}

function plainBytes({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Bytes of a record, about. */
export function sizeOf({ key, value, headers }: EncodedMessage): number {
  return (key?.length ?? 0) + (value?.length ?? 0) + (headers === undefined ? 0 : 64) + 32;
}

function bytesOf<T>(coder: Coder<T> | undefined, value: T, part: string): Buffer {
  if (coder !== undefined) return view(encodeToBytes(coder, value));
  if (value instanceof Uint8Array) return view(value);
  throw new IoError('KAFKA_RECORD', `The ${part} of a record is a ${typeof value} and not bytes`, {
    hint: `Give the sink a coder: writeKafka({ …, ${part}: coders.string })`,
  });
}

function headersOf(headers: NonNullable<KafkaMessage<never, never>['headers']>): Map<Buffer, Buffer | null> {
  // A map by identity: a name may come twice.
  return new Map(
    headers.map(([name, value]) => [
      Buffer.from(name),
      value === null ? null : typeof value === 'string' ? Buffer.from(value) : view(value),
    ]),
  );
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
