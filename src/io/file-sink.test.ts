import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import {
  fixed,
  type IoError,
  type PCollection,
  Pipeline,
  PipelineError,
  timestamp,
  withTimestamps,
} from '../sdk/index.ts';
import { fileSystemOf } from './filesystem/registry.ts';
import { finalizeFiles, type WrittenFile } from './finalize-files.ts';
import { writeJsonLines } from './json-lines/write-json-lines.ts';
import { temporaryFolder } from './shard-name.ts';
import { SinkFile } from './sink-file.ts';
import { type TextWriteOptions, textSink, writeText } from './text/write-text.ts';

const root = mkdtempSync(join(tmpdir(), 'millrace-sink-'));
after(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const freshFolder = () => join(root, String(folders++));

async function write(
  elements: readonly string[],
  prefix: string,
  options: TextWriteOptions = {},
  prepare: (input: PCollection<string>) => PCollection<string> = (input) => input,
): Promise<WrittenFile[]> {
  const pipeline = new Pipeline();
  const written: WrittenFile[] = [];
  prepare(pipeline.create(elements))
    .apply(writeText(prefix, options))
    .map('Collect', (file) => {
      written.push(file);
      return 0;
    });
  await pipeline.run({ threads: 0 });
  return written;
}

const filesIn = (folder: string) => (existsSync(folder) ? readdirSync(folder).sort() : []);
const linesIn = (folder: string, name: string) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1);

test('a collection is written once, under names that say how many files there are', async () => {
  const folder = freshFolder();
  const elements = Array.from({ length: 1000 }, (_, i) => `line ${i}`);
  const written = await write(elements, join(folder, 'out'));
  const names = filesIn(folder);
  assert.deepEqual(
    written.map(({ path }) => path),
    names.map((name) => join(folder, name)),
  );
  names.forEach((name, i) => {
    assert.equal(name, `out-${String(i).padStart(5, '0')}-of-${String(names.length).padStart(5, '0')}.txt`);
  });
  assert.deepEqual(names.flatMap((name) => linesIn(folder, name)).sort(), [...elements].sort());
  assert.equal(
    written.reduce((sum, file) => sum + file.records, 0),
    1000,
  );
  for (const { path, bytes } of written) assert.equal(readFileSync(path).length, bytes);
});

test('a rerun with fewer shards leaves nothing of the run before, and nothing else is touched', async () => {
  const folder = freshFolder();
  await write(['a', 'b', 'c', 'd', 'e'], join(folder, 'out'), { numShards: 5 });
  const others = ['out-other.txt', 'out-00000-of-00005.csv', 'xout-00000-of-00005.txt', 'out-00000-of-00005.txt.bak'];
  for (const name of others) writeFileSync(join(folder, name), 'other');
  await write(['x', 'y'], join(folder, 'out'), { numShards: 2 });
  assert.deepEqual(filesIn(folder), ['out-00000-of-00002.txt', 'out-00001-of-00002.txt', ...others].sort());
  await write(['x', 'y'], join(folder, 'out'), { numShards: 2 });
  const again = [...linesIn(folder, 'out-00000-of-00002.txt'), ...linesIn(folder, 'out-00001-of-00002.txt')];
  assert.deepEqual(again.sort(), ['x', 'y']);
});

test('a job that fails leaves no file under a final name, and the next run removes its temporaries', async () => {
  const folder = freshFolder();
  const prefix = join(folder, 'out');
  await write(['before'], prefix, { numShards: 1 });
  const temporaries = temporaryFolder({ prefix, template: '-SSSSS-of-NNNNN', suffix: '.txt' }, false);
  const failing = write(['a', 'b', 'c'], prefix, { numShards: 1 }, (input) =>
    input.map('Fail', (element) => {
      if (element === 'c') throw new Error('no c');
      return element;
    }),
  );
  await assert.rejects(failing);
  assert.deepEqual(filesIn(folder), ['out-00000-of-00001.txt']);
  assert.deepEqual(linesIn(folder, 'out-00000-of-00001.txt'), ['before']);
  // What a killed process leaves behind.
  mkdirSync(temporaries, { recursive: true });
  writeFileSync(join(temporaries, 'half-written'), 'hal');
  await write(['after'], prefix, { numShards: 1 });
  assert.deepEqual(filesIn(folder), ['out-00000-of-00001.txt']);
  assert.deepEqual(linesIn(folder, 'out-00000-of-00001.txt'), ['after']);
});

test('a killed job leaves no file under a final name, and a rerun none of its own', async () => {
  const folder = freshFolder();
  const prefix = join(folder, 'out');
  const at = (module: string) => JSON.stringify(new URL(module, import.meta.url).href);
  const script = join(root, 'killed.ts');
  // Stops for good in the middle of a bundle that has written more than it buffers.
  writeFileSync(
    script,
    `import { Pipeline } from ${at('../sdk/index.ts')};
     import { writeText } from ${at('./index.ts')};
     const pipeline = new Pipeline();
     pipeline
       .create(Array.from({ length: 100_000 }, (_, i) => 'line ' + i))
       .map('Stop', (line) => {
         if (line === 'line 90000') {
           process.stdout.write('stopped');
           Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
         }
         return line;
       })
       .apply(writeText(${JSON.stringify(prefix)}));
     await pipeline.run({ threads: 0 });`,
  );
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const visible = () => filesIn(folder).filter((name) => !name.startsWith('.'));
  assert.deepEqual(visible(), []);
  await write(['a', 'b'], prefix, { numShards: 1 });
  assert.deepEqual(filesIn(folder), ['out-00000-of-00001.txt']);
  assert.deepEqual(linesIn(folder, 'out-00000-of-00001.txt').sort(), ['a', 'b']);
});

test('a job that fails when its files are complete, or is cancelled, leaves none of them', async () => {
  const script = join(root, 'fails.ts');
  const at = (module: string) => JSON.stringify(new URL(module, import.meta.url).href);
  writeFileSync(
    script,
    `import { Pipeline } from ${at('../sdk/index.ts')};
     import { writeText } from ${at('./index.ts')};
     const [prefix, threads] = process.argv.slice(2);
     const pipeline = new Pipeline();
     pipeline.create(['a', 'b']).apply(writeText(prefix, { numShards: 1 }));
     await pipeline.run({ threads: Number(threads) }).then(
       () => console.log('DONE'),
       (error) => console.log(error.code),
     );`,
  );
  for (const threads of ['0', '2']) {
    const folder = freshFolder();
    // Nothing can be moved to where a folder is.
    const taken = 'out-00000-of-00001.txt';
    mkdirSync(join(folder, taken, 'x'), { recursive: true });
    const child = spawn(process.execPath, [script, join(folder, 'out'), threads], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    assert.match((await Array.fromAsync(child.stdout)).join(''), /^FILE_/);
    assert.deepEqual(filesIn(folder), [taken]);
  }
  const folder = freshFolder();
  const abort = new AbortController();
  const pipeline = new Pipeline();
  const input = pipeline.create(['a', 'b']);
  input.apply(writeText(join(folder, 'out')));
  input.map('Cancel', () => abort.abort());
  await assert.rejects(pipeline.run({ threads: 0, signal: abort.signal }), { code: 'CANCELLED' });
  assert.deepEqual(filesIn(folder), []);
});

test('without a number of shards: one file for little, files of the bundles for more, nothing lost or twice', async () => {
  const grouped = (input: PCollection<string>) =>
    input
      .keyBy('Word', (line) => line)
      .groupByKey('Group')
      .map('Line', ([line]) => line);
  const small = freshFolder();
  const words = Array.from({ length: 1000 }, (_, i) => `word ${i}`);
  await write(words, join(small, 'out'), {}, grouped);
  assert.deepEqual(filesIn(small), ['out-00000-of-00001.txt']);
  assert.deepEqual(linesIn(small, 'out-00000-of-00001.txt').sort(), [...words].sort());

  const large = freshFolder();
  const lines = Array.from({ length: 30_000 }, (_, i) => `line ${i} ${'x'.repeat(60)}`);
  const written = await write(lines, join(large, 'out'), {}, grouped);
  assert.ok(written.length > 1, `${written.length} files`);
  assert.deepEqual(
    written.flatMap(({ path }) => readFileSync(path, 'utf8').split('\n').slice(0, -1)).sort(),
    [...lines].sort(),
  );

  const daily = freshFolder();
  await write(words, daily, { destination: (line) => `day-${line.length}` }, grouped);
  assert.deepEqual(
    filesIn(daily).filter((name) => !name.startsWith('.')),
    ['day-6', 'day-7', 'day-8'].map((day) => `${day}-00000-of-00001.txt`),
  );
});

test('little that no coder takes is written by its bundle', async () => {
  class Celsius {
    readonly degrees: number;
    constructor(degrees: number) {
      this.degrees = degrees;
    }
    toJSON(): string {
      return `${this.degrees} °C`;
    }
  }
  const folder = freshFolder();
  const pipeline = new Pipeline();
  pipeline
    .create([1, 2, 3])
    .map('Measure', (degrees) => new Celsius(degrees))
    .apply(writeJsonLines(join(folder, 'out')));
  await pipeline.run({ threads: 0 });
  const lines = filesIn(folder).flatMap((name) => linesIn(folder, name));
  assert.deepEqual(lines.sort(), ['"1 °C"', '"2 °C"', '"3 °C"']);
});

test('a prefix means the same in all its forms', async () => {
  const folder = freshFolder();
  await write(['a', 'b'], `${pathToFileURL(folder).href}/out`, { numShards: 2 });
  await write(['c'], `${folder}//./out`, { numShards: 1 });
  assert.deepEqual(filesIn(folder), ['out-00000-of-00001.txt']);
});

test('a fixed number of shards is kept, whatever the number of elements', async () => {
  for (const count of [0, 1, 3, 1000]) {
    const folder = freshFolder();
    const elements = Array.from({ length: count }, (_, i) => `line ${i}`);
    const written = await write(elements, join(folder, 'out'), { numShards: 4 });
    const names = filesIn(folder);
    assert.equal(names.length, 4);
    assert.deepEqual(names.flatMap((name) => linesIn(folder, name)).sort(), [...elements].sort());
    assert.deepEqual(
      written.map(({ shard, shards }) => [shard, shards]),
      [0, 1, 2, 3].map((shard) => [shard, 4]),
    );
    if (count === 1000) for (const name of names) assert.ok(linesIn(folder, name).length >= 200);
  }
});

test('an empty collection gives one file with header and footer', async () => {
  const folder = freshFolder();
  const written = await write([], join(folder, 'out'), { header: 'head', footer: 'foot' });
  assert.deepEqual(filesIn(folder), ['out-00000-of-00001.txt']);
  assert.deepEqual(linesIn(folder, 'out-00000-of-00001.txt'), ['head', 'foot']);
  assert.equal(written[0].records, 0);
});

test('one file can have exactly the name that is asked for', async () => {
  const folder = freshFolder();
  await write(['a'], join(folder, 'result'), { numShards: 1, shardNameTemplate: '', suffix: '.log' });
  assert.deepEqual(filesIn(folder), ['result.log']);
  assert.deepEqual(linesIn(folder, 'result.log'), ['a']);
});

test('files are compressed as their names say, each as one stream', async () => {
  const elements = Array.from({ length: 60_000 }, (_, i) => `line ${i * 7919}`);
  const content = `${elements.join('\n')}\n`;
  for (const [options, name, decompress] of [
    [{ suffix: '.txt.gz' }, 'out.txt.gz', gunzipSync],
    [{ compression: 'zstd' }, 'out.txt.zst', zstdDecompressSync],
    [{ compression: 'deflate', compressionLevel: 1 }, 'out.txt.zz', inflateSync],
  ] as const) {
    const folder = freshFolder();
    const written = await write(elements, join(folder, 'out'), { ...options, numShards: 1, shardNameTemplate: '' });
    assert.deepEqual(filesIn(folder), [name]);
    const bytes = readFileSync(join(folder, name));
    assert.equal(decompress(bytes).toString().split('\n').sort().join('\n'), content.split('\n').sort().join('\n'));
    assert.equal(written[0].bytes, bytes.length);
  }
});

test('elements choose their file within the folder, more of them than can be open at once', async () => {
  const elements = Array.from({ length: 1400 }, (_, i) => `${i % 70} element ${i}`);
  for (const numShards of [undefined, 2]) {
    const folder = freshFolder();
    const destination = (element: string) => `group=${element.split(' ')[0]}/part`;
    const options = numShards === undefined ? { destination } : { destination, numShards };
    const written = await write(elements, `${folder}/`, options);
    assert.equal(filesIn(folder).length, 70);
    for (const group of filesIn(folder)) {
      const names = filesIn(join(folder, group));
      const lines = names.flatMap((name) => linesIn(join(folder, group), name));
      assert.deepEqual(lines.sort(), elements.filter((element) => `group=${element.split(' ')[0]}` === group).sort());
      if (numShards !== undefined) assert.equal(names.length, numShards);
      for (const name of names) assert.match(name, /^part-\d{5}-of-\d{5}\.txt$/);
    }
    assert.equal(new Set(written.map((file) => file.destination)).size, 70);
    assert.equal(
      written.reduce((sum, file) => sum + file.records, 0),
      1400,
    );
  }
});

test('an element cannot write outside of the folder', async () => {
  for (const numShards of [undefined, 1]) {
    for (const [bad, code] of [
      ['../escaped', 'PATH_ESCAPES'],
      ['/etc/escaped', 'PATH_ESCAPES'],
      ['a\0b', 'PATH_INVALID'],
      ['', 'PATH_INVALID'],
    ]) {
      const folder = freshFolder();
      const options = { destination: () => bad, ...(numShards === undefined ? {} : { numShards }) };
      const failing = write(['a'], join(folder, 'inner'), options);
      await assert.rejects(failing, (error: Error & { code: string; cause?: { code?: string } }) => {
        assert.ok(error.code === code || error.cause?.code === code, `${error.code}: ${error.message}`);
        return true;
      });
      assert.deepEqual(filesIn(folder), []);
    }
  }
});

test('windowed elements are written too, and may choose their file by window', async () => {
  const folder = freshFolder();
  const pipeline = new Pipeline();
  pipeline
    .create([1, 61, 62, 125])
    .apply(withTimestamps('At', (second) => timestamp(second * 1000)))
    .window(fixed('1m'))
    .map('Text', String)
    .apply(
      writeText(folder, {
        destination: (_, { window }) => `until-${Math.ceil((window.maxTimestamp as number) / 1000)}`,
        numShards: 1,
      }),
    );
  await pipeline.run({ threads: 0 });
  assert.deepEqual(
    filesIn(folder),
    ['until-120', 'until-180', 'until-60'].map((name) => `${name}-00000-of-00001.txt`),
  );
  assert.deepEqual(linesIn(folder, 'until-120-00000-of-00001.txt').sort(), ['61', '62']);
});

test('what cannot be written fails the job and names the way out', async () => {
  const folder = freshFolder();
  const numbers = (input: PCollection<string>) => input.map('Number', Number) as unknown as PCollection<string>;
  await assert.rejects(write(['1'], join(folder, 'out'), {}, numbers), /writeText takes strings/);
  assert.deepEqual(
    filesIn(folder).filter((name) => !name.startsWith('.')),
    [],
  );
});

test('text: an element that is no single line is refused, unless it is said to be many', async () => {
  const folder = join(root, 'lines');
  for (const [element, delimiter] of [
    ['one\ntwo', '\n'],
    ['one\n', '\n'],
    ['one\r', '\n'],
    ['one|two', '|'],
  ]) {
    const error = await write(['fine', element], join(folder, 'out'), { delimiter }).then(
      () => assert.fail('it was written'),
      (reason: IoError) => reason,
    );
    assert.equal(error.code, 'NOT_ONE_LINE');
    assert.match(error.message, /element: +'one/);
  }
  await write(['one\ntwo', 'three\r'], join(folder, 'all'), { embeddedDelimiters: 'write', numShards: 1 });
  const content = readFileSync(join(folder, 'all-00000-of-00001.txt'), 'utf8');
  assert.deepEqual(content.split('\n').sort(), ['', 'one', 'three\r', 'two']);
  await write(['a\r', 'b\nc'], join(folder, 'other'), { delimiter: '\r\n', numShards: 1 });
  assert.throws(() => writeText('x', { embeddedDelimiters: 'allow' as never }), { code: 'OPTION_INVALID' });
});

test('wrong options are refused when the pipeline is built', () => {
  const pipeline = new Pipeline();
  const input = pipeline.create(['a']);
  input.apply('One', writeText('memory://twice/out'));
  assert.throws(() => input.apply('Two', writeText('memory://twice/out')), { code: 'OUTPUT_TWICE' });
  input.apply('Three', writeText('memory://twice/out', { suffix: '.log' }));
  for (const options of [
    { shardNameTemplate: '' },
    { numShards: 0 },
    { numShards: 1.5 },
    { suffix: '/x' },
    { compression: 'brotli' as 'gzip' },
  ]) {
    assert.throws(() => writeText('memory://x/out', options), PipelineError);
  }
  assert.throws(() => writeText('a\0b'), { code: 'PATH_INVALID' });
});

test('the final step can be repeated, and notices when a temporary is gone', async () => {
  const naming = { prefix: 'memory://final/out', template: '-SSSSS-of-NNNNN', suffix: '.txt' };
  const file = { format: textSink(), compression: 'none', temporaryFolder: temporaryFolder(naming, false) } as const;
  const options = { naming, numShards: undefined, dynamic: false, file };
  const pending = [];
  for (const text of ['one', 'two']) {
    const sink = new SinkFile<string>(file);
    await sink.add(text);
    pending.push(await sink.close());
  }
  const first = await finalizeFiles(pending, options);
  assert.deepEqual(await finalizeFiles(pending, options), first);
  await fileSystemOf(first[1].path).remove(first[1].path);
  await assert.rejects(finalizeFiles(pending, options), { code: 'TEMPORARY_LOST' });
});
