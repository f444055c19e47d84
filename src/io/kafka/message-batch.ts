import { sizeOf } from './kafka-message.ts';
import type { EncodedMessage } from './kafka-producer.ts';

/** Bytes and records that are sent at a time: far below what a broker takes as one batch (1 MiB). */
const BATCH_BYTES = 512 * 1024;
const BATCH_RECORDS = 5000;
/**
 * Widest span of timestamps in what is sent at a time. The client (2.12) writes differences of more than 32 bits wrong,
 * and the broker has no way to tell.
 */
const BATCH_MILLIS = 2 ** 30;

/** Gathers what is sent with one request. */
export class MessageBatch {
  #messages: EncodedMessage[] = [];
  #bytes = 0;
  #earliest = Number.POSITIVE_INFINITY;
  #latest = Number.NEGATIVE_INFINITY;

  get isEmpty(): boolean {
    return this.#messages.length === 0;
  }

  /** Whether it should be sent before this message is added. */
  isFullFor(message: EncodedMessage): boolean {
    if (this.#messages.length === 0) return false;
    if (this.#bytes >= BATCH_BYTES || this.#messages.length >= BATCH_RECORDS) return true;
    const time = Number(message.timestamp);
    return Math.max(this.#latest, time) - Math.min(this.#earliest, time) > BATCH_MILLIS;
  }

  add(message: EncodedMessage): void {
    const time = Number(message.timestamp);
    this.#messages.push(message);
    this.#bytes += sizeOf(message);
    this.#earliest = Math.min(this.#earliest, time);
    this.#latest = Math.max(this.#latest, time);
  }

  /** What was gathered; the next batch begins. */
  take(): EncodedMessage[] {
    const messages = this.#messages;
    this.#messages = [];
    this.#bytes = 0;
    this.#earliest = Number.POSITIVE_INFINITY;
    this.#latest = Number.NEGATIVE_INFINITY;
    return messages;
  }
}
