import { readFileSync } from 'node:fs';
import { TfRecordScanner } from './frame.ts';

/** The records of a golden file, read with checksums verified. */
export function recordsOf(name: string): Buffer[] {
  const records: Buffer[] = [];
  const scanner = new TfRecordScanner({
    resource: name,
    maxRecordBytes: 1 << 20,
    onBad(error) {
      throw error;
    },
  });
  scanner.push(readFileSync(new URL(`../../../test/golden/records/${name}.tfrecord`, import.meta.url)), records);
  scanner.finish();
  return records;
}
