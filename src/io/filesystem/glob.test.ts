import assert from 'node:assert/strict';
import { matchesGlob as nodeMatchesGlob } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { isGlob, matchesGlob, matchesSegment, parseGlob } from './glob.ts';

fc.configureGlobal({ seed: 7 });

function matches(pattern: string, path: string): boolean {
  return parseGlob(pattern).some((glob) => matchesGlob(glob, path.split('/')));
}

const cases: [pattern: string, yes: string[], no: string[]][] = [
  ['*.csv', ['a.csv', 'b-1.csv'], ['.csv', '.hidden.csv', 'a.csv.gz', 'x/a.csv']],
  ['a?c', ['abc', 'a.c'], ['ac', 'a/c', 'abbc']],
  ['data/*/x', ['data/a/x'], ['data/x', 'data/a/b/x', 'data/.h/x']],
  ['data/**', ['data/a', 'data/a/b/c'], ['data', 'other/a', 'data/.a', 'data/.a/b']],
  ['**/x', ['x', 'a/x', 'a/b/x'], ['a/xx', '.a/x']],
  ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['a/x', 'b']],
  ['[a-c]x', ['ax', 'cx'], ['dx', 'Ax', 'x']],
  ['[!a-c]x', ['dx', '-x'], ['ax', '.x']],
  ['[]a]', [']', 'a'], ['b']],
  ['[a-]', ['a', '-'], ['b']],
  ['{a,b}.{txt,csv}', ['a.txt', 'b.csv'], ['c.txt', 'a.json']],
  ['{x{1,2},y}', ['x1', 'x2', 'y'], ['x', 'x3']],
  ['part{,-00001}', ['part', 'part-00001'], ['part-']],
  ['\\*', ['*'], ['a']],
  ['a\\{b,c\\}', ['a{b,c}'], ['ab', 'ac']],
  ['.*', ['.a', '.abc'], ['a']],
  ['*-of-*', ['x-00001-of-00002', '-of-'], ['x-of']],
  ['***', ['abc'], ['.a']],
];
for (const [pattern, yes, no] of cases) {
  test(`glob ${pattern}`, () => {
    for (const path of yes) assert.ok(matches(pattern, path), `${pattern} matches ${path}`);
    for (const path of no) assert.ok(!matches(pattern, path), `${pattern} does not match ${path}`);
  });
}

test('malformed globs and those that stand for too many are refused', () => {
  for (const pattern of ['a[b', 'a{b', '{a,{b}', '{0,1}'.repeat(11)]) {
    assert.throws(() => parseGlob(pattern), { code: 'GLOB_INVALID' });
  }
  assert.equal(parseGlob('{0,1}'.repeat(10)).length, 1024);
});

test('what has no special character is no glob', () => {
  assert.ok(!isGlob('/data/part-00001.csv'));
  for (const path of ['a*', 'a?', '[a]', '{a}', 'a\\b']) assert.ok(isGlob(path));
});

test('agrees with the matcher of Node on names without dots', () => {
  const part = fc.constantFrom('a', 'b', 'ab', '*', '?', '[ab]', '[!a]', '{a,b}', '{ab,*}');
  const pattern = fc
    .array(
      fc.oneof(
        fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
        fc.constant('**'),
      ),
      {
        minLength: 1,
        maxLength: 4,
      },
    )
    .map((segments) => segments.join('/'));
  const path = fc
    .array(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 })
    .map((segments) => segments.map((chars) => chars.join('')).join('/'));
  fc.assert(
    fc.property(pattern, path, (glob, file) => {
      assert.equal(matches(glob, file), nodeMatchesGlob(file, glob));
    }),
    { numRuns: 3000 },
  );
});

test('a pattern of many stars takes no more than length times tokens steps', () => {
  const [{ segments }] = parseGlob(`${'*a'.repeat(1000)}b`);
  assert.ok(!matchesSegment(segments[0], 'a'.repeat(5000)));
});
