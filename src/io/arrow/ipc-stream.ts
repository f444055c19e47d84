import type { RecordBatch } from 'apache-arrow';
import type { ByteSource } from '../byte-source.ts';
import { type BadRecordSink, DataError, dataError } from '../on-error.ts';
import { asDataError } from './batch-elements.ts';
import { IpcDecoder } from './ipc-decoder.ts';
import { readFrame } from './ipc-message.ts';

/** First allocation for a message, so that a length that lies costs no more than what the file holds. */
const FIRST_BYTES = 1 << 20;

/** Zeros that may stand behind a stream. */
const PADDING_BYTES = 64;

/**
 * The record batches of an IPC stream, read front to back. A batch that is damaged inside its bounds is reported, and
 * the next one read; where the bounds are wrong the stream ends.
 *
 * @param base offset of the stream's first message in the content, for errors
 * @throws DataError when nothing behind this point can be read
 */
export async function* streamBatches(
  source: ByteSource,
  path: string,
  base: number,
  maxBatchBytes: number,
  bad: BadRecordSink,
): AsyncGenerator<{ readonly batch: RecordBatch; readonly offset: number }, void> {
  const decoder = new IpcDecoder();
  for (let offset = base; ; ) {
    const message = await readMessage(source, path, offset, maxBatchBytes);
    if (message === undefined) {
      // In a file read front to back, its footer follows.
      if (base === 0) await checkEnd(source, path, offset);
      return;
    }
    const { bytes, kind } = message;
    if (kind === 'schema' || kind === 'dictionary') {
      try {
        if (kind === 'schema') decoder.addSchema(bytes);
        else decoder.addDictionary(bytes);
      } catch (error) {
        throw asDataError(error, path, offset);
      }
    } else if (kind === 'batch') {
      let batch: RecordBatch | undefined;
      try {
        batch = decoder.batch(bytes);
      } catch (error) {
        const reason = asDataError(error, path, offset);
        if (!(reason instanceof DataError)) throw reason;
        bad.report(reason);
      }
      if (batch !== undefined) yield { batch, offset };
    }
    offset += bytes.length;
  }
}

/** Streams that were written one behind the other into one file must not lose all but the first. */
async function checkEnd(source: ByteSource, path: string, offset: number): Promise<void> {
  const rest = await grow(source, Buffer.alloc(0), PADDING_BYTES);
  if (rest.every((byte) => byte === 0) && rest.length < PADDING_BYTES) return;
  const hint = 'A file holds one stream: write each stream to a file of its own.';
  throw dataError('ARROW_TRAILING', 'Something follows behind the end of the stream', path, offset, hint);
}

interface Message {
  readonly bytes: Uint8Array;
  readonly kind: string;
}

/** The next message; `undefined` where the stream ends, as it may without saying so. */
async function readMessage(
  source: ByteSource,
  path: string,
  offset: number,
  maxBatchBytes: number,
): Promise<Message | undefined> {
  let bytes: Buffer = await grow(source, Buffer.alloc(0), 8);
  if (bytes.length === 0) return undefined;
  const truncated = () => dataError('ARROW_TRUNCATED', 'The stream ends inside of a message', path, offset);
  if (bytes.length < 8) {
    if (bytes.length === 4 && bytes.readInt32LE(0) === 0) return undefined;
    throw truncated();
  }
  const size = bytes.readInt32LE(0) === -1 ? 8 + bytes.readInt32LE(4) : 4 + bytes.readInt32LE(0);
  if (size > maxBatchBytes) throw dataError('ARROW_TOO_LARGE', `A message claims ${size} bytes`, path, offset);
  bytes = await grow(source, bytes, size);
  try {
    const frame = readFrame(bytes, 0, bytes.length);
    if (frame === 'end') return undefined;
    if (frame === undefined) throw truncated();
    const total = frame.headBytes + frame.bodyBytes;
    if (total > maxBatchBytes) {
      throw dataError('ARROW_TOO_LARGE', `A batch claims ${total} bytes; the limit is ${maxBatchBytes}`, path, offset);
    }
    bytes = await grow(source, bytes, total);
    if (bytes.length < total) throw truncated();
    return { bytes, kind: frame.kind };
  } catch (error) {
    throw asDataError(error, path, offset);
  }
}

/** Reads on until there are `wanted` bytes, or fewer at the end of the content. */
async function grow(source: ByteSource, held: Buffer, wanted: number): Promise<Buffer> {
  let bytes = held;
  while (bytes.length < wanted) {
    const next = Buffer.allocUnsafeSlow(Math.min(wanted, Math.max(FIRST_BYTES, bytes.length * 4)));
    bytes.copy(next);
    const room = next.subarray(bytes.length);
    const count = await source.read(room);
    const filled = bytes.length + count;
    bytes = next.subarray(0, filled);
    if (count < room.length) break;
  }
  return bytes;
}
