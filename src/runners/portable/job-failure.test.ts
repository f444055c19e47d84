import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunnerError, UserCodeError } from '../../sdk/errors.ts';
import { JobFailure } from './job-failure.ts';

test('a failure that would be the same again is told of once, whenever somebody listens', () => {
  const last = new UserCodeError('INPUT_MUTATED', 'The function changed its input element', { final: true });
  for (const listensFirst of [true, false]) {
    const failure = new JobFailure();
    let told = 0;
    const listen = () => failure.whenFinal(() => told++);
    if (listensFirst) listen();
    failure.failed(new RunnerError('RPC_UNAVAILABLE', 'Nobody there'));
    failure.failed(new Error('of the user'));
    assert.equal(failure.final, undefined);
    failure.failed(last);
    failure.failed(last);
    if (!listensFirst) listen();
    assert.equal(failure.final, last);
    assert.equal(told, 1);
  }
});
