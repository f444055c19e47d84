import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PipelineError, type Timestamp } from '../../../sdk/index.ts';
import { TimerAccessor, type TimerBinding, TimerFamilyAccessor } from './timer-accessors.ts';

const NOW = 1000 as Timestamp;
const due = { name: 'due', number: 0, domain: 'event' } as const;

function binding(set: unknown[]): TimerBinding {
  return {
    now: () => NOW,
    timestamp: NOW,
    expiry: 1e9 as Timestamp,
    setTimer: (...args) => set.push(args),
    clearTimer() {},
  };
}

// As plain JavaScript sees them, where no compiler says that a name is wrong.
const misspelt: Readonly<
  Record<string, [(timer: TimerAccessor, family: TimerFamilyAccessor) => void, string, string]>
> = {
  outputTimestmp: [(timer) => timer.set(NOW, Object({ outputTimestmp: NOW })), 'set()', 'outputTimestamp'],
  aling: [(timer) => timer.setRelative('1m', Object({ aling: '1h' })), 'setRelative()', 'align'],
  outputtimestamp: [(_, family) => family.set('x', NOW, Object({ outputtimestamp: NOW })), 'set()', 'outputTimestamp'],
  alignTo: [
    (_, family) => family.setRelative('x', '1m', Object({ outputTimestamp: NOW, alignTo: '1h' })),
    'setRelative()',
    'align',
  ],
};

for (const [name, [act, method, meant]] of Object.entries(misspelt)) {
  test(`a timer has no option '${name}': it is refused, and the right name named`, () => {
    const set: unknown[] = [];
    assert.throws(
      () => act(new TimerAccessor(binding(set), due), new TimerFamilyAccessor(binding(set), due)),
      (error) => {
        assert.ok(error instanceof PipelineError, String(error));
        assert.equal(error.code, 'OPTION_UNKNOWN');
        assert.equal(error.summary, `${method} of the timer 'due' has no option '${name}'`);
        assert.ok(error.message.includes(`did you mean '${meant}'?`), error.message);
        return true;
      },
    );
    assert.deepEqual(set, []);
  });
}

test('set() does not align; options of text are refused; one that is undefined is not there', () => {
  const set: unknown[] = [];
  const timer = new TimerAccessor(binding(set), due);
  assert.throws(() => timer.set(NOW, Object({ align: '1h' })), { code: 'OPTION_UNKNOWN', message: /'align'/ });
  assert.throws(() => timer.setRelative('1m', JSON.parse('"1h"')), { code: 'OPTION_INVALID' });
  assert.deepEqual(set, []);
  timer.set(NOW, Object({ colour: undefined }));
  timer.setRelative('1ms', { align: '1s', outputTimestamp: 'none' });
  assert.deepEqual(set, [
    [0, '', 1000, 1000],
    [0, '', 2000, undefined],
  ]);
});
