import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ContenderResult } from '../harness/compare.ts';
import { writeMarkdown } from './markdown.ts';
import type { BenchReport } from './report.ts';
import { isReached, workloadTargets } from './targets.ts';

function result(name: string, seconds: number, maxRssBytes?: number): ContenderResult {
  const run = { seconds, answer: [1, 2] as const, processSeconds: seconds + 0.1 };
  return {
    name,
    runs: [run],
    minSeconds: seconds,
    medianSeconds: seconds,
    minProcessSeconds: run.processSeconds,
    minCpuSeconds: undefined,
    maxRssBytes,
  };
}

const W2 = [
  result('millrace, 1 thread', 2, 300e6),
  result('millrace, 2 threads', 1.6, 600e6),
  result('fast', 1),
  result('naive', 4),
  result('flink', 16),
];

test('targets compare the contenders that took part', () => {
  const targets = workloadTargets('W2', 5e6, 2, W2);
  assert.deepEqual(
    targets.map((target) => [target.target, target.value, isReached(target)]),
    [
      ['one thread / readline loop', 0.5, true],
      ['one thread / byte-level limit', 2, true],
      ['one thread / 2 threads', 1.25, false],
      ['flink / 2 threads', 10, false],
      ['resident memory', 600, false],
    ],
  );
  assert.deepEqual(
    workloadTargets('W5', 5e6, 2, [W2[0]]).map(({ value, unit }) => [value, unit]),
    [
      [400, ' ns'],
      [300, ' MB'],
    ],
  );
});

test('tables replace those of the run before and leave the rest of the file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  try {
    const path = join(folder, 'RESULTS.md');
    const report: BenchReport = {
      machine: { date: '2030-01-02', processor: 'P', cores: 2, memoryBytes: 2 ** 34, system: 'S', versions: ['V 1'] },
      command: 'npm run bench -- W2',
      scale: 1,
      threads: 2,
      workloads: [{ name: 'W2', title: 'sums', elements: 5e6, results: W2 }],
      growth: [{ workload: 'W2', rows: 2.5e6, minSeconds: 1.5, factor: undefined }],
      start: [{ threads: 0, minMillis: 100, medianMillis: 120 }],
      targets: workloadTargets('W2', 5e6, 2, W2),
    };
    writeMarkdown(path, report);
    writeFileSync(path, `${readFileSync(path, 'utf8')}\n## What is missing\n`);
    writeMarkdown(path, { ...report, command: 'npm run bench -- all' });
    const text = readFileSync(path, 'utf8');
    assert.ok(text.includes('`npm run bench -- all` on P, 2 cores, 16 GiB, S. V 1.'));
    assert.ok(!text.includes('npm run bench -- W2'));
    assert.ok(text.includes('| W2 | one thread / 2 threads | ≥ 1.6× | 1.25× | **missing** |'));
    assert.ok(text.endsWith('\n## What is missing\n'));

    writeFileSync(path, 'something else');
    assert.throws(() => writeMarkdown(path, report), /has no place for the tables/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
