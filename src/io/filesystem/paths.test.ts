import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { IoError } from '../../sdk/index.ts';
import { baseName, checkPath, folderOf, joinPath, plainPath, resolveInside, schemeOf } from './paths.ts';

fc.configureGlobal({ seed: 7 });

test('schemes', () => {
  assert.equal(schemeOf('s3://bucket/key'), 's3');
  assert.equal(schemeOf('HTTPS://host/x'), 'https');
  for (const path of ['a/b', '/a://b', 'C:/x', 'a:b', '://x']) assert.equal(schemeOf(path), 'file');
});

test('folders and names', () => {
  const cases: [path: string, folder: string, name: string][] = [
    ['a', '.', 'a'],
    ['a/b', 'a', 'b'],
    ['/a', '/', 'a'],
    ['/a/b', '/a', 'b'],
    ['memory://a', 'memory://', 'a'],
    ['s3://bucket/key', 's3://bucket', 'key'],
  ];
  for (const [path, folder, name] of cases) {
    assert.equal(folderOf(path), folder);
    assert.equal(baseName(path), name);
    assert.equal(joinPath(folder, name), path);
  }
});

test('local paths have one form, other paths are the business of their store', () => {
  assert.equal(plainPath('file:///tmp/a%20b'), '/tmp/a b');
  assert.equal(plainPath('./out//x/../y/'), 'out/y/');
  assert.equal(plainPath('s3://bucket//key/../x'), 's3://bucket//key/../x');
});

test('what no store takes as a path is refused', () => {
  for (const path of ['', 'a\0b', 'x'.repeat(40_000), undefined, 7]) {
    assert.throws(() => checkPath(path as string), { code: 'PATH_INVALID' });
  }
});

test('paths from data stay inside of the folder', () => {
  assert.equal(resolveInside('out', 'de/2024/part'), 'out/de/2024/part');
  assert.equal(resolveInside('s3://bucket/out', 'a..b/...'), 's3://bucket/out/a..b/...');
  for (const path of ['../x', 'a/../../x', '..', '/etc/passwd', 'a/..', 's3://b/x', 'file:///x', '..\\x', 'a\\..\\b']) {
    assert.throws(() => resolveInside('out', path), { code: 'PATH_ESCAPES' }, path);
  }
  for (const path of ['', 'a//b', './a', 'a/', 'a\nb', 'a\0', 'a/./b', '\x7f']) {
    assert.throws(() => resolveInside('out', path), { code: 'PATH_INVALID' }, path);
  }
});

test('whatever is not refused resolves to a path inside', () => {
  const piece = fc.oneof(
    fc.constantFrom('.', '..', '/', '\\', 'a', '\0', ':', '~', '%2e'),
    fc.string({ maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      let path: string;
      try {
        path = resolveInside('/base/out', pieces.join(''));
      } catch (error) {
        assert.ok(error instanceof IoError);
        return;
      }
      assert.ok(resolve(path).startsWith('/base/out/'));
    }),
    { numRuns: 2000 },
  );
});
