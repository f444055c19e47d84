import assert from 'node:assert/strict';
import { once } from 'node:events';
import { it } from 'node:test';
import { runHere } from './in-process.ts';
import { finish, program, start } from './millrace.ts';

it('a file of transforms is served until the command is interrupted, and what is served is listed', async () => {
  const child = start(['expansion-service', program('scale-service.ts')]);
  const finished = finish(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const [, endpoint] = /^Serving 2 transforms at (127\.0\.0\.1:\d+)\n/.exec(String(line)) ?? [];
  const { stdout, exitCode } = await runHere(['transforms', endpoint]);
  assert.equal(
    stdout,
    [
      'example:scale:v1',
      '  Multiplies numbers.',
      '  configuration: row{factor: int64, note: string?}',
      '  inputs: input',
      '  outputs: main',
      '',
    ].join('\n'),
  );
  assert.equal(exitCode, 0);
  child.kill('SIGTERM');
  assert.equal((await finished).code, 143);
});
