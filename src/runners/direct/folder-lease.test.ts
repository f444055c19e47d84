import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { freshFolder } from '../../../test/support/fresh-folder.ts';
import { openCheckpointFolder } from './checkpoint-folder.ts';

/** A lock that was renewed last so many seconds ago. */
function lockOf(directory: string, holder: string, seconds: number): void {
  const lock = join(directory, 'LOCK');
  writeFileSync(lock, holder);
  const renewed = Date.now() / 1000 - seconds;
  utimesSync(lock, renewed, renewed);
}

describe('a checkpoint folder with the lock of another host', () => {
  it('is in use while the lock is young, and says for how long', (t) => {
    const directory = freshFolder(t);
    // Half a second from where the numbers of the message change: file systems round times.
    lockOf(directory, '1 another-host 5', 10.5);
    assert.throws(() => openCheckpointFolder(directory), {
      code: 'CHECKPOINT_IN_USE',
      message: /process 1 on another-host holds it, and has said so 1\d s ago(.|\n)*try again in (50|49) s/,
    });
    assert.deepEqual(readdirSync(directory), ['LOCK']);
    // A clock that is ahead of the file system's is none of its business.
    lockOf(directory, '1 another-host 5', -3600);
    assert.throws(() => openCheckpointFolder(directory), { code: 'CHECKPOINT_IN_USE' });
  });

  it('is free when the lock was not renewed for a minute', (t) => {
    const directory = freshFolder(t);
    lockOf(directory, '1 another-host 5', 61);
    const opened = openCheckpointFolder(directory);
    assert.match(readFileSync(join(directory, 'LOCK'), 'utf8'), new RegExp(`^${process.pid} `));
    opened.close();
    assert.equal(existsSync(join(directory, 'LOCK')), false);
  });
});

describe('a checkpoint folder that is held', () => {
  it('renews its lock every five seconds', (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const directory = freshFolder(t);
    const opened = openCheckpointFolder(directory);
    const lock = join(directory, 'LOCK');
    utimesSync(lock, 1, 1);
    t.mock.timers.tick(5000);
    assert.ok(statSync(lock).mtimeMs > 1_000_000);
    opened.close();
    t.mock.timers.tick(5000);
    assert.equal(existsSync(lock), false);
  });

  it('writes no checkpoint, and leaves the lock alone, once another has taken it', (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const directory = freshFolder(t);
    const opened = openCheckpointFolder(directory);
    opened.backend.commit();
    lockOf(directory, '1 another-host 5', 30);
    t.mock.timers.tick(5000);
    assert.throws(() => opened.backend.commit(), {
      code: 'CHECKPOINT_LOST',
      message: /process 1 on another-host has taken it/,
    });
    opened.close();
    assert.equal(readFileSync(join(directory, 'LOCK'), 'utf8'), '1 another-host 5');
  });
});
