import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPublished, publishedManifest } from './published-manifest.ts';

const SOURCE = {
  name: 'p',
  version: '1.0.0',
  exports: { '.': './src/sdk/index.ts', './io': './src/io/index.ts', './package.json': './package.json' },
  bin: { p: './src/cli/main.ts' },
  files: ['dist'],
  dependencies: { long: '5.0.0' },
  scripts: { test: 'x' },
  devDependencies: { yaml: '2.0.0' },
};

test('entries name compiled files with their declarations, and what only the repository needs is gone', () => {
  const published = publishedManifest(SOURCE);
  assert.deepEqual(published, {
    name: 'p',
    version: '1.0.0',
    exports: {
      '.': { types: './dist/sdk/index.d.ts', default: './dist/sdk-index.js' },
      './io': { types: './dist/io/index.d.ts', default: './dist/io-index.js' },
      './package.json': './package.json',
    },
    bin: { p: './dist/cli-main.js' },
    files: ['dist'],
    dependencies: { long: '5.0.0' },
  });
  assert.deepEqual([isPublished(SOURCE), isPublished(published)], [false, true]);
});
