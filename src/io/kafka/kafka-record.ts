import type { KafkaRecord as RawRecord, RecordsBatch } from '@platformatic/kafka';
import { type Coder, decodeFromBytes } from '../../sdk/index.ts';
import type { TopicPartition } from './kafka-connection.ts';

/** A record as it is read. */
export interface KafkaRecord<K, V> {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since 1970: when the producer made it, or when the broker stored it, as the topic says. */
  readonly timestamp: number;
  /** Null for a record without a key. */
  readonly key: K | null;
  /** Null for a record that deletes its key. */
  readonly value: V | null;
  /** In the order in which they were written; a name may come twice. */
  readonly headers: readonly (readonly [name: string, value: Uint8Array | null])[];
}

/** A record whose key or value could not be decoded. */
export interface BadKafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  /** Which part of it. */
  readonly part: 'key' | 'value';
  readonly error: { readonly code: string; readonly message: string };
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

const LOG_APPEND_TIME = 1 << 3;
const NO_HEADERS: KafkaRecord<never, never>['headers'] = [];

/** Decodes the records of batches. */
export class RecordDecoder<K, V> {
  readonly #at: TopicPartition;
  readonly #key: Coder<K> | undefined;
  readonly #value: Coder<V> | undefined;

  /** Keys and values without a coder are bytes. */
  constructor(at: TopicPartition, key: Coder<K> | undefined, value: Coder<V> | undefined) {
    this.#at = at;
    this.#key = key;
    this.#value = value;
  }

  /** The records of a batch from `from` up to before `to`, and those that cannot be decoded. */
  decode(batch: RecordsBatch, from: number, to: number, records: KafkaRecord<K, V>[], bad: BadKafkaRecord[]): void {
    const { topic, partition } = this.#at;
    const first = Number(batch.firstOffset);
    const appended = (batch.attributes & LOG_APPEND_TIME) !== 0;
    const firstTimestamp = Number(batch.firstTimestamp);
    for (const raw of batch.records) {
      const offset = first + raw.offsetDelta;
      if (offset < from || offset >= to) continue;
      const timestamp = appended ? Number(batch.maxTimestamp) : firstTimestamp + Number(raw.timestampDelta);
      let part: 'key' | 'value' = 'key';
      try {
        const key = raw.key === null ? null : decodePart(this.#key, raw.key);
        part = 'value';
        const value = raw.value === null ? null : decodePart(this.#value, raw.value);
        records.push({ topic, partition, offset, timestamp, key, value, headers: headersOf(raw) });
      } catch (error) {
        const { code, message } = error as { code?: unknown; message?: unknown };
        bad.push({
          topic,
          partition,
          offset,
          timestamp,
          part,
          error: { code: typeof code === 'string' ? code : 'KAFKA_RECORD', message: String(message ?? error) },
          key: raw.key === null ? null : copy(raw.key),
          value: raw.value === null ? null : copy(raw.value),
        });
      }
    }
  }
}

function decodePart<T>(coder: Coder<T> | undefined, bytes: Uint8Array): T {
  // A copy: what is read would keep the whole answer of the broker in memory.
  return coder === undefined ? (copy(bytes) as T) : decodeFromBytes(coder, bytes);
}

function copy(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

function headersOf({ headers }: RawRecord): KafkaRecord<never, never>['headers'] {
  if (headers.length === 0) return NO_HEADERS;
  return headers.map(([name, value]) => [
    name === null ? '' : name.toString('utf8'),
    value === null ? null : copy(value),
  ]);
}
