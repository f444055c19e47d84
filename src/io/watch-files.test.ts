import assert from 'node:assert/strict';
import { appendFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { freshFolder } from '../../test/support/fresh-folder.ts';
import {
  coders,
  fixed,
  type GlobalWindow,
  type IoError,
  type PCollection,
  Pipeline,
  timestamp,
  withTimestamps,
} from '../sdk/index.ts';
import { readCsv, readParquet, readText, type WatchFilesOptions, watchFiles, writeParquet } from './index.ts';

/** Runs until so many elements have come; `onElement` is where the test makes the next thing happen. */
async function take<T>(
  input: PCollection<T>,
  count: number,
  onElement: (element: T, seen: number) => void = () => {},
  checkpointDir?: string,
): Promise<T[]> {
  const elements: T[] = [];
  const enough = Promise.withResolvers<void>();
  input.map('Take', (element) => {
    elements.push(element);
    onElement(element, elements.length);
    if (elements.length >= count) enough.resolve();
    return 0;
  });
  const job = await input.pipeline.start({
    threads: 0,
    maxAttempts: 1,
    ...(checkpointDir === undefined ? {} : { checkpointDir, checkpointInterval: '10ms' }),
  });
  // A failure of the job ends the wait as well.
  await Promise.race([enough.promise, job.wait()]);
  await job.drain();
  await job.wait();
  return elements;
}

const WATCH: WatchFilesOptions = { interval: '1ms' };

test('files that appear are read, each once', async (t) => {
  const folder = freshFolder(t);
  writeFileSync(join(folder, '1.txt'), 'one\n');
  const p = new Pipeline();
  const lines = await take(p.apply(readText(join(folder, '*.txt'), { watch: WATCH })), 4, (line) => {
    if (line === 'one') writeFileSync(join(folder, '2.txt'), 'two\nthree\n');
    if (line === 'three') writeFileSync(join(folder, '3.txt'), 'four\n');
  });
  assert.deepEqual(lines.sort(), ['four', 'one', 'three', 'two']);
});

test('a watch may begin where there is nothing yet, and ends when nothing new has come for a while', async (t) => {
  const folder = freshFolder(t);
  const p = new Pipeline();
  const watch = { interval: '1ms', stopAfterIdle: '20ms' } as const;
  p.apply(watchFiles(join(folder, 'none', '*.txt'), watch));
  await p.run({ threads: 0 });
});

test('a run that goes on from its checkpoint reads only what is new', async (t) => {
  const folder = freshFolder(t);
  const checkpoints = join(freshFolder(t), 'checkpoints');
  const build = () => {
    const p = new Pipeline();
    return p.apply(readText(join(folder, '*.txt'), { watch: { interval: '1ms' } }));
  };
  writeFileSync(join(folder, '1.txt'), 'one\n');
  // Not drained: the job is cancelled when the next checkpoint holds what it has read.
  const first = build();
  const seen: string[] = [];
  const committed = Promise.withResolvers<void>();
  first.parDo('See', {
    requiresStableInput: true,
    process(line) {
      seen.push(line);
      committed.resolve();
    },
  });
  const job = await first.pipeline.start({ threads: 0, checkpointDir: checkpoints, checkpointInterval: '10ms' });
  await committed.promise;
  await job.cancel();
  assert.deepEqual(seen, ['one']);

  writeFileSync(join(folder, '2.txt'), 'two\n');
  const second = build();
  const again: string[] = [];
  const read = Promise.withResolvers<void>();
  second.parDo('See', {
    requiresStableInput: true,
    process(line) {
      again.push(line);
      if (line === 'two') read.resolve();
    },
  });
  const resumed = await second.pipeline.start({ threads: 0, checkpointDir: checkpoints, checkpointInterval: '10ms' });
  await read.promise;
  await resumed.cancel();
  // What was given to a function when the process ended may be given to it again; nothing that is read is read again.
  assert.deepEqual([...new Set([...seen, ...again])], ['one', 'two']);
  assert.ok(again.filter((line) => line === 'one').length <= 1);
});

test('a file that changes: refused, read again, or ignored', async (t) => {
  const build = (folder: string, changed?: 'read' | 'ignore') => {
    const p = new Pipeline();
    const watch = { ...WATCH, ...(changed === undefined ? {} : { changed }) };
    return p.apply(readText(join(folder, '*.txt'), { watch }));
  };
  const change = (folder: string) => (_: string, seen: number) => {
    if (seen !== 1) return;
    appendFileSync(join(folder, '1.txt'), 'more\n');
    writeFileSync(join(folder, '2.txt'), 'other\n');
  };
  const fresh = () => {
    const folder = freshFolder(t);
    writeFileSync(join(folder, '1.txt'), 'one\n');
    return folder;
  };
  const refused = fresh();
  await assert.rejects(take(build(refused), 100, change(refused)), (error: IoError) => {
    assert.equal(error.code, 'FILE_CHANGED');
    // The checkpoint before it has the file's size as it was.
    assert.equal(error.context.final, true);
    return true;
  });
  const read = fresh();
  assert.deepEqual((await take(build(read, 'read'), 4, change(read))).sort(), ['more', 'one', 'one', 'other']);
  const ignored = fresh();
  assert.deepEqual((await take(build(ignored, 'ignore'), 2, change(ignored))).sort(), ['one', 'other']);
});

test('a file that somebody may still be writing waits', async (t) => {
  const folder = freshFolder(t);
  const p = new Pipeline();
  writeFileSync(join(folder, 'new.txt'), 'new');
  writeFileSync(join(folder, 'old.txt'), 'old');
  utimesSync(join(folder, 'old.txt'), new Date(2020, 1, 1), new Date(2020, 1, 1));
  const watch = { interval: '1ms', settledFor: '1h', stopAfterIdle: '20ms' } as const;
  const files: string[] = [];
  p.apply(watchFiles(join(folder, '*'), watch)).map('Name', ({ file }) => files.push(basename(file.path)));
  await p.run({ threads: 0 });
  assert.deepEqual(files, ['old.txt']);
});

test('times that are taken out of the records may lie maxDelay before the files are found', async (t) => {
  const folder = freshFolder(t);
  const anHourAgo = Date.now() - 3_600_000;
  const write = (file: string, from: number) => {
    const lines = Array.from({ length: 2000 }, (_, i) => `${from + i}\n`);
    writeFileSync(join(folder, file), lines.join(''));
  };
  const count = async (maxDelay: '0ms' | '2h') => {
    write('1.txt', anHourAgo);
    const p = new Pipeline();
    const watch = { interval: '1ms', stopAfterIdle: '300ms', maxDelay } as const;
    const stamped = p
      .apply(readText(join(folder, '*.txt'), { watch }))
      .apply(withTimestamps<string, GlobalWindow>('Of line', (line) => timestamp(Number(line))));
    let found = 0;
    stamped.map('More', () => {
      // While the watch goes on, so that the watermark has followed the clock by then.
      if (found++ === 0) setTimeout(() => write('2.txt', anHourAgo - 60_000), 20);
      return 0;
    });
    let counted = 0;
    stamped
      .window(fixed('1s'))
      .keyBy('Key', () => 'all')
      .groupByKey('Group')
      .map('Sum', ([, values]) => {
        for (const _value of values) counted++;
        return 0;
      });
    const { metrics } = await p.run({ threads: 0 });
    rmSync(join(folder, '2.txt'));
    return [counted, metrics.counter('droppedDueToLateness')];
  };
  assert.deepEqual(await count('2h'), [4000, 0]);
  const [counted, dropped] = await count('0ms');
  assert.deepEqual([counted + dropped, dropped >= 2000], [4000, true]);
});

test('every kind of source can watch', async (t) => {
  const folder = freshFolder(t);
  const write = new Pipeline();
  write.create([{ n: 1 }]).apply(writeParquet(join(folder, 'rows'), { schema: coders.row({ n: coders.int32 }) }));
  await write.run({ threads: 0 });
  writeFileSync(join(folder, 'rows.csv'), 'n\n2\n');
  const watch = { interval: '1ms', stopAfterIdle: '20ms' } as const;
  const p = new Pipeline();
  const found: unknown[] = [];
  p.apply(readParquet<{ n: number }>(join(folder, '*.parquet'), { watch })).map('P', ({ n }) => found.push(Number(n)));
  p.apply(readCsv(join(folder, '*.csv'), { schema: { n: 'int' }, watch })).map('C', ({ n }) => found.push(n));
  await p.run({ threads: 0 });
  assert.deepEqual(found.sort(), [1, 2]);
});

test('wrong options are refused', () => {
  const build = (watch: unknown) => () => readText('x', { watch: watch as WatchFilesOptions });
  assert.throws(build({}), { code: 'OPTION_INVALID' });
  assert.throws(build({ interval: '0ms' }), { code: 'OPTION_INVALID' });
  assert.throws(build({ interval: '1s', stopAfter: 'soon' }), { code: 'DURATION_INVALID' });
  assert.throws(build({ interval: '1s', maxDelay: 'long' }), { code: 'DURATION_INVALID' });
  assert.throws(build({ interval: '1s', changed: 'maybe' }), { code: 'OPTION_INVALID' });
  assert.throws(build({ interval: '1s', stopAfterIdel: '1s' }), { code: 'OPTION_UNKNOWN' });
  assert.throws(() => readCsv('x', { watch: WATCH }), { code: 'OPTION_INVALID' });
});
