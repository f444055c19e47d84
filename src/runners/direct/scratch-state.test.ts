import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type KV, Pipeline, state } from '../../sdk/index.ts';
import { scratchState } from './scratch-state.ts';

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'scratch-state-'));
}

test('a folder is there only while state lies in it', () => {
  const tempDir = folder();
  try {
    const { backend, close } = scratchState(tempDir);
    assert.deepEqual(readdirSync(tempDir), []);
    assert.equal(backend.read('t', Buffer.from('k')), undefined);
    backend.write('t', Buffer.from('k'), Buffer.from('v'));
    assert.equal(readdirSync(tempDir).length, 1);
    backend.commit();
    assert.equal(backend.read('t', Buffer.from('k'))?.toString(), 'v');
    close();
    assert.deepEqual(readdirSync(tempDir), []);
    scratchState(tempDir).close();
  } finally {
    rmSync(tempDir, { recursive: true });
  }
});

test('state past the memory budget goes to disk without checkpoints too, and leaves nothing behind', async () => {
  const tempDir = folder();
  const keys = 40_000;
  const onDisk = new Set<number>();
  try {
    const p = new Pipeline({ threads: 0, memory: '8MiB', tempDir });
    const pairs = Array.from({ length: 2 * keys }, (_, i): KV<string, number> => [`key ${i % keys}`, 1]);
    const counts = p
      .create(pairs)
      .parDo('count', {
        state: { n: state.value<number>() },
        *process([key], { state: { n } }) {
          const seen = (n.read() ?? 0) + 1;
          n.write(seen);
          if (seen === 2) yield key;
        },
      })
      .map('look', (key) => {
        if (onDisk.size === 0) onDisk.add(readdirSync(tempDir).length);
        return key;
      })
      .collect('twice');
    const result = await p.run();
    assert.equal(new Set(result.elements(counts)).size, keys);
    assert.deepEqual([...onDisk], [1]);
    assert.deepEqual(readdirSync(tempDir), []);
  } finally {
    rmSync(tempDir, { recursive: true });
  }
});
