import assert from 'node:assert/strict';
import { MillraceError } from '../../src/sdk/errors.ts';
import type { PCollection } from '../../src/sdk/pipeline/p-collection.ts';
import { Pipeline } from '../../src/sdk/pipeline/pipeline.ts';
import type { RunOptions } from '../../src/sdk/pipeline/runner.ts';
import type { Window } from '../../src/sdk/windows/window.ts';

/** Runs in the calling thread and gives the elements of the collection, sorted by their text. */
export async function elementsOf<T, W extends Window>(
  build: (p: Pipeline) => PCollection<T, W>,
  options: RunOptions = {},
): Promise<T[]> {
  const p = new Pipeline({ threads: 0, ...options });
  const found: T[] = [];
  build(p).map('Collect', (element) => {
    found.push(element);
  });
  await p.run();
  return found.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** Runs in the calling thread, which must fail, and gives the error. */
export async function failureOf(build: (p: Pipeline) => unknown, options: RunOptions = {}): Promise<MillraceError> {
  const p = new Pipeline({ threads: 0, ...options });
  build(p);
  const error = await p.run().then(
    () => assert.fail('the pipeline did not fail'),
    (failure: unknown) => failure,
  );
  assert.ok(error instanceof MillraceError, String(error));
  return error;
}
