import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDependencies, layerOf } from './dependencies.ts';
import { LAYERS } from './dependency-rules.ts';

const SELF = { millrace: './src/sdk/index.ts', 'millrace/direct': './src/runners/direct/index.ts' };

/** What the check says of one file with this source. */
function problemsOf(path: string, text: string): string[] {
  return checkDependencies([{ path, text }], SELF).map(({ place, message }) => `${place} ${message}`);
}

test('imports along the arrows pass, imports against them are named with their line', () => {
  assert.deepEqual(problemsOf('src/sdk/a.ts', `import { x } from '../model/x.ts';`), []);
  assert.deepEqual(problemsOf('src/model/a.ts', `\nexport type { X } from '../sdk/x.ts';`), [
    'src/model/a.ts:2 src/model may not import src/sdk/x.ts (scripts/checks/dependency-rules.ts)',
  ]);
  assert.equal(problemsOf('src/model/a.ts', `let x: import('../sdk/x.ts').X;`).length, 1);
  assert.equal(problemsOf('src/model/a.ts', `await import('../sdk/x.ts');`).length, 1);
  assert.equal(problemsOf('src/model/a.ts', `// import '../sdk/x.ts'\nconst s = "import '../sdk/x.ts'";`).length, 0);
});

test('libraries reach the public entries of the SDK only', () => {
  assert.deepEqual(problemsOf('src/io/csv/a.ts', `import { x } from '../../sdk/index.ts';`), []);
  assert.equal(problemsOf('src/io/csv/a.ts', `import { x } from '../../sdk/errors.ts';`).length, 1);
});

test('one file of the SDK loads runners, dynamically; the package name means the same files', () => {
  assert.deepEqual(problemsOf('src/sdk/pipeline/runner.ts', `await import('../../runners/direct/index.ts');`), []);
  assert.deepEqual(problemsOf('src/sdk/pipeline/runner.ts', `await import('millrace/direct');`), []);
  assert.equal(problemsOf('src/sdk/pipeline/runner.ts', `import 'millrace/direct';`).length, 1);
  assert.equal(problemsOf('src/sdk/pipeline/other.ts', `await import('millrace/direct');`).length, 1);
  assert.deepEqual(problemsOf('examples/a.ts', `import 'millrace/direct';`), []);
  assert.equal(problemsOf('examples/a.ts', `import '../src/runners/direct/index.ts';`).length, 1);
});

test('the runner core is pure', () => {
  const core = (text: string): number => problemsOf('src/runners/core/a.ts', text).length;
  assert.equal(core(`Date.now(); Math.random(); setTimeout(f, 1); new Date(); process.env; performance.now();`), 6);
  assert.equal(core(`import fs from 'node:fs';`), 1);
  assert.equal(core(`import assert from 'node:assert'; clock.now(); new Date(0); Math.max(1); random.next();`), 0);
});

test('modules that load each other are a cycle; types and dynamic imports make none', () => {
  const file = (path: string, text: string) => ({ path, text });
  const cycle = [file('src/sdk/a.ts', `import './b.ts';`), file('src/sdk/b.ts', `export * from './a.ts';`)];
  assert.deepEqual(
    checkDependencies(cycle, SELF).map(({ message }) => message),
    ['import cycle: src/sdk/a.ts -> src/sdk/b.ts -> src/sdk/a.ts'],
  );
  const types = [file('src/sdk/a.ts', `import './b.ts';`), file('src/sdk/b.ts', `import type { A } from './a.ts';`)];
  assert.deepEqual(checkDependencies(types, SELF), []);
});

test('the rules themselves have no cycle between layers', () => {
  const below = (layer: string, path: readonly string[] = []): void => {
    assert.ok(!path.includes(layer), `cycle: ${[...path, layer].join(' -> ')}`);
    for (const allowed of LAYERS[layer] ?? []) {
      const target = layerOf(allowed) ?? allowed;
      if (target !== layer) below(target, [...path, layer]);
    }
  };
  for (const layer of Object.keys(LAYERS)) below(layer);
});
