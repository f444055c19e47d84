import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import wordcount from '../../examples/wordcount.ts';
import { exampleData, outputFolder, readLines } from './output-folder.ts';

const folder = outputFolder();

function reference(): string[] {
  const counts = new Map<string, number>();
  for (const word of readFileSync(exampleData('jabberwocky.txt'), 'utf8')
    .toLowerCase()
    .split(/[^\p{L}]+/u)) {
    if (word !== '') counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, n]) => `${word}: ${n}`).sort();
}

for (const threads of [0, 2]) {
  it(`counts words with ${threads} threads`, async () => {
    const output = join(folder, `words-${threads}`);
    const result = await wordcount.run({ values: { input: exampleData('*.txt'), output }, env: {}, threads });
    assert.equal(result.state, 'DONE');
    const lines = readLines(`${output}-`).sort();
    assert.deepEqual(lines, reference());
    assert.ok(lines.includes('jabberwock: 3') && lines.includes('the: 19'));
  });
}
