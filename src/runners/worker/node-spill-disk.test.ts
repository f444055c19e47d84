import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { IoError } from '../../sdk/errors.ts';
import type { SpillDisk } from '../core/spill-disk.ts';
import { MemorySpillDisk } from '../core/spill-disk-memory.ts';
import { NodeSpillDisk } from './node-spill-disk.ts';

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-spill-disk-'));
const nodeDisk = new NodeSpillDisk(directory);
after(() => {
  nodeDisk.close();
  fs.rmSync(directory, { recursive: true });
});
const disks: [string, () => SpillDisk][] = [
  ['in memory', () => new MemorySpillDisk()],
  ['of node', () => nodeDisk],
];

function read(disk: SpillDisk, name: string, offset: number, length: number): number[] {
  const into = new Uint8Array(length);
  disk.read(name, offset, into);
  return [...into];
}

for (const [kind, make] of disks) {
  test(`disk ${kind}: writes, reads, lists and removes`, () => {
    const disk = make();
    disk.create('a-1');
    disk.append('a-1', Uint8Array.of(1, 2, 3));
    disk.append('a-1', Uint8Array.of(4, 5));
    disk.seal('a-1');
    disk.create('b-1');
    disk.seal('b-1');
    assert.deepEqual(read(disk, 'a-1', 1, 3), [2, 3, 4]);
    assert.deepEqual(read(disk, 'a-1', 0, 5), [1, 2, 3, 4, 5]);
    assert.deepEqual(disk.list('a-'), ['a-1']);
    assert.deepEqual(disk.list('').toSorted(), ['a-1', 'b-1']);
    disk.remove('a-1');
    disk.remove('b-1');
    disk.remove('b-1');
    assert.deepEqual(disk.list(''), []);
  });

  test(`disk ${kind}: says what is wrong`, () => {
    const disk = make();
    const fails = (code: string, action: () => void) =>
      assert.throws(
        action,
        (error: IoError) => error.code === code && (error.context.resource?.includes('file') ?? false),
      );
    fails('SPILL_FAILED', () => read(disk, 'file', 0, 1));
    fails('SPILL_FAILED', () => disk.append('file', Uint8Array.of(1)));
    disk.create('file');
    fails('SPILL_FAILED', () => disk.create('file'));
    disk.append('file', Uint8Array.of(1));
    disk.seal('file');
    fails('SPILL_FAILED', () => disk.append('file', Uint8Array.of(1)));
    fails('SPILL_TRUNCATED', () => read(disk, 'file', 0, 2));
    fails('SPILL_TRUNCATED', () => read(disk, 'file', 5, 1));
    disk.remove('file');
    fails('SPILL_FAILED', () => read(disk, 'file', 0, 1));
  });
}

test('disk of node: more files than may be open at once', () => {
  const names = Array.from({ length: 300 }, (_, i) => `many-${i}`);
  for (const [i, name] of names.entries()) {
    nodeDisk.create(name);
    nodeDisk.append(name, Uint8Array.of(i & 0xff));
    nodeDisk.seal(name);
  }
  for (let round = 0; round < 2; round++) {
    for (const [i, name] of names.entries()) assert.deepEqual(read(nodeDisk, name, 0, 1), [i & 0xff]);
  }
  assert.ok(fs.readdirSync('/proc/self/fd').length < 300 || process.platform !== 'linux');
  for (const name of names) nodeDisk.remove(name);
});
