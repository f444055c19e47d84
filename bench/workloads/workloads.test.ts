import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCommandLine } from '../command-line.ts';
import { compare } from '../harness/compare.ts';
import { contendersOf } from '../harness/contender.ts';
import { elementsOf, WORKLOADS } from '../workload-list.ts';

for (const workload of WORKLOADS) {
  test(`${workload.name}: one thread, two threads and the loops by hand give the same answer`, async () => {
    const options = parseCommandLine([workload.name, '--scale', '0.001', '--runs', '1']);
    assert.ok(options !== undefined);
    const contenders = await contendersOf(workload, { ...options, threads: 2 });
    const results = await compare(contenders, 1, workload.expected?.(elementsOf(workload, options.scale)), () => {});
    assert.equal(results.length, 2 + (workload.hasLimits ? 2 : 0) + (workload.hasLines ? 1 : 0));
    for (const { runs, minSeconds } of results) {
      assert.ok(runs[0].answer[0] > 0 && runs[0].answer[1] !== 0);
      assert.ok(minSeconds > 0);
    }
  });
}

test('different answers are no result', async () => {
  const program = (answer: number) => ({
    command: process.execPath,
    arguments: ['-e', `console.log(JSON.stringify({ seconds: 1, answer: [1, ${answer}] }))`],
  });
  const contenders = [2, 3].map((answer) => ({ name: `says ${answer}`, program: program(answer), mostRuns: 1 }));
  await assert.rejects(
    compare(contenders, 1, undefined, () => {}),
    {
      message: 'says 3 answers 1 and 3 where 1 and 2 is right',
    },
  );
});
