import assert from 'node:assert/strict';
import { test } from 'node:test';
import { examplesOf } from './docs-examples.ts';

const DOCUMENT = `# Title

\`\`\`csv file=in/trips.csv
a,b
\`\`\`

\`\`\`ts run
const a = 1;
\`\`\`

Then:

  \`\`\`ts continue
  console.log(
    a,
  );
  \`\`\`

\`\`\`text output
1
\`\`\`

\`\`\`\`md
\`\`\`ts
not an example
\`\`\`
\`\`\`\`

\`\`\`ts
export {};
\`\`\`
`;

test('blocks become programs whose line numbers are those of the document', () => {
  const [first, second, ...others] = examplesOf('x.md', DOCUMENT);
  assert.ok(first !== undefined && second !== undefined);
  assert.deepEqual(others, []);

  const lines = DOCUMENT.split('\n');
  const code = first.code.split('\n');
  assert.equal(code[lines.indexOf('const a = 1;')], 'const a = 1;');
  assert.equal(code[lines.indexOf('  console.log(')], 'console.log(');
  assert.equal(code[lines.indexOf('    a,')], '  a,');
  assert.equal(second.code.split('\n')[lines.indexOf('export {};')], 'export {};');

  assert.deepEqual([first.run, first.output], [true, '1\n']);
  assert.deepEqual([...first.inputs], [['in/trips.csv', 'a,b\n']]);
  assert.deepEqual([second.run, second.output], [false, undefined]);
});

test('an output without an example is refused', () => {
  assert.throws(() => examplesOf('x.md', '```text output\n1\n```\n'), /x\.md:1: there is no example above/);
});
