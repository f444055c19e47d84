import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KV, state, type UserCodeError } from '../../sdk/index.ts';
import { assertThat, TestPipeline } from '../../testing/index.ts';

interface Total {
  n: number;
}

/** Adds to an object in the state, in place; `keep` is called with it then. */
function adding(p: TestPipeline, keep: (total: Total, write: (total: Total) => void) => void) {
  return p
    .create<KV<string, number>>([
      ['a', 1],
      ['a', 2],
      ['b', 3],
    ])
    .parDo('Add', {
      state: { total: state.value<Total>() },
      process([key, n], { state }) {
        const total = state.total.read();
        if (total === undefined) {
          state.total.write({ n });
          return [];
        }
        total.n += n;
        keep(total, (value) => state.total.write(value));
        return [`${key} ${total.n}`];
      },
    });
}

test('a value of a state that is changed in place and not written fails in strict mode', async () => {
  const p = new TestPipeline();
  adding(p, () => {});
  await assert.rejects(p.run(), ({ code, message }: UserCodeError) => {
    assert.equal(code, 'STATE_MUTATED');
    assert.match(message, /read from the state 'total' was changed[\s\S]*transform: Add/);
    return true;
  });
});

test('a value that is changed and written, or copied, does not', async () => {
  const p = new TestPipeline();
  assertThat(adding(p, (total, write) => write(total))).isEqualTo('a 3');
  await p.run();
  const q = new TestPipeline();
  assertThat(adding(q, (total, write) => write({ ...total }))).isEqualTo('a 3');
  await q.run();
});
