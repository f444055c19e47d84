import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pipeline } from '../../sdk/index.ts';

test('a stage that fills more groupings than there is memory for is refused', async () => {
  const p = new Pipeline({ threads: 0 });
  const pairs = p.create([1, 2, 3]).keyBy('key', (n) => n);
  for (let i = 0; i < 100; i++)
    pairs
      .mapValues(`plus ${i}`, (n) => n + i)
      .groupByKey()
      .map(`use ${i}`, ([n]) => n);
  await assert.rejects(p.run({ memory: '8MiB' }), {
    name: 'PipelineError',
    code: 'MEMORY_TOO_SMALL',
    message: /Stage 1 writes 100 groupings .* 8 MiB [\s\S]*at least 13 MiB on 1 thread:/,
  });
  const { state } = await p.run({ memory: '13MiB' });
  assert.equal(state, 'DONE');
});
