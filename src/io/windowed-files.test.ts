import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  afterCount,
  afterWatermark,
  type Coder,
  calendarMonths,
  coders,
  count,
  fixed,
  globalWindows,
  type IntervalWindow,
  type PCollection,
  Pipeline,
  repeatedly,
  sessions,
  timestamp,
  type Window,
  type WindowFn,
  withTimestamps,
} from '../sdk/index.ts';
import { assertThat, TestPipeline, testStream, timestamped } from '../testing/index.ts';
import { readParquet, type WrittenFile, writeCsv, writeJsonLines, writeParquet, writeText } from './index.ts';

const root = mkdtempSync(join(tmpdir(), 'millrace-windowed-'));
after(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const freshFolder = () => join(root, String(folders++));

const at = (second: number) => timestamp(Date.UTC(2024, 0, 1, 12, 0, second));
const line = (text: string, second: number) => timestamped(text, at(second));

/** Contents of all files in a folder and those below, by relative path. */
function contents(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

/** Files in which the order of lines is of no interest. */
const sorted = (files: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(files).map(([path, text]) => [path, text.split('\n').filter(Boolean).sort().join(' ')]),
  );

function collect(files: PCollection<WrittenFile>): WrittenFile[] {
  const written: WrittenFile[] = [];
  files.map('Collect', (file) => {
    written.push(file);
    return 0;
  });
  return written;
}

test('an unbounded collection gives a file per window, when the window is over', async () => {
  const folder = freshFolder();
  const p = new TestPipeline();
  const seen: Record<string, string>[] = [];
  const stream = testStream<string>()
    .addElements(line('a', 1), line('b', 11), line('c', 2))
    .advanceWatermarkTo(at(10))
    .addElements(line('d', 12))
    .advanceWatermarkToInfinity();
  const files = p
    .apply(stream)
    .window(fixed('10s'))
    .apply(writeText(join(folder, 'out')));
  const written = collect(files);
  files.map('Look', () => {
    seen.push(sorted(contents(folder)));
    return 0;
  });
  await p.run();
  const first = 'out-20240101T120000.000Z-20240101T120010.000Z-pane-0-00000-of-00001.txt';
  const second = 'out-20240101T120010.000Z-20240101T120020.000Z-pane-0-00000-of-00001.txt';
  assert.deepEqual(seen[0], { [first]: 'a c' });
  assert.deepEqual(sorted(contents(folder)), { [first]: 'a c', [second]: 'b d' });
  assert.deepEqual(readdirSync(folder).sort(), [first, second], 'the folder of the temporaries is gone');
  assert.deepEqual(written, [
    {
      path: join(folder, first),
      destination: '',
      shard: 0,
      shards: 1,
      records: 2,
      bytes: 4,
      pane: 0,
      window: { start: at(0), end: at(10) },
    },
    {
      path: join(folder, second),
      destination: '',
      shard: 0,
      shards: 1,
      records: 2,
      bytes: 4,
      pane: 0,
      window: { start: at(10), end: at(20) },
    },
  ]);
});

for (const accumulation of ['discarding', 'accumulating'] as const) {
  test(`early, on-time and late panes are files of their own, ${accumulation}`, async () => {
    const folder = freshFolder();
    const p = new TestPipeline();
    const stream = testStream<string>()
      .addElements(line('a', 1), line('b', 2))
      .addElements(line('c', 3))
      .advanceWatermarkTo(at(10))
      .addElements(line('d', 4))
      .advanceWatermarkTo(at(70))
      .addElements(line('too late', 5))
      .advanceWatermarkToInfinity();
    p.apply(stream)
      .window(fixed('10s'), {
        trigger: afterWatermark({ early: afterCount(2), late: afterCount(1) }),
        allowedLateness: '1m',
        accumulation,
      })
      .apply(writeText(join(folder, 'out')));
    await p.run();
    const window = 'out-20240101T120000.000Z-20240101T120010.000Z';
    const all = accumulation === 'accumulating';
    assert.deepEqual(sorted(contents(folder)), {
      [`${window}-pane-0-00000-of-00001.txt`]: 'a b',
      [`${window}-pane-1-00000-of-00001.txt`]: all ? 'a b c' : 'c',
      [`${window}-pane-2-00000-of-00001.txt`]: all ? 'a b c d' : 'd',
    });
  });
}

test('a pane without elements has no file', async () => {
  const folder = freshFolder();
  const p = new TestPipeline();
  const stream = testStream<{ name: string }>()
    .addElements(timestamped({ name: 'ada' }, at(1)), timestamped({ name: 'bob' }, at(2)))
    .advanceWatermarkToInfinity();
  const written = collect(
    p
      .apply(stream)
      .window(fixed('10s'), {
        trigger: afterWatermark({ early: afterCount(2) }),
        allowedLateness: '0s',
        accumulation: 'discarding',
      })
      .apply(writeCsv(join(folder, 'out'))),
  );
  await p.run();
  assert.deepEqual(contents(folder), {
    'out-20240101T120000.000Z-20240101T120010.000Z-pane-0-00000-of-00001.csv': 'name\nada\nbob\n',
  });
  assert.deepEqual(
    written.map(({ pane }) => pane),
    [0],
  );
});

test('shards, destinations and merged windows', async () => {
  const folder = freshFolder();
  const p = new TestPipeline();
  const stream = testStream<string>()
    .addElements(...Array.from({ length: 20 }, (_, i) => line(`x${i}`, i % 3)))
    .addElements(line('y', 40))
    .advanceWatermarkToInfinity();
  p.apply(stream)
    .window(sessions({ gap: '10s' }))
    .apply(writeText(folder, { numShards: 2, destination: (text) => `kind-${text[0]}/part` }));
  await p.run();
  const files = sorted(contents(folder));
  const lines = Object.values(files).flatMap((text) => text.split(' '));
  assert.deepEqual(lines.sort(), [...Array.from({ length: 20 }, (_, i) => `x${i}`), 'y'].sort());
  const shards = Object.entries(files).filter(([path]) => path.startsWith('kind-x/'));
  assert.deepEqual(
    shards.map(([path, text]) => [path.slice(-22), text.split(' ').length]),
    [
      ['-pane-0-00000-of-00002.txt'.slice(-22), 10],
      ['-pane-0-00001-of-00002.txt'.slice(-22), 10],
    ],
  );
  const [y, none] = Object.keys(files).filter((path) => path.startsWith('kind-y/'));
  assert.match(y, /^kind-y\/part-20240101T120040\.000Z-20240101T120050\.000Z-pane-0-0000\d-of-00002\.txt$/);
  assert.equal(none, undefined, 'a shard without elements has no file');
});

test('the global window has no name, its panes do', async () => {
  const folder = freshFolder();
  const p = new TestPipeline();
  p.apply(testStream<string>().addElements('a', 'b').addElements('c').advanceWatermarkToInfinity())
    .window(globalWindows(), { trigger: repeatedly(afterCount(2)), accumulation: 'discarding' })
    .apply(writeText(join(folder, 'out'), { shardNameTemplate: '', numShards: 1 }));
  await p.run();
  assert.deepEqual(sorted(contents(folder)), { 'out-pane-0.txt': 'a b', 'out-pane-1.txt': 'c' });
});

test('a bounded collection is written window by window if asked', async () => {
  const folder = freshFolder();
  const p = new Pipeline();
  const input = p
    .create([1, 2, 11, 35])
    .apply(withTimestamps('At', (second) => at(second)))
    .window(fixed('10s'));
  input.apply(writeJsonLines(join(folder, 'all'), { numShards: 1 }));
  input.apply('Windowed', writeJsonLines(join(folder, 'each'), { windowed: true }));
  await p.run({ threads: 0 });
  assert.deepEqual(sorted(contents(folder)), {
    'all-00000-of-00001.jsonl': '1 11 2 35',
    'each-20240101T120000.000Z-20240101T120010.000Z-pane-0-00000-of-00001.jsonl': '1 2',
    'each-20240101T120010.000Z-20240101T120020.000Z-pane-0-00000-of-00001.jsonl': '11',
    'each-20240101T120030.000Z-20240101T120040.000Z-pane-0-00000-of-00001.jsonl': '35',
  });
});

test('a function names the files', async () => {
  const folder = freshFolder();
  const p = new TestPipeline();
  p.apply(testStream<string>().addElements(line('a', 1), line('b', 70)).advanceWatermarkToInfinity())
    .window(fixed('1m'))
    .apply(
      writeText(folder, {
        suffix: '.log',
        fileName: ({ window, shard }) =>
          `minute=${new Date((window as IntervalWindow).start).toISOString().slice(14, 16)}/part-${shard}`,
      }),
    );
  await p.run();
  assert.deepEqual(sorted(contents(folder)), { 'minute=00/part-0.log': 'a', 'minute=01/part-0.log': 'b' });
});

test('names that would not be unique are refused when the pipeline is built', () => {
  const build = (fileName: () => string, options: object, windowing: (input: PCollection<string>) => unknown) => {
    const p = new Pipeline();
    const windowed = windowing(p.apply(testStream<string>().addElements('a'))) as PCollection<string, IntervalWindow>;
    return () => windowed.apply(writeText('memory://names', { ...options, fileName }));
  };
  const everyMinute = (input: PCollection<string>) => input.window(fixed('1m'));
  assert.throws(
    build(() => 'same', {}, everyMinute),
    { code: 'FILE_NAMES_NOT_UNIQUE', message: /the window/ },
  );
  const byStart = (({ window }: { window: IntervalWindow }) => `at-${window.start}`) as never;
  assert.throws(build(byStart, { numShards: 2 }, everyMinute), { code: 'FILE_NAMES_NOT_UNIQUE', message: /the shard/ });
  const late = (input: PCollection<string>) =>
    input.window(fixed('1m'), { allowedLateness: '1m', accumulation: 'discarding' });
  assert.throws(build(byStart, {}, late), { code: 'FILE_NAMES_NOT_UNIQUE', message: /the pane/ });
  const byCity = { destination: (text: string) => text };
  assert.throws(build(byStart, byCity, everyMinute), { code: 'FILE_NAMES_NOT_UNIQUE', message: /the destination/ });
  build(byStart, {}, everyMinute)();
  const byMonth = (({ window }: { window: IntervalWindow }) =>
    new Date(window.start).toISOString().slice(0, 7)) as never;
  build(byMonth, {}, (input) => input.window(calendarMonths(1)))();
});

test('names that are not unique after all, or lead out of the folder, fail the job', async () => {
  const run = async (name: (start: number) => string) => {
    const p = new TestPipeline();
    const stream = testStream<string>()
      .addElements(...[0, 10, 20, 30].map((second) => line(`s${second}`, second)))
      .advanceWatermarkToInfinity();
    p.apply(stream)
      .window(fixed('10s'))
      .apply(
        writeText('memory://clashes', { fileName: ({ window }) => name((window as IntervalWindow).start - at(0)) }),
      );
    await p.run();
  };
  await assert.rejects(
    run((start) => `n${start % 20_000}`),
    { code: 'FILE_NAMES_NOT_UNIQUE' },
  );
  await assert.rejects(
    run((start) => `../n${start}`),
    { code: 'PATH_ESCAPES' },
  );
  await assert.rejects(
    run((start) => start as unknown as string),
    { code: 'PATH_INVALID' },
  );
});

test('what cannot be written is refused', async () => {
  const p = new TestPipeline();
  const stream = p.apply(testStream<string>().addElements('a').advanceWatermarkToInfinity());
  assert.throws(() => stream.window(fixed('1s')).apply('No', writeText('memory://no/x', { windowed: false })), {
    code: 'OPTION_INVALID',
  });
  assert.throws(() => stream.apply('Global', writeText('memory://no/y')), { code: 'TRIGGER_MISSING' });
  assert.throws(() => writeText('memory://no/z', { windowed: false, fileName: () => 'x' }), { code: 'OPTION_INVALID' });

  /** A window that is known by its last moment only. */
  const windowFn: WindowFn<Window> = {
    urn: 'test:windows:odd:v1',
    payload: () => new Uint8Array(),
    coder: {
      ...(coders.int64 as unknown as Coder<Window>),
      encode: (window, out) => out.varint(window.maxTimestamp),
      decode: (input) => ({ maxTimestamp: timestamp(input.varint()) }),
    },
    assign: (time) => [{ maxTimestamp: timestamp(Math.ceil(time / 1000) * 1000) }],
  };
  const odd = new TestPipeline();
  odd
    .apply(testStream<string>().addElements(line('a', 1)).advanceWatermarkToInfinity())
    .window(windowFn)
    .apply(writeText('memory://odd/x'));
  await assert.rejects(odd.run(), { code: 'WINDOW_UNNAMED' });
});

test('formats with a head and a foot are whole in each file', async () => {
  const folder = freshFolder();
  const p = new TestPipeline();
  const row = coders.row({ n: coders.int64 });
  p.apply(
    testStream(row)
      .addElements(timestamped({ n: 1n }, at(1)), timestamped({ n: 2n }, at(11)))
      .advanceWatermarkToInfinity(),
  )
    .window(fixed('10s'))
    .apply(writeParquet(join(folder, 'out')));
  await p.run();
  const read = new Pipeline();
  const rows: unknown[] = [];
  read.apply(readParquet<{ n: number }>(join(folder, '*.parquet'))).map('Collect', ({ n }) => rows.push(Number(n)));
  await read.run({ threads: 0 });
  assert.deepEqual(rows.sort(), [1, 2]);
});

test('elements that came too late are written and counted as any others', async () => {
  const folder = freshFolder();
  const p = new TestPipeline();
  const { main, late } = p
    .apply(
      testStream<string>()
        .addElements(line('in time', 3))
        .advanceWatermarkTo(at(120))
        .addElements(line('late', 7), line('later', 8), line('another', 62))
        .advanceWatermarkToInfinity(),
    )
    .window(fixed('1m'))
    .keyBy('Key', () => 'all')
    .withLateOutput()
    .groupByKey();
  const lines = (late as PCollection<[string, string], IntervalWindow>).map('Line', ([, text]) => text);
  lines.apply(writeText(join(folder, 'o/late')));
  main.map('Main', ([, texts]) => [...texts].join()).apply(writeText(join(folder, 'o/main')));
  assertThat(lines.combine(count())).containsInAnyOrder([1, 1, 1]);
  const result = await p.run();
  assert.equal(result.metrics.counter('droppedDueToLateness'), 0);
  const [first, second] = ['20240101T120000.000Z-20240101T120100.000Z', '20240101T120100.000Z-20240101T120200.000Z'];
  assert.deepEqual(sorted(contents(folder)), {
    [`o/late-${first}-pane-0-00000-of-00001.txt`]: 'late',
    [`o/late-${first}-pane-1-00000-of-00001.txt`]: 'later',
    [`o/late-${second}-pane-0-00000-of-00001.txt`]: 'another',
    [`o/main-${first}-pane-0-00000-of-00001.txt`]: 'in time',
  });
});
