import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshFolder } from '../../../test/support/fresh-folder.ts';
import { type KV, MillraceError, Pipeline, state } from '../../sdk/index.ts';

test('a state that cannot be written is named, with its transform and key', async (t) => {
  for (const redactErrors of [false, true]) {
    const p = new Pipeline();
    p.create<KV<string, number>>([['ada', 1]]).parDo('Remember', {
      state: { fine: state.bag<number>(), callback: state.value<unknown>() },
      process([, n], { state }) {
        state.fine.add(n);
        state.callback.write(() => n);
      },
    });
    const run = p.run({ threads: 0, checkpointDir: freshFolder(t), redactErrors });
    await assert.rejects(run, (error) => {
      assert.ok(error instanceof MillraceError);
      assert.equal(error.code, 'CODER_UNENCODABLE');
      assert.equal(error.context.transform, 'Remember');
      assert.equal(error.context.resource, `the state 'callback' of the key ${redactErrors ? '<string>' : "'ada'"}`);
      assert.match(error.message, /a function/);
      return true;
    });
  }
});
