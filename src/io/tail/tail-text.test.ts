import assert from 'node:assert/strict';
import { appendFileSync, existsSync, renameSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { freshFolder } from '../../../test/support/fresh-folder.ts';
import { fixed, type IoError, type PCollection, Pipeline, type Window } from '../../sdk/index.ts';
import { type BadRecord, type TailOptions, tailText, tailTextRecords } from '../index.ts';

function freshFile(t: TestContext): string {
  const folder = freshFolder(t);
  return join(folder, 'app.log');
}

const FAST = { interval: '1ms' } as const;

interface Run {
  readonly checkpointDir?: string;
  /** Called with each line and how many there were before it; the run ends when it says so. */
  readonly until: (line: string, before: number) => boolean | undefined;
  /** Ends the run as a kill does, with what the last checkpoint holds. */
  readonly cancel?: boolean;
}

/** Runs until the test has seen enough. */
async function collect<W extends Window>(
  lines: PCollection<string, W>,
  { checkpointDir, until, cancel = false }: Run,
): Promise<string[]> {
  const seen: string[] = [];
  const enough = Promise.withResolvers<void>();
  lines.parDo('See', {
    requiresStableInput: true,
    process(line) {
      if (until(line, seen.push(line) - 1)) enough.resolve();
    },
  });
  const durable = checkpointDir === undefined ? {} : ({ checkpointDir, checkpointInterval: '5ms' } as const);
  const job = await lines.pipeline.start({ threads: 0, maxAttempts: 1, ...durable });
  await Promise.race([enough.promise, job.wait()]);
  if (cancel) await job.cancel();
  else await job.drain();
  return seen;
}

const follow = (file: string, options: TailOptions<string> = {}) =>
  new Pipeline().apply(tailText(file, { ...FAST, ...options }));

test('lines come when they are complete', async (t) => {
  const file = freshFile(t);
  writeFileSync(file, 'one\ntwo\r\nthr');
  const lines = await collect(follow(file), {
    until: (line) => {
      if (line === 'two') appendFileSync(file, 'ee\nfour\nfi');
      return line === 'four';
    },
  });
  assert.deepEqual(lines, ['one', 'two', 'three', 'four']);
});

test('files that come later are followed too, and lines longer than a block are whole', async (t) => {
  const file = freshFile(t);
  const long = 'x'.repeat(700_000);
  writeFileSync(file, 'first\n');
  const lines = await collect(follow(join(file, '..', '*.log')), {
    until: (line) => {
      if (line === 'first') writeFileSync(join(file, '..', 'other.log'), `${long}\nlast\n`);
      return line === 'last';
    },
  });
  assert.deepEqual(lines, ['first', long, 'last']);
});

test('each line once over many restarts, lines that come in between included', async (t) => {
  const file = freshFile(t);
  const checkpointDir = join(file, '..', 'checkpoints');
  writeFileSync(file, '');
  const all = new Set<string>();
  let next = 0;
  const write = () => appendFileSync(file, `line ${next++}\nline ${next++}\nhalf of `);
  for (let run = 0; run < 8; run++) {
    write();
    const before = new Set(all);
    const seen = await collect(follow(file), {
      checkpointDir,
      cancel: true,
      until: (line) => {
        if (before.has(line)) return false;
        all.add(line);
        return true;
      },
    });
    // What was handed over when the run ended may be handed over again, but never what a checkpoint had behind it.
    assert.ok(seen.length <= 4, `run ${run} saw ${seen.join()}`);
  }
  appendFileSync(file, 'end\n');
  const rest = await collect(follow(file), { checkpointDir, until: (line) => line === 'half of end' });
  for (const line of rest) all.add(line);
  const expected = Array.from({ length: next }, (_, i) => (i % 2 === 0 && i > 0 ? `half of line ${i}` : `line ${i}`));
  assert.deepEqual([...all].sort(), [...expected, 'half of end'].sort());
});

test('a file that is renamed is read to its end, as is the one that takes its place', async (t) => {
  const file = freshFile(t);
  writeFileSync(file, 'old 1\n');
  const lines = await collect(follow(file), {
    until: (line, before) => {
      if (line === 'old 1') {
        renameSync(file, `${file}.1`);
        appendFileSync(`${file}.1`, 'old 2\nold 3 without end');
        utimesSync(`${file}.1`, new Date(2020, 1), new Date(2020, 1));
        writeFileSync(file, 'new 1\n');
      }
      return before === 3;
    },
  });
  assert.deepEqual(lines.sort(), ['new 1', 'old 1', 'old 2', 'old 3 without end']);
});

test('also when that happens while nobody looks', async (t) => {
  const file = freshFile(t);
  const checkpointDir = join(file, '..', 'checkpoints');
  writeFileSync(file, 'old 1\n');
  await collect(follow(file), { checkpointDir, cancel: true, until: () => true });
  appendFileSync(file, 'old 2\n');
  renameSync(file, `${file}.1`);
  utimesSync(`${file}.1`, new Date(2020, 1), new Date(2020, 1));
  writeFileSync(file, 'new 1\n');
  const missing = new Set(['old 2', 'new 1']);
  const until = (line: string) => missing.delete(line) && missing.size === 0;
  const lines = await collect(follow(file), { checkpointDir, until });
  assert.deepEqual(lines.filter((line) => line !== 'old 1').sort(), ['new 1', 'old 2']);
});

test('a file that was cut or replaced is an error, or read from its start', async (t) => {
  const cut = freshFile(t);
  const loseLines = (file: string) => {
    truncateSync(file, 0);
    appendFileSync(file, 'new\n');
  };
  const replace = (file: string) => {
    writeFileSync(`${file}.next`, 'new\n');
    renameSync(`${file}.next`, file);
  };
  for (const [code, lose] of [
    ['FILE_TRUNCATED', loseLines],
    ['FILE_GONE', replace],
  ] as const) {
    const run = (onLost: 'fail' | 'restart') => {
      writeFileSync(cut, 'a long line\nand another\n');
      const until = (line: string, before: number) => {
        if (before === 1) lose(cut);
        return onLost === 'restart' && line === 'new';
      };
      return collect(follow(cut, { onLost }), { until });
    };
    await assert.rejects(run('fail'), (error: IoError) => {
      assert.equal(error.code, code);
      // Going back to a checkpoint would find the same.
      assert.equal(error.context.final, true);
      return true;
    });
    assert.deepEqual(await run('restart'), ['a long line', 'and another', 'new']);
  }
});

test('a glob may match the names of old files as well: each file is read once', async (t) => {
  const file = freshFile(t);
  writeFileSync(`${file}.1`, 'a\n');
  writeFileSync(file, 'b\n');
  const lines = await collect(follow(`${file}*`), {
    until: (_, before) => {
      if (before === 1) {
        renameSync(`${file}.1`, `${file}.2`);
        renameSync(file, `${file}.1`);
        writeFileSync(file, 'c\n');
      }
      if (before === 2) appendFileSync(`${file}.2`, 'd\n');
      return before === 3;
    },
  });
  assert.deepEqual(lines.sort(), ['a', 'b', 'c', 'd']);
});

test('a file that is rotated all the time loses no line', async (t) => {
  const file = freshFile(t);
  let next = 0;
  const write = () => appendFileSync(file, `${next++}\n`);
  write();
  const lines = await collect(follow(`${file}*`, { stopAfterIdle: '1s' }), {
    until: (_, before) => {
      // Each line makes for two more and a rotation, until there are enough.
      if (next < 100) {
        write();
        for (let old = 60; old > 0 && next % 3 === 0; old--) {
          if (existsSync(`${file}.${old}`)) renameSync(`${file}.${old}`, `${file}.${old + 1}`);
        }
        if (next % 3 === 0) renameSync(file, `${file}.1`);
        write();
      }
      return next >= 100 && before + 1 === next;
    },
  });
  assert.deepEqual(
    lines.map(Number).sort((a, b) => a - b),
    Array.from({ length: next }, (_, i) => i),
  );
});

test('lines that cannot be decoded are an error, left out, or dead letters', async (t) => {
  const file = freshFile(t);
  writeFileSync(file, Buffer.from('good\nb\xffd\nend\n', 'latin1'));
  const until = (line: string) => line === 'end';
  await assert.rejects(collect(follow(file), { until }), { code: 'BAD_UTF8' });
  const p = new Pipeline();
  assert.deepEqual(await collect(p.apply(tailText(file, { ...FAST, onError: 'skip' })), { until }), ['good', 'end']);
  const q = new Pipeline();
  const { main, errors } = q.apply(tailText(file, { ...FAST, onError: 'deadLetter' }));
  const bad: BadRecord[] = [];
  errors.map('Bad', (error) => bad.push(error));
  assert.deepEqual(await collect(main, { until }), ['good', 'end']);
  assert.deepEqual([bad[0].offset, bad[0].error.code], [6, 'BAD_UTF8']);
  const latin = await collect(follow(file, { encoding: 'latin1' }), { until });
  assert.equal(latin[1], 'b\xffd');
  writeFileSync(file, `${'x'.repeat(100)}\n`);
  await assert.rejects(collect(follow(file, { maxLineBytes: 10 }), { until }), { code: 'RECORD_TOO_LONG' });
  writeFileSync(file, 'x'.repeat(300_000));
  await assert.rejects(collect(follow(file, { maxLineBytes: 10 }), { until }), { code: 'RECORD_TOO_LONG' });
});

test('event time from the line: windows close as later lines come', async (t) => {
  const file = freshFile(t);
  const at = (second: number, text: string) =>
    `${new Date(Date.UTC(2024, 0, 1, 12, 0, second)).toISOString()} ${text}\n`;
  writeFileSync(file, at(1, 'a') + at(11, 'd') + at(8, 'b') + at(9, 'c'));
  const p = new Pipeline();
  const lines = p.apply(
    tailText(file, { ...FAST, timestamp: (line) => line.slice(0, 24), maxDelay: '5s', idleAfter: 'never' }),
  );
  const windows = lines
    .map('Text', (line) => line.slice(25))
    .window(fixed('10s'))
    .keyBy('One', () => 0)
    .groupByKey()
    .map('Join', ([, group]) => [...group].sort().join());
  // The watermark is five seconds behind the latest line.
  setImmediate(() => appendFileSync(file, at(15, 'e')));
  const seen = await collect(windows, {
    until: (_, before) => {
      if (before === 0) appendFileSync(file, at(25, 'f'));
      return before === 1;
    },
  });
  // The drain closes what is open.
  assert.deepEqual(seen, ['a,b,c', 'd,e', 'f']);
});

test('a file or glob that matches nothing is waited for, which is said once', async (t) => {
  const file = freshFile(t);
  const warnings: string[] = [];
  t.mock.method(process, 'emitWarning', (warning: string) => {
    warnings.push(warning);
    // The look after the next one finds it.
    setTimeout(() => writeFileSync(`${file}.1`, 'later\n'), 20);
  });
  const p = new Pipeline();
  const lines = p.apply(tailText([`${file}.*`, file], FAST));
  writeFileSync(file, 'there\n');
  assert.deepEqual(await collect(lines, { until: (line) => line === 'later' }), ['there', 'later']);
  assert.deepEqual(warnings, [`No file matches ${file}.* yet: TailText waits for one.`]);
});

test('records have file and offset; the tail ends after a time without lines', async (t) => {
  const file = freshFile(t);
  writeFileSync(file, '\ufeffone\ntwo\n');
  const p = new Pipeline();
  const records: unknown[] = [];
  p.apply(tailTextRecords(file, { ...FAST, stopAfterIdle: '20ms' })).map('See', (record) =>
    records.push([basename(record.file), record.offset, record.text]),
  );
  await p.run({ threads: 0 });
  assert.deepEqual(records, [
    ['app.log', 3, 'one'],
    ['app.log', 7, 'two'],
  ]);
});

test('wrong options are refused', () => {
  const build = (options: unknown) => () => tailText('x', options as TailOptions<string>);
  assert.throws(build({ interval: '0s' }), { code: 'OPTION_INVALID' });
  assert.throws(build({ interval: 'often' }), { code: 'DURATION_INVALID' });
  assert.throws(build({ onLost: 'ignore' }), { code: 'OPTION_INVALID' });
  assert.throws(build({ onError: 'ignore' }), { code: 'OPTION_INVALID' });
  assert.throws(build({ timestamp: 'now' }), { code: 'OPTION_INVALID' });
  assert.throws(build({ delimiter: '' }), { code: 'OPTION_INVALID' });
  assert.throws(build({ skipHeaderLines: 1 }), { code: 'OPTION_UNKNOWN' });
});
