import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runProgram } from './run-program.ts';

/** Of the whole process: its two JavaScript heaps, code and buffers besides the 64 MiB. The data are 300 MB. */
const MOST_MEGABYTES = 400;

describe('data larger than memory', () => {
  for (const [kind, values] of [
    ['groups', 300_000],
    ['one key', 300_000],
    ['joined', 300_000],
    ['side input', 300_000],
    ['stored', 300_000],
  ] as const) {
    test(kind, async () => {
      const { stdout, stderr } = await runProgram('larger-than-memory.ts', { args: [kind] });
      assert.equal(stderr, '');
      const result = JSON.parse(stdout) as { values: number; megabytes: number };
      assert.equal(result.values, values);
      assert.ok(result.megabytes < MOST_MEGABYTES, `${result.megabytes} MB`);
    });
  }
});
