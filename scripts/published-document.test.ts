import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publishedDocument } from './published-document.ts';

const FILES = ['dist', 'docs/guides', 'CHANGELOG.md'];

test('links to what the package has not become their text', () => {
  const text = [
    'See [the `map` of it](ARCHITECTURE.md), [b](docs/guides/b.md#part) and [more](docs/runners.md); [web](https://example.org).',
    '[changes](CHANGELOG.md) [guides](docs/guides/) [examples](examples/) [here](#here) [licence](LICENSE) `[code](none.md)`',
    '```ts',
    'call[0](none)',
    '```',
  ];
  assert.deepEqual(publishedDocument(text.join('\n'), 'README.md', FILES).split('\n'), [
    'See the `map` of it, [b](docs/guides/b.md#part) and more; [web](https://example.org).',
    '[changes](CHANGELOG.md) [guides](docs/guides/) examples [here](#here) [licence](LICENSE) `[code](none.md)`',
    ...text.slice(2),
  ]);
});

test('links of a guide start at its folder', () => {
  assert.equal(
    publishedDocument('[a](a.md#x) ![p](pictures/p.svg) [d](../decisions/1.md)', 'docs/guides/b.md', FILES),
    '[a](a.md#x) ![p](pictures/p.svg) d',
  );
});
