import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshFolder } from '../../../test/support/fresh-folder.ts';
import { type Build, type Pair, refused, runOn } from '../../../test/support/run-on-numbers.ts';
import { create, flatten, type PCollection, type Pipeline, reshuffle, state } from '../../sdk/index.ts';

const made = (p: Pipeline, name: string, n: number): PCollection<Pair> => p.apply(name, create<Pair>([['a', n]]));

/** Adds up what comes from the numbers and from elsewhere. */
const adding =
  (...created: readonly (readonly [name: string, n: number])[]): Build =>
  (pairs, out, p) =>
    flatten([pairs, ...created.map(([name, n]) => made(p, name, n))]).parDo('add', {
      state: { total: state.value<number>() },
      process([, n], { state }) {
        state.total.write((state.total.read() ?? 0) + n);
        out.push(state.total.read());
      },
    });

const beside =
  (name: string, step: string): Build =>
  (_, out, p) =>
    made(p, name, 100)
      .apply(`reshuffled ${step}`, reshuffle())
      .map(step, ([, n]) => {
        out.push(n);
      });

test('an impulse of another name before a source that has read is refused', async (t) => {
  const message = await refused(freshFolder(t), adding(), adding(), 'Another');
  assert.match(
    message,
    /has begun with impulse:Impulse\S*, which .*, and impulse:Another\S* would feed source:read anew/,
  );
});

test('elements that were created under another name do not come twice', async (t) => {
  const message = await refused(freshFolder(t), adding(['old', 100]), adding(['new', 100]));
  assert.match(
    message,
    /impulse:old\S*, which the pipeline no longer has, and impulse:new\S* would feed state:add anew/,
  );
  await refused(freshFolder(t), beside('old', 'note'), beside('new', 'note'));
});

test('branches may come, go, or both', async (t) => {
  const changes: readonly [before: Build, after: Build, last: unknown][] = [
    [adding(), adding(['new', 100]), 0 + 1 + 2 + 100],
    [adding(['old', 100]), adding(), 0 + 1 + 2 + 100],
    [beside('old', 'note'), beside('new', 'another'), 100],
    [beside('same', 'note'), beside('same', 'note'), undefined],
  ];
  for (const [before, after, last] of changes) {
    const directory = freshFolder(t);
    await runOn(directory, 2, 'stop', before);
    assert.equal((await runOn(directory, 3, 'drain', after)).at(-1), last);
  }
});

test('one create() replaces another in two runs', async (t) => {
  const directory = freshFolder(t);
  await runOn(directory, 2, 'stop', adding(['old', 100]));
  await runOn(directory, 3, 'stop', adding());
  assert.deepEqual((await runOn(directory, 4, 'drain', adding(['new', 1000]))).at(-1), 1106);
});
