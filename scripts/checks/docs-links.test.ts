import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkProblems } from './docs-links.ts';

const FILES = ['README.md', 'docs', 'docs/a.md', 'docs/b c.md', 'src/sdk/x.ts'];

function problems(texts: Readonly<Record<string, string>>): string[] {
  const found = linkProblems({ texts: new Map(Object.entries(texts)), exists: (path) => FILES.includes(path) });
  return found.map(({ place, message }) => `${place} ${message}`);
}

test('links to files, folders and headings', () => {
  const a = '# A title, with `code` & more\n## Same\n## Same\n### [Linked](b%20c.md) one';
  const good = [
    '[a](docs/a.md) ![image](docs/a.md "title") [folder](docs/) [space](docs/b%20c.md) [web](https://example.org/none)',
    '[t](docs/a.md#a-title-with-code--more) [s](docs/a.md#same-1) [l](docs/a.md#linked-one) [own](#own)',
    '# Own',
    '`[code](none.md)`',
    '```md',
    '[block](none.md)',
    '```',
    '[definition]: docs/a.md#same',
  ];
  assert.deepEqual(problems({ 'README.md': good.join('\n'), 'docs/a.md': a }), []);
  const bad = '[x](none.md) [y](docs/a.md#other)\n\n[z]: none\n[up](../other) [own](#none)';
  assert.deepEqual(problems({ 'README.md': bad, 'docs/a.md': a }), [
    'README.md:1 there is no none.md',
    'README.md:1 docs/a.md has no heading #other',
    'README.md:3 there is no none',
    'README.md:4 ../other leads out of the repository',
    'README.md:4 README.md has no heading #none',
  ]);
  assert.deepEqual(problems({ 'docs/a.md': '[up](../README.md) [b](<b%20c.md>)' }), []);
});

test('source files that a document about the source names', () => {
  assert.deepEqual(problems({ 'ARCHITECTURE.md': '| `sdk/x.ts` | `src/sdk/x.ts`, `sdk/y.ts` and `word.ts` |' }), [
    'ARCHITECTURE.md:1 there is no sdk/y.ts',
  ]);
  assert.deepEqual(problems({ 'docs/a.md': '`logs/mine.json`' }), []);
});
