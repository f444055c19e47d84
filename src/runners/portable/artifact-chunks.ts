import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** Bytes of one message. */
const CHUNK_BYTES = 1024 * 1024;

/** A file in pieces of the size of a message. */
export function chunksOf(path: string): AsyncIterable<Buffer> {
  return createReadStream(path, { highWaterMark: CHUNK_BYTES });
}

/**
 * Writes an artifact that comes in messages into a file.
 *
 * @param count is told the bytes of each message before they are written, and may refuse them
 * @returns the SHA-256 of the content, hexadecimal
 */
export async function receiveArtifact(
  messages: AsyncIterable<{ readonly data: Uint8Array }>,
  path: string,
  count: (bytes: number) => void,
): Promise<string> {
  const hash = createHash('sha256');
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const { data } of messages) {
      count(data.length);
      hash.update(data);
      yield data;
    }
  };
  await pipeline(counted, createWriteStream(path));
  return hash.digest('hex');
}
