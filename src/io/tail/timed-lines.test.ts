import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { freshFolder } from '../../../test/support/fresh-folder.ts';
import { Pipeline } from '../../sdk/index.ts';
import { type BadRecord, type TextRecord, tailText, tailTextRecords } from '../index.ts';

/** The time that stands before a line's text; fails at lines that say so. */
function timeOf(line: string): string {
  if (line.startsWith('throw')) throw new RangeError('what a line');
  return line.slice(0, 20);
}

const TIMED = { interval: '1ms', stopAfterIdle: '20ms', timestamp: timeOf } as const;
const [FIRST, LAST] = ['2024-01-01T12:00:01Z first', '2024-01-01T12:00:02Z last'];
const ONCE = { threads: 0, maxAttempts: 1 } as const;

function logOf(t: TestContext, ...lines: string[]): string {
  const file = join(freshFolder(t), 'app.log');
  writeFileSync(file, `${lines.join('\n')}\n`, 'latin1');
  return file;
}

test('lines of which timestamp() tells no time are left out and counted', async (t) => {
  const p = new Pipeline();
  const file = logOf(t, 'no time', FIRST, 'throw', 'b\xffd', LAST);
  const times: unknown[] = [];
  p.apply(tailText(file, { ...TIMED, onError: 'skip' })).parDo('Time', {
    process(line, { timestamp }) {
      times.push([line, new Date(timestamp).toISOString()]);
    },
  });
  const { metrics } = await p.run(ONCE);
  assert.equal(metrics.counter('badRecords'), 3);
  assert.deepEqual(times, [
    [FIRST, '2024-01-01T12:00:01.000Z'],
    [LAST, '2024-01-01T12:00:02.000Z'],
  ]);
});

test('or they are dead letters, with place and bytes', async (t) => {
  const p = new Pipeline();
  const file = logOf(t, 'no time', FIRST, 'throw', 'b\xffd', LAST);
  const { main, errors } = p.apply(tailText(file, { ...TIMED, onError: 'deadLetter' }));
  const good: string[] = [];
  main.map('Good', (line) => good.push(line));
  const bad: BadRecord[] = [];
  errors.map('Bad', (error) => bad.push(error));
  await p.run(ONCE);
  assert.deepEqual(good, [FIRST, LAST]);
  const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('latin1');
  assert.deepEqual(
    bad.map(({ offset, error: { code, message }, bytes }) => [offset, code, message, text(bytes)]),
    [
      [0, 'TIMESTAMP_INVALID', '"no time" is not a timestamp', 'no time'],
      [35, 'USER_CODE', 'The function timestamp has failed: RangeError: what a line', 'throw'],
      [42, 'BAD_UTF8', 'A line is not valid UTF-8', 'b\xffd'],
    ],
  );
});

test('as are those of records with file and offset', async (t) => {
  const p = new Pipeline();
  const file = logOf(t, 'no time', FIRST, 'throw', LAST);
  const ofRecord = ({ text }: TextRecord) => timeOf(text);
  const { main, errors } = p.apply(tailTextRecords(file, { ...TIMED, timestamp: ofRecord, onError: 'deadLetter' }));
  const offsets: unknown[] = [];
  main.map('Good', ({ offset }) => offsets.push(['good', offset]));
  errors.map('Bad', ({ offset }) => offsets.push(['bad', offset]));
  await p.run(ONCE);
  assert.deepEqual(offsets.sort(), [
    ['bad', 0],
    ['bad', 35],
    ['good', 41],
    ['good', 8],
  ]);
});

test('without onError they end the pipeline, with what the function says', async (t) => {
  const run = (file: string) => {
    const p = new Pipeline();
    p.apply(tailText(file, TIMED));
    return p.run(ONCE);
  };
  await assert.rejects(run(logOf(t, FIRST, 'no time', LAST)), {
    code: 'TIMESTAMP_INVALID',
    message: /app\.log at byte 27/,
  });
  await assert.rejects(run(logOf(t, FIRST, 'throw', LAST)), {
    name: 'UserCodeError',
    code: 'USER_CODE',
    stack: /timeOf/,
  });
});
