import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCommandLine } from '../command-line.ts';
import { BEAM_JAVA, BEAM_PYTHON, MILLRACE, onFlinkMarkdown, onFlinkTargets } from './report.ts';

const result = (name: string, seconds: number) => ({
  name,
  runs: [],
  minSeconds: seconds,
  medianSeconds: seconds,
  minProcessSeconds: seconds,
  minCpuSeconds: undefined,
  maxRssBytes: undefined,
});

test('Python is compared by elements per second, Java by time', () => {
  const results = [result(MILLRACE, 4), result(BEAM_PYTHON, 24), result(BEAM_JAVA, 2)];
  const workload = { name: 'W2', title: 'sum per key, 5 M rows, 100 k keys', elements: 1e6, results };
  const machine = {
    date: '2030-01-02',
    processor: 'P',
    cores: 2,
    memoryBytes: 2 ** 34,
    system: 'S',
    versions: ['V 1'],
  };
  const report = { machine, command: 'npm run bench -- W2 --runner flink', workloads: [workload] };
  assert.deepEqual(
    onFlinkTargets(report).map(({ value, limit }) => [value, limit]),
    [
      [6, 5],
      [2, 1.5],
    ],
  );
  const text = onFlinkMarkdown(report);
  assert.match(text, /## W2: sum per key, 1.0 M elements/);
  assert.match(text, /\| millrace \| 4.00 \| 4.00 \| 0 \| 250 \|/);
});

test('only workloads that other SDKs have run on Flink', () => {
  assert.equal(parseCommandLine(['W2', '--runner', 'flink'])?.runner, 'flink');
  assert.throws(() => parseCommandLine(['W7', '--runner', 'flink']), /--runner flink knows W1, .*, not W7/);
  assert.throws(() => parseCommandLine(['W2', '--runner', 'spark']), /--runner knows direct and flink/);
});
