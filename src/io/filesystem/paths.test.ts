import assert from 'node:assert/strict';
import { resolve, win32 } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { IoError } from '../../sdk/index.ts';
import { parseGlob } from './glob.ts';
import {
  baseName,
  checkPath,
  folderOf,
  folderPath,
  globStart,
  joinPath,
  localPath,
  plainPath,
  resolveInside,
  schemeOf,
} from './paths.ts';

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

test('Windows: paths with either separator, drives, shares and URLs come to one form', () => {
  const cases: [path: string, local: string][] = [
    ['C:\\data\\x.csv', 'C:/data/x.csv'],
    ['data\\sub/x.csv', 'data/sub/x.csv'],
    ['C:x.csv', 'C:x.csv'],
    ['\\\\server\\share\\x.csv', '//server/share/x.csv'],
    ['\\\\?\\C:\\data\\x.csv', 'C:/data/x.csv'],
    ['\\\\?\\UNC\\server\\share\\x.csv', '//server/share/x.csv'],
    ['file:///C:/a%20b/x.csv', 'C:/a b/x.csv'],
    ['s3://bucket/a\\b', 's3://bucket/a\\b'],
  ];
  for (const [path, local] of cases) assert.equal(localPath(path, 'win32'), local);
  assert.equal(plainPath('C:\\data\\.\\..\\out\\\\x', 'win32'), 'C:/out/x');
  assert.equal(plainPath('\\\\server\\share\\a\\..\\b', 'win32'), '//server/share/b');
  assert.equal(folderPath('out\\', 'win32'), 'out');
  assert.equal(folderPath('C:\\', 'win32'), 'C:/');
  assert.equal(folderPath('C:\\out\\\\', 'win32'), 'C:/out');
  assert.equal(folderPath('s3://bucket/out//', 'win32'), 's3://bucket/out');
  // Elsewhere a backslash is a character like any other.
  assert.equal(localPath('a\\b', 'posix'), 'a\\b');
  assert.throws(() => localPath('file:///no-drive', 'win32'), { code: 'PATH_INVALID' });
});

test('Windows: folders and names, as Node has them', () => {
  const paths = ['a', 'a/b', '/a', '/a/b', 'C:/a', 'C:/a/b', 'C:a', '//server/share/a', '//server/share/a/b'];
  for (const path of paths) {
    assert.equal(baseName(path, 'win32'), win32.basename(path));
    assert.equal(folderOf(path, 'win32').replace(/\/$/, ''), win32.dirname(path).replace(/\/$/, ''), path);
    assert.equal(joinPath(folderOf(path, 'win32'), baseName(path, 'win32'), 'win32'), path);
  }
  assert.equal(folderOf('s3://bucket/key', 'win32'), 's3://bucket');
});

test('Windows: what data may call a file', () => {
  assert.equal(resolveInside('C:/out', 'de/2024', 'win32'), 'C:/out/de/2024');
  for (const path of ['a:b', 'C:', 'x/NUL', 'con.txt', 'LPT1', 'a./b', 'a ', 'a?', 'a|b', 'com1.tar.gz']) {
    assert.throws(() => resolveInside('C:/out', path, 'win32'), { code: 'PATH_INVALID' }, path);
    assert.ok(resolveInside('out', path, 'posix'));
    assert.ok(resolveInside('s3://bucket', path, 'win32'));
  }
  for (const path of ['C:\\x', '..\\x', '/x', '../x']) {
    assert.throws(() => resolveInside('C:/out', path, 'win32'), { code: 'PATH_ESCAPES' }, path);
  }
  assert.equal(resolveInside('out', 'console/common', 'win32'), 'out/console/common');
});

test('where the walk for a glob begins', () => {
  const start = (pattern: string, style: 'win32' | 'posix') => globStart(parseGlob(pattern)[0].segments, style);
  assert.deepEqual(start('/data/*', 'posix'), { folder: '/', taken: 1 });
  assert.deepEqual(start('data/*', 'posix'), { folder: '.', taken: 0 });
  assert.deepEqual(start('C:/data/*', 'posix'), { folder: '.', taken: 0 });
  assert.deepEqual(start('C:/data/*', 'win32'), { folder: 'C:/', taken: 1 });
  assert.deepEqual(start('//server/share/x/*', 'win32'), { folder: '//server/share/', taken: 4 });
  assert.deepEqual(start('/data/*', 'win32'), { folder: '/', taken: 1 });
  assert.deepEqual(start('data/*', 'win32'), { folder: '.', taken: 0 });
});
