import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { BOOT_COMMAND } from '../../src/runners/portable/staging/boot-script.ts';
import { WorkerPool } from '../../src/runners/portable/worker/worker-pool.ts';
import type { RunOptions } from '../../src/sdk/index.ts';
import type { Peer } from './peer.ts';
import { prism } from './prism.ts';
import { words } from './programs/words.ts';

const skip = prism.whyNot() ?? false;

describe('where functions run, on Prism', { skip }, () => {
  let peer: Peer;
  const folder = mkdtempSync(join(tmpdir(), 'millrace-environments-'));

  before(async () => {
    peer = await prism.start();
  });
  after(async () => {
    await peer.stop();
    rmSync(folder, { recursive: true });
  });

  /** Counts words there. @returns the counts, and the processes that have made them */
  async function countOn(name: string, options: RunOptions): Promise<{ counts: string[]; processes: Set<string> }> {
    const output = join(folder, name);
    await words.run({
      values: { output },
      runner: 'portable',
      endpoint: peer.endpoint,
      onMessage: () => {},
      ...options,
    });
    const lines = globSync(`${output}*`).flatMap((file) => readFileSync(file, 'utf8').trimEnd().split('\n'));
    return {
      counts: lines.map((line) => line.replace(/ \d+$/, '')).sort(),
      processes: new Set(lines.map((line) => line.split(' ')[2])),
    };
  }

  it('in this process', async () => {
    const { counts, processes } = await countOn('loopback', {});
    assert.deepEqual(counts, ['a 1', 'b 3', 'c 1']);
    assert.deepEqual([...processes], [String(process.pid)]);
  });

  it('in a process that the runner starts, with the program that is staged for it', async () => {
    const { counts, processes } = await countOn('process', { environment: 'process' });
    assert.deepEqual(counts, ['a 1', 'b 3', 'c 1']);
    assert.ok(!processes.has(String(process.pid)));
  });

  it('in the workers of a pool', async () => {
    const told: string[] = [];
    const pool = new WorkerPool(BOOT_COMMAND, (text) => told.push(text));
    try {
      const environmentConfig = await pool.listen('127.0.0.1:0');
      const { counts, processes } = await countOn('external', { environment: 'external', environmentConfig });
      assert.deepEqual(counts, ['a 1', 'b 3', 'c 1']);
      assert.ok(!processes.has(String(process.pid)));
      assert.match(told[0], /^worker .*: started$/);
    } finally {
      await pool.close();
    }
    assert.match(told.at(-1) ?? '', /^worker .*: ended/);
  });

  it('an error of a staged program names the line of its source', async () => {
    const values = { output: join(folder, 'failed'), failOn: 'b' };
    const options: RunOptions = { runner: 'portable', endpoint: peer.endpoint, onMessage: () => {} };
    const { href } = new URL('programs/words.ts', import.meta.url);
    const file = href.replace(/^file:\/\//, '');
    await assert.rejects(words.run({ values, ...options, environment: 'process' }), (error: Error) => {
      assert.match(error.message, /not wanted[\s\S]*JOB_FAILED[\s\S]*transform: +show/);
      assert.ok(error.message.includes(`${file}:14:`), error.message);
      return true;
    });
  });
});
