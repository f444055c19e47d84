import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';

const demo = join(import.meta.dirname, '..', '..', 'examples', 'demo.ts');

// The counts are those that TensorFlow Data Validation 1.16.1 finds in the same file.
for (const threads of ['0', '2']) {
  it(`the demo prints the answer with ${threads} threads`, async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [demo, '--threads', threads]);
    assert.match(stdout, /^ {2}Cash +6480 trips, mean fare \$10\.91, tip 0\.0 %$/m);
    assert.match(stdout, /^ {2}Credit Card +3448 trips, /m);
    assert.match(stdout, /^ {2}No Charge +48 trips, /m);
    assert.match(stdout, /Taxi Affiliation Services \(3423\), Dispatch Taxi Affiliation \(1107\)/);
    assert.match(stdout, /^10000 rows of .*taxi\.csv in \d+ ms$/m);
  });
}
