import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { createInterface } from 'node:readline';

const BLOCK_BYTES = 4 * 1024 * 1024;

/** What a byte scanner needs: blocks of whole lines, without the first `skip` lines. The buffer is used again. */
export function* lineBlocks(path: string, skip = 0): Generator<{ bytes: Buffer; start: number; end: number }> {
  const file = openSync(path, 'r');
  const size = fstatSync(file).size;
  const bytes = Buffer.allocUnsafe(BLOCK_BYTES);
  for (let position = 0; position < size; ) {
    const read = readSync(file, bytes, 0, Math.min(BLOCK_BYTES, size - position), position);
    const end = position + read >= size ? read : bytes.lastIndexOf(10, read - 1) + 1;
    let start = 0;
    if (position === 0) for (let line = 0; line < skip; line++) start = bytes.indexOf(10, start) + 1;
    yield { bytes, start, end };
    position += end;
  }
  closeSync(file);
}

/** What people write: the lines of a file as strings, one at a time. */
export function readLines(path: string): AsyncIterable<string> {
  const input = createReadStream(path, { highWaterMark: 1024 * 1024 });
  return createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}
