import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  afterCount,
  afterProcessingTime,
  afterWatermark,
  calendarDays,
  calendarYears,
  fixed,
  Pipeline,
  PipelineError,
  sessions,
  sliding,
} from '../index.ts';

// As plain JavaScript sees them, where no compiler says that a name is wrong.
const misspelt: Readonly<Record<string, [() => unknown, string]>> = {
  'window() allowedLatenes': [
    () => new Pipeline().create([1]).window(fixed('1h'), Object({ allowedLatenes: '1m' })),
    'allowedLateness',
  ],
  'fixed() ofset': [() => fixed('1h', Object({ ofset: '1m' })), 'offset'],
  'sliding() evry': [() => sliding(Object({ size: '1h', evry: '1m' })), 'every'],
  'sessions() gpa': [() => sessions(Object({ gpa: '1m' })), 'gap'],
  'calendarDays() timezone': [() => calendarDays(1, Object({ timezone: 'Europe/Vienna' })), 'timeZone'],
  'calendarYears() strat': [() => calendarYears(1, Object({ strat: '2024-02-01' })), 'start'],
  'afterWatermark() erly': [() => afterWatermark(Object({ erly: afterCount(1) })), 'early'],
  'afterProcessingTime() alignedTo': [() => afterProcessingTime('1m', Object({ alignedTo: '10s' })), 'alignTo'],
};

for (const [what, [make, meant]] of Object.entries(misspelt)) {
  test(`${what} is refused, and the right name named`, () => {
    assert.throws(make, (error) => {
      assert.ok(error instanceof PipelineError, String(error));
      const [of, name] = what.split(' ');
      assert.equal(error.code, 'OPTION_UNKNOWN');
      assert.equal(error.summary, `${of} has no option '${name}'`);
      assert.ok(error.message.includes(`did you mean '${meant}'?`), error.message);
      return true;
    });
  });
}

test('a name that is near none gets all of them; an option that is undefined is not there', () => {
  assert.throws(() => fixed('1h', Object({ colour: 'red' })), /the options are offset/);
  assert.ok(fixed('1h', Object({ colour: undefined })));
});

test('options that are no object are refused', () => {
  assert.throws(() => sessions(undefined as never), { code: 'OPTION_INVALID' });
  assert.throws(() => fixed('1h', JSON.parse('null')), { code: 'OPTION_INVALID' });
});
