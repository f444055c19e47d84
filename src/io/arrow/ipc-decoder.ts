import type * as A from 'apache-arrow';
import { CoderError } from '../../sdk/index.ts';
import { checkBatch } from './check-batch.ts';
import { beginExpansion } from './ipc-compression.ts';
import { batchLengths, readFrame } from './ipc-message.ts';
import { arrow } from './load-arrow.ts';

const NOTHING = new Uint8Array(0);
const MAX_IDLE = 1000;
/** Bytes of dictionaries: all of them are kept as long as their file is read. */
const MAX_DICTIONARY_BYTES = 2 ** 30;

/**
 * Makes record batches from the messages of an IPC stream, one at a time. The caller has looked at each message with
 * `readFrame`. Batches keep the memory of their message.
 */
export class IpcDecoder {
  readonly #queue: Uint8Array[] = [];
  #reader: A.RecordBatchStreamReader | undefined;
  /** How often the reader asked in vain since the last message. */
  #idle = 0;
  #dictionaryBytes = 0;

  /** The schema, once its message has been added. */
  get schema(): A.Schema | undefined {
    return this.#reader?.schema;
  }

  /** Takes the first message. @throws CoderError `ARROW_METADATA` */
  addSchema(message: Uint8Array): void {
    if (this.#reader !== undefined) throw new CoderError('ARROW_METADATA', 'A second schema comes in the stream');
    const queue = this.#queue;
    queue.push(message);
    this.#reader = guarded('The schema', () => {
      const messages: Iterable<Uint8Array> = {
        [Symbol.iterator]: () => ({
          next: () => {
            const value = queue.shift() ?? NOTHING;
            // The reader asks for more already when it has all it needs. Where it does need more, the message was wrong.
            if (value === NOTHING && ++this.#idle > MAX_IDLE) return { done: true, value: undefined };
            return { done: false, value };
          },
        }),
      };
      const reader = arrow().RecordBatchReader.from(messages) as A.RecordBatchStreamReader;
      reader.open({ autoDestroy: false });
      if (reader.schema === undefined) throw new CoderError('ARROW_METADATA', 'The stream has no schema');
      return reader;
    });
  }

  /** Takes a dictionary, for the batches that follow. @throws CoderError `ARROW_TOO_LARGE`, `ARROW_COLUMN` */
  addDictionary(message: Uint8Array): void {
    this.#dictionaryBytes += message.length;
    if (this.#dictionaryBytes > MAX_DICTIONARY_BYTES) {
      throw new CoderError('ARROW_TOO_LARGE', `The dictionaries take more than ${MAX_DICTIONARY_BYTES} bytes`);
    }
    guarded('A dictionary', () => batchLengths(bufferOf(message)));
    this.#queue.push(message);
  }

  /** The batch of a message. @throws CoderError when it contradicts the schema or itself */
  batch(message: Uint8Array): A.RecordBatch {
    const reader = this.#reader;
    if (reader === undefined) throw new CoderError('ARROW_METADATA', 'A record batch comes before the schema');
    guarded('A record batch', () => checkLengths(reader.schema, message));
    this.#queue.push(message);
    this.#idle = 0;
    beginExpansion();
    const batch = guarded('A record batch', () => reader.next().value as A.RecordBatch | undefined);
    if (batch === undefined) throw new CoderError('ARROW_METADATA', 'The stream ends before a record batch');
    guarded('A record batch', () => checkBatch(batch));
    return batch;
  }
}

/** apache-arrow cuts and fills columns to the length of their batch: a batch with a wrong length would lose rows. */
function checkLengths(schema: A.Schema, message: Uint8Array): void {
  const { rows, columns } = batchLengths(bufferOf(message));
  let node = 0;
  for (const field of schema.fields) {
    if (columns[node] !== rows) {
      throw new CoderError(
        'ARROW_METADATA',
        `Column '${field.name}' has ${columns[node]} values in a batch of ${rows}`,
      );
    }
    node += nodesOf(field);
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function nodesOf({ type }: A.Field): number {
  // The values of a dictionary come in a message of their own.
  if (arrow().DataType.isDictionary(type)) return 1;
  return ((type.children as A.Field[] | undefined) ?? []).reduce((sum, child) => sum + nodesOf(child), 1);
}

/** Runs code of apache-arrow, which reports damage with whatever error it runs into. @throws CoderError `ARROW_METADATA` */
export function guarded<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof CoderError) throw cause;
    throw new CoderError(
      'ARROW_METADATA',
      `${what} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

/**
 * The record batches in the bytes of an IPC stream.
 *
 * @throws CoderError when the bytes are no such stream, or end inside of a message
 */
export function decodeIpcStream(bytes: Uint8Array): A.RecordBatch[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new IpcDecoder();
  const batches: A.RecordBatch[] = [];
  for (let at = 0; at < buffer.length; ) {
    const frame = readFrame(buffer, at, buffer.length);
    if (frame === 'end') break;
    const size = frame === undefined ? Number.POSITIVE_INFINITY : frame.headBytes + frame.bodyBytes;
    if (frame === undefined || size > buffer.length - at) {
      throw new CoderError('ARROW_TRUNCATED', `An Arrow stream ends inside of a message, at byte ${at}`);
    }
    const message = new Uint8Array(buffer.subarray(at, at + size));
    if (frame.kind === 'schema') decoder.addSchema(message);
    else if (frame.kind === 'dictionary') decoder.addDictionary(message);
    else if (frame.kind === 'batch') batches.push(decoder.batch(message));
    at += size;
  }
  return batches;
}
