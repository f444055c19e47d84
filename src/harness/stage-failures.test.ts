import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserCodeError } from '../sdk/errors.ts';
import { Pipeline } from '../sdk/pipeline/pipeline.ts';
import { StageFailures } from './stage-failures.ts';

function parse(text: string): unknown {
  return JSON.parse(text);
}

function thrownBy(fn: () => unknown): unknown {
  try {
    fn();
  } catch (error) {
    return error;
  }
  return assert.fail('nothing was thrown');
}

test('an error of a user function names the step, and has the stack of that function', () => {
  const p = new Pipeline();
  p.create(['{']).map('Parse', parse);
  const cause = thrownBy(() => parse('{'));
  const error = new StageFailures(p.graph, ['Parse'], false).attribute(0, cause, '{');
  assert.ok(error instanceof UserCodeError);
  assert.equal(error.cause, cause);
  const [first, transform, at, element, ...frames] = (error.stack ?? '').split('\n');
  assert.match(first, /^UserCodeError: SyntaxError: .* \[USER_CODE\]$/);
  assert.equal(transform, '  transform: Parse');
  assert.match(at, /^ {2}at: {8}.*stage-failures\.test\.ts:\d+:\d+$/);
  assert.equal(element, "  element:   '{'");
  assert.match(frames[0], /JSON\.parse/);
  assert.match(frames[1], /at parse \(.*stage-failures\.test\.ts:8:\d+\)/);
});

test('what is thrown need not be an error', () => {
  const p = new Pipeline();
  p.create([1]).map('Throw', () => 1);
  const failures = new StageFailures(p.graph, ['Throw'], false);
  assert.equal(failures.attribute(0, 'just text', 1).summary, "Thrown value: 'just text'");
  assert.equal(failures.attribute(0, undefined, 1).summary, 'Thrown value: undefined');
});
