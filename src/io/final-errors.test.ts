import assert from 'node:assert/strict';
import { test } from 'node:test';
import { putFile } from '../../test/support/source-driver.ts';
import { IoError, Pipeline } from '../sdk/index.ts';
import { readJsonLines, readText, writeText } from './index.ts';

const programs: Record<string, (p: Pipeline) => unknown> = {
  FILE_NOT_FOUND: (p) => p.apply(readText('memory://final/none.txt')).map('use', String),
  SCHEME_UNKNOWN: (p) => p.apply(readText('nowhere://none.txt')).map('use', String),
  NOT_TEXT: (p) =>
    p
      .create([1])
      .map('no text', (n) => n as never)
      .apply(writeText('memory://final/out')),
  BAD_JSON: (p) => p.apply(readJsonLines('memory://final/broken.jsonl')).map('use', String),
};

for (const [code, build] of Object.entries(programs)) {
  test(`what fails with ${code} is not tried again`, async () => {
    await putFile('memory://final/broken.jsonl', Buffer.from('{"a":'));
    const p = new Pipeline({ threads: 0 });
    build(p);
    await assert.rejects(p.run(), (error) => {
      assert.ok(error instanceof IoError);
      assert.equal(error.code, code);
      assert.equal(error.context.attempt, 1);
      assert.match(error.message, /1; not repeated, for it would fail again/);
      return true;
    });
  });
}
