import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshFolder } from '../../../test/support/fresh-folder.ts';
import {
  impulse,
  type Job,
  type OffsetRange,
  OffsetRangeTracker,
  offsetRangeCoder,
  Pipeline,
  resume,
  splittableParDo,
} from '../../sdk/index.ts';

test('what a drain has truncated is not truncated again after a failure', async (t) => {
  t.mock.method(process, 'emitWarning', () => {});
  const p = new Pipeline();
  const truncatedAt: number[] = [];
  const seen = new Set<number>();
  let failed = false;
  let job: Job | undefined;
  let committed = 0;
  p.apply(impulse())
    .apply(
      splittableParDo('read', {
        unbounded: true,
        restriction: {
          coder: offsetRangeCoder,
          initial: (): OffsetRange => ({ start: 0, end: 1e6 }),
          tracker: (range: OffsetRange) => new OffsetRangeTracker(range),
          truncate(_: Uint8Array, { start }: OffsetRange) {
            truncatedAt.push(start);
            return { start, end: start + 10 };
          },
        },
        *process(_: Uint8Array, { tracker, afterBundleCommit }) {
          const { start } = tracker.current();
          if (!tracker.tryClaim(start)) return undefined;
          yield [start];
          afterBundleCommit(() => {
            committed = start;
          });
          if (start === 5) void job?.drain();
          return resume('1ms');
        },
      }),
    )
    .map('fail once', (n) => {
      seen.add(n);
      // A checkpoint holds what was truncated.
      if (!failed && truncatedAt.length > 0 && committed > truncatedAt[0]) {
        failed = true;
        throw new Error('once');
      }
    });
  job = await p.start({ threads: 0, checkpointDir: freshFolder(t), checkpointInterval: '1ms' });
  await job.wait();
  assert.ok(failed);
  assert.equal(truncatedAt.length, 1);
  assert.equal(Math.max(...seen), truncatedAt[0] + 9);
});
