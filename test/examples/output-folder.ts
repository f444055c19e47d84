import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after } from 'node:test';

/** Path of an input of the examples. */
export function exampleData(name: string): string {
  return join(import.meta.dirname, '..', '..', 'examples', 'data', name);
}

/** A temporary folder that goes with the tests of the calling file. */
export function outputFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-example-'));
  after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** The lines of all files whose names begin so, in the order of the files. @throws when there is no such file. */
export function readLines(prefix: string): string[] {
  const names = readdirSync(dirname(prefix)).filter((name) => name.startsWith(basename(prefix)));
  if (names.length === 0) throw new Error(`No file begins with ${prefix}`);
  return names.sort().flatMap((name) =>
    readFileSync(join(dirname(prefix), name), 'utf8')
      .split('\n')
      .slice(0, -1),
  );
}
