import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { freshFolder } from '../../../test/support/fresh-folder.ts';
import { openCheckpointFolder } from './checkpoint-folder.ts';

test('one run at a time; what cannot be used says why, and is not taken for one that is in use', (t) => {
  const directory = freshFolder(t);
  const folder = openCheckpointFolder(join(directory, 'a', 'b'));
  assert.throws(() => openCheckpointFolder(join(directory, 'a', 'b')), { code: 'CHECKPOINT_IN_USE' });
  folder.close();
  openCheckpointFolder(join(directory, 'a', 'b')).close();

  writeFileSync(join(directory, 'file'), '');
  mkdirSync(join(directory, 'locked', 'LOCK'), { recursive: true });
  // Nobody has held a lock that says nothing: the process was killed while it wrote it.
  mkdirSync(join(directory, 'torn'));
  writeFileSync(join(directory, 'torn', 'LOCK'), '');
  for (const path of ['', join(directory, 'file'), join(directory, 'locked'), `${directory}/nul\0`]) {
    assert.throws(() => openCheckpointFolder(path), { code: 'CHECKPOINT_DIR' }, path);
  }
  openCheckpointFolder(join(directory, 'torn')).close();
});
