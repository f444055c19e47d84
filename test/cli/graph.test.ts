import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Pipeline } from '../../src/model/pipeline.ts';
import { runHere } from './in-process.ts';
import { millrace, program } from './millrace.ts';

const count = program('count.ts');

describe('millrace graph', () => {
  it('prints an exported pipeline as text', async () => {
    const { exitCode, stdout } = await runHere(['graph', count, '--text', 'a']);
    assert.equal(exitCode, 0);
    assert.match(stdout, /^count\n├─ Create +composite\n│ {2}├─ Impulse /);
    assert.match(stdout, /^└─ print +map +← check /m);
  });

  it('prints the pipeline of a script without running it', async () => {
    const { exitCode, stdout } = await runHere(['graph', program('script.ts'), '--times', '3']);
    assert.equal(exitCode, 0);
    assert.match(stdout, /^script\n[\s\S]*└─ times +map/);
    const plain = await runHere(['graph', program('plain-script.mjs')]);
    assert.match(plain.stdout, /^plain\n/);
    const unrun = await runHere(['graph', program('unrun.ts')]);
    assert.equal(unrun.exitCode, 2);
    assert.match(unrun.stderr, /does not run the pipeline 'forgotten'/);
  });

  it('prints every format', async () => {
    const heads = { json: /^\{/, dot: /^digraph "count" \{/, mermaid: /^---\ntitle: "count"/ };
    for (const [format, head] of Object.entries(heads)) {
      const { exitCode, stdout } = await runHere(['graph', count, '--format', format, '--text', 'a']);
      assert.equal(exitCode, 0);
      assert.match(stdout, head);
    }
  });

  it('writes a Beam pipeline', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-graph-'));
    try {
      const file = join(folder, 'pipeline.pb');
      const { exitCode, stdout } = await runHere(['graph', '--format=proto', '-o', file, count, '--text', 'a']);
      assert.equal(exitCode, 0);
      assert.equal(stdout, '');
      const { components, rootTransformIds } = Pipeline.decode(readFileSync(file));
      assert.deepEqual(rootTransformIds, ['Create', 'split', 'check', 'print']);
      assert.equal(components?.transforms.check.spec?.urn, 'beam:transform:pardo:v1');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('gives the pipeline what stands after --', async () => {
    const { exitCode, stderr } = await runHere(['graph', count, '--text', 'a', '--', '--format', 'svg']);
    assert.equal(exitCode, 2);
    assert.match(stderr, /Unknown option --format/);
  });
});

describe('millrace explain', () => {
  it('shows stages, shuffles and rewrites', async () => {
    const { exitCode, stdout } = await runHere(['explain', program('grouped.ts')]);
    assert.equal(exitCode, 0);
    assert.match(stdout, /^grouped: \d+ stages, 2 shuffles$/m);
    assert.match(stdout, /^ {4}key +keyBy$/m);
    assert.match(stdout, /^ {2}writes a shuffle of accumulators for total \(combiner Sum lifted\)/m);
    assert.match(stdout, /^ {2}writes a shuffle for GroupByKey/m);
    assert.match(stdout, /^ {2}reads {2}the groups of GroupByKey$/m);
    assert.match(stdout, /with side input 'names' of Create\/Elements$/m);
    assert.match(stdout, /^Rewrites\n[\s\S]*lifted total/m);
  });

  it('shows what is left without rewrites', async () => {
    const { stdout } = await runHere(['explain', program('grouped.ts'), '--disable', 'all']);
    assert.doesNotMatch(stdout, /lifted/);
    const stages = (text: string) => Number(/: (\d+) stages/.exec(text)?.[1]);
    assert.ok(stages(stdout) > stages((await runHere(['explain', program('grouped.ts')])).stdout));
  });

  it('takes the rewrites to switch off for a script too', async () => {
    // A process each: a script runs only the first time that a process imports it.
    const args = ['explain', program('plain-script.mjs')];
    assert.match((await millrace(args)).stdout, /^plain: 1 stage, 0 shuffles\n/);
    assert.match((await millrace([...args, '--disable', 'fusion'])).stdout, /^plain: [2-9] stages, 0 shuffles\n/);
  });

  it('shows transforms of other SDKs as far as they are known, and asks nobody', async () => {
    const { exitCode, stdout } = await runHere(['explain', program('foreign.ts')]);
    assert.equal(exitCode, 0);
    const [, , shout, length, read, join] = stdout.trim().split('\n\n');
    assert.equal(
      shout,
      `Stage 2  (after stage 1)
  reads  the stored elements of upper
    Shout  external my:shout:v1 of the expansion service at localhost:1
  writes stored elements of Shout, string_utf8`,
    );
    assert.match(
      length,
      /^Stage 3 {2}\(after stage 2\)\n {2}reads {2}the stored elements of Shout\n {4}length {2}map$/,
    );
    assert.match(read, /^Stage 4\n {2}reads {2}nothing of this program\n {4}Read {2}external my:read:v1/);
    assert.match(
      join,
      /\(after stage 2, stage 4\)\n {2}reads {2}'loud': the stored elements of Shout, 'read': the stored elements of Read\n/,
    );
  });

  it('prints the plan as JSON', async () => {
    const { stdout } = await runHere(['explain', program('grouped.ts'), '--json']);
    const plan = JSON.parse(stdout);
    assert.equal(plan.name, 'grouped');
    assert.ok(Array.isArray(plan.stages) && Array.isArray(plan.channels));
  });
});
