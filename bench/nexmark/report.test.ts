import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReached } from '../report/targets.ts';
import { nexmarkMarkdown } from './markdown.ts';
import { type NexmarkReport, nexmarkTargets } from './report.ts';

const REPORT: NexmarkReport = {
  machine: { date: '2030-01-02', processor: 'P', cores: 2, memoryBytes: 2 ** 34, system: 'S', versions: ['V 1'] },
  command: 'npm run bench -- nexmark',
  generatorNanos: 100,
  throughput: [
    { query: 'q0', events: 1e6, eventsPerSecond: [1e6, 2e6], median: 1.5e6, perProcessorSecond: 2e6, maxRssBytes: 1e8 },
    { query: 'q1', events: 1e6, eventsPerSecond: [1e3], median: 1e3, perProcessorSecond: 2e6, maxRssBytes: 1e8 },
    { query: 'q5', events: 1e6, eventsPerSecond: [2e5], median: 2e5, perProcessorSecond: 2e6, maxRssBytes: 1e8 },
  ],
  latency: [
    {
      query: 'q0',
      ofTarget: false,
      eventsPerSecond: 5e5,
      maxRssBytes: 1e8,
      count: 9,
      p50: 1,
      p95: 2,
      p99: 101,
      max: 200,
    },
    { query: 'q5', ofTarget: true, eventsPerSecond: 1e5, maxRssBytes: 1e8, count: 0, p50: 0, p95: 0, p99: 0, max: 0 },
  ],
  checkpoints: [{ query: 'q0', events: 1e6, secondsWithout: 9, secondsWith: 10 }],
  restarts: [{ kind: 'values', keys: 1e6, stateBytes: 1e9, seconds: [1, 4, 2] }],
  keys: { keys: 1e7, budget: '512MiB', seconds: 10, elements: 1e7, maxRssBytes: 2 ** 29 },
  flink: [{ query: 'q0', events: 1e6, seconds: 4, ours: 1.5e6 }],
};

test('targets are held against what was measured', () => {
  assert.deepEqual(
    nexmarkTargets(REPORT).map((target) => [target.workload, target.kind, Math.round(target.value), isReached(target)]),
    [
      ['q0', 'least', 1500, true],
      ['q5', 'least', 200, false],
      ['q0', 'most', 101, false],
      ['q0', 'most', 10, true],
      ['values', 'most', 4, false],
      ['keys', 'most', 512, true],
      ['q0', 'least', 6, true],
    ],
  );
});

test('the tables hold what was measured and leave out what was not', () => {
  const text = nexmarkMarkdown(REPORT);
  assert.ok(text.includes('| q0 | 1500 | 2000 | 2 | 1 | 667 | 2000 | 100 |'));
  assert.ok(text.includes('| q5 | 100 | 0 |  |  |  |  | 100 |'));
  assert.ok(text.includes('| values | 1 | 1.00 | 1.00 | 4.00 |'));
  assert.ok(text.includes('| q0 | 1 | 250 | 1500 | 6.0 |'));
  const none = nexmarkMarkdown({ ...REPORT, latency: [], checkpoints: [], restarts: [], keys: undefined, flink: [] });
  assert.ok(!none.includes('## Restart') && !none.includes('## Checkpoints'));
});
