import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshFolder } from '../../../test/support/fresh-folder.ts';
import { type Build, type Pair, runOn } from '../../../test/support/run-on-numbers.ts';
import {
  afterCount,
  type Collected,
  fixed,
  globalWindows,
  MAX_TIMESTAMP,
  Pipeline,
  repeatedly,
  state,
  sum,
  timer,
  timestamp,
  withTimestamps,
} from '../../sdk/index.ts';

const counting =
  (name: string): Build =>
  (pairs, out) =>
    pairs.parDo(name, {
      state: { count: state.value<number>() },
      process([, n], { state }) {
        const count = (state.count.read() ?? 0) + 1;
        state.count.write(count);
        out.push([n, count]);
      },
    });

const summing =
  (name: string, size: '4s' | '5s' = '4s'): Build =>
  (pairs, out) =>
    pairs
      .window(fixed(size))
      .combinePerKey(sum(), { name })
      .map('note', ([, total]) => {
        out.push(total);
      });

test('state is found again by the name of its transform, whatever comes before it', async (t) => {
  const directory = freshFolder(t);
  assert.deepEqual(await runOn(directory, 2, 'stop', counting('count')), [
    [0, 1],
    [1, 2],
  ]);
  const after = await runOn(directory, 3, 'drain', (pairs, out, p) =>
    counting('count')(
      pairs.map('inserted', (pair) => pair),
      out,
      p,
    ),
  );
  assert.deepEqual(after, [[2, 3]]);
});

test('state and timers that are no longer declared are named, once', async (t) => {
  const directory = freshFolder(t);
  const warnings: string[] = [];
  t.mock.method(process, 'emitWarning', (text: string) => warnings.push(text));
  const before: Build = (pairs) =>
    pairs.parDo('count', {
      state: { count: state.value<number>(), kept: state.value<number>() },
      timers: { flush: timer.eventTime() },
      onTimer: { flush: () => [] },
      process: (_, { state, timers }) => {
        state.count.write(1);
        timers.flush.set(timestamp(1e9));
      },
    });
  const after: Build = (pairs) =>
    pairs.parDo('count', { state: { kept: state.value<number>() }, process: (_, { state }) => state.kept.write(1) });
  await runOn(directory, 2, 'stop', before);
  await runOn(directory, 3, 'stop', after);
  assert.deepEqual(
    warnings.map((text) => text.split(':')[0]),
    ["'count' no longer declares the state 'count'", "'count' no longer declares the timer 'flush'"],
  );
  await runOn(directory, 4, 'stop', after);
  assert.equal(warnings.length, 2);
});

test('state whose transform is gone is not forgotten silently', async (t) => {
  const changes: readonly [before: Build, after: Build][] = [
    [counting('count'), counting('another')],
    [counting('count'), (pairs) => pairs.map('nothing', () => 0)],
    [summing('sum'), summing('another')],
    [summing('sum'), summing('sum', '5s')],
    // A pane has been given, nothing is held back, and yet the sum goes on.
    [running('sum'), running('another')],
  ];
  for (const [before, after] of changes) {
    const directory = freshFolder(t);
    await runOn(directory, 2, 'stop', before);
    await assert.rejects(runOn(directory, 3, 'drain', after), { code: 'CHECKPOINT_INCOMPATIBLE' });
  }
});

test('what differs from the checkpoint is said first', async (t) => {
  const directory = freshFolder(t);
  await runOn(directory, 2, 'stop', summing('sum'));
  await assert.rejects(runOn(directory, 3, 'drain', summing('sum', '5s')), {
    message: /from its checkpoint: groups:sum: windows fixed\(\S+\) → fixed\(5s\); groups:sum was /,
  });
});

function running(name: string): Build {
  const trigger = repeatedly(afterCount(1));
  return (pairs) =>
    pairs
      .window(globalWindows(), { trigger, accumulation: 'accumulating' })
      .combinePerKey(sum(), { name })
      .map('x', () => 0);
}

test('windows go on after a restart', async (t) => {
  const directory = freshFolder(t);
  assert.deepEqual(await runOn(directory, 6, 'stop', summing('sum')), [6]);
  assert.deepEqual(await runOn(directory, 7, 'drain', summing('sum')), [4 + 5 + 6]);
});

test('elements of the last moment wait for their checkpoint like others', async (t) => {
  const p = new Pipeline();
  const kept: Collected<number> = p
    .create([1, 2])
    .apply(withTimestamps('at the end', () => MAX_TIMESTAMP))
    .map('pair', (n): Pair => ['a', n])
    .parDo('stateful', { state: { none: state.value<number>() }, process: (pair) => [pair] })
    .parDo('stable', { requiresStableInput: true, process: ([, n]: Pair) => [n] })
    .collect();
  const result = await p.run({ threads: 0, checkpointDir: freshFolder(t) });
  assert.deepEqual(result.elements(kept), [1, 2]);
});
