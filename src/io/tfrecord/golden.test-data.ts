import { readFileSync } from 'node:fs';
import { FOOTER_BYTES, HEADER_BYTES, recordIntact, recordLength } from './frame.ts';

/** The bytes of a file of TensorFlow's. */
export function goldenFile(name: string): Buffer {
  return readFileSync(new URL(`../../../test/golden/records/${name}`, import.meta.url));
}

/** The records of a golden file. */
export function recordsOf(name: string): Buffer[] {
  const file = goldenFile(`${name}.tfrecord`);
  const records: Buffer[] = [];
  for (let at = 0; at < file.length; ) {
    const start = at + HEADER_BYTES;
    const end = start + recordLength(file, at);
    if (!recordIntact(file, start, end)) throw new Error(`${name} at ${at}`);
    records.push(file.subarray(start, end));
    at = end + FOOTER_BYTES;
  }
  return records;
}
