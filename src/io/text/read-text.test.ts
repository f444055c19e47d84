import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { driveSource, putFile } from '../../../test/support/source-driver.ts';
import { IoError, PipelineError } from '../../sdk/index.ts';
import { readText, textFormat, textRecordFormat } from './read-text.ts';

fc.configureGlobal({ seed: 7 });

/** Lines as the documentation defines them, found the slow way. */
function slowLines(content: Buffer, delimiter = '\n'): { text: string; offset: number }[] {
  const lines: { text: string; offset: number }[] = [];
  let at = content.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? 3 : 0;
  while (at < content.length) {
    const found = content.indexOf(delimiter, at);
    const end = found < 0 ? content.length : found;
    let text = content.subarray(at, end).toString();
    if (delimiter === '\n' && found >= 0 && text.endsWith('\r')) text = text.slice(0, -1);
    lines.push({ text, offset: at });
    at = found < 0 ? end : found + Buffer.byteLength(delimiter);
  }
  return lines;
}

const pieces = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('\n', '\r\n', '\r', '\n\n', ',') },
    { weight: 3, arbitrary: fc.string({ maxLength: 12 }) },
    { weight: 1, arbitrary: fc.constantFrom('é', '漢字', '😀', '\ufeff', '|', '||', '|-|') },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 300 }).map((n) => 'x'.repeat(n)) },
  ),
  { maxLength: 40 },
);
const contents = fc
  .tuple(fc.constantFrom('', '', '\ufeff'), pieces)
  .map(([mark, parts]) => Buffer.from((mark + parts.join('')).toWellFormed()));
const division = fc.record({
  bundleSize: fc.integer({ min: 1, max: 200 }),
  splits: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
});
const blockSize = fc.integer({ min: 1, max: 120 });

test('every division of a file into ranges and blocks gives the lines of a naive read', async () => {
  await fc.assert(
    fc.asyncProperty(contents, division, blockSize, async (content, how, size) => {
      await putFile('memory://text/any.txt', content);
      const { records } = await driveSource(textFormat(), 'memory://text/any.txt', { blockSize: size }, how);
      assert.deepEqual(
        records,
        slowLines(content).map((line) => line.text),
      );
    }),
    { numRuns: 400 },
  );
});

test('offsets are those of the lines, whatever the delimiter', async () => {
  const delimiter = fc.constantFrom('\n', '|', '||', '|-|', 'é', 'ab', '\r\n');
  await fc.assert(
    fc.asyncProperty(contents, division, blockSize, delimiter, async (content, how, size, end) => {
      await putFile('memory://text/offsets.txt', content);
      const format = textRecordFormat({ delimiter: end });
      const { records, ranges } = await driveSource(format, 'memory://text/offsets.txt', { blockSize: size }, how);
      const expected = slowLines(content, end).map((line) => ({ file: 'memory://text/offsets.txt', ...line }));
      assert.deepEqual(records, expected);
      // A delimiter that overlaps itself has to be read from the start.
      if (end === '||' || end === '|-|') assert.ok(ranges.length <= 1);
    }),
    { numRuns: 400 },
  );
});

test('header lines are left out of whichever range they fall into', async () => {
  await fc.assert(
    fc.asyncProperty(
      contents,
      division,
      blockSize,
      fc.integer({ min: 0, max: 4 }),
      async (content, how, size, skip) => {
        await putFile('memory://text/header.txt', content);
        const format = textFormat({ skipHeaderLines: skip });
        const { records } = await driveSource(format, 'memory://text/header.txt', { blockSize: size }, how);
        const lines = slowLines(content).map((line) => line.text);
        assert.deepEqual(records, lines.slice(skip));
      },
    ),
    { numRuns: 200 },
  );
});

test('lines longer than a decoded piece, and blocks with no line end, stay whole', async () => {
  const lines = [
    'a'.repeat(20_000),
    'b',
    'é'.repeat(9_000),
    '',
    'c'.repeat(8191),
    'd'.repeat(8192),
    'e'.repeat(70_000),
  ];
  await putFile('memory://text/long.txt', lines.join('\n'));
  for (const blockSize of [1000, 8192, 65536, 1 << 20]) {
    const { records } = await driveSource(textFormat(), 'memory://text/long.txt', { blockSize }, { splits: [0.5] });
    assert.deepEqual(records, lines);
  }
});

test('compressed files are read by name or by option, in one range, many members too', async () => {
  const text = Array.from({ length: 5000 }, (_, i) => `line ${i} ${'x'.repeat(i % 50)}`);
  const content = `${text.join('\n')}\n`;
  const half = content.length / 2;
  await putFile('memory://text/z/a.txt.gz', gzipSync(content));
  await putFile('memory://text/z/b.txt.zst', zstdCompressSync(content));
  await putFile('memory://text/z/c.txt.zz', deflateSync(content));
  await putFile(
    'memory://text/z/d.gz',
    Buffer.concat([gzipSync(content.slice(0, half)), gzipSync(content.slice(half))]),
  );
  await putFile(
    'memory://text/z/e.zst',
    Buffer.concat([zstdCompressSync(content.slice(0, half)), zstdCompressSync(content.slice(half))]),
  );
  for (const name of ['a.txt.gz', 'b.txt.zst', 'c.txt.zz', 'd.gz', 'e.zst']) {
    const how = { bundleSize: 100, splits: [0.5] };
    const { records, ranges } = await driveSource(textFormat(), `memory://text/z/${name}`, {}, how);
    assert.deepEqual(records, text, name);
    assert.equal(ranges.length, 1);
  }
  await putFile('memory://text/z/odd', gzipSync(content));
  const odd = await driveSource(textFormat(), 'memory://text/z/odd', { compression: 'gzip' });
  assert.deepEqual(odd.records, text);
  await putFile('memory://text/z/padded.gz', Buffer.concat([gzipSync(content), Buffer.alloc(300_000)]));
  const padded = await driveSource(textFormat(), 'memory://text/z/padded.gz');
  assert.deepEqual(padded.records, text);
  const plain = await driveSource(textFormat(), 'memory://text/z/a.txt.gz', { compression: 'none' }, {}).catch(
    (e) => e,
  );
  assert.equal(plain.code, 'BAD_UTF8');
});

const broken: [name: string, bytes: Buffer, code: string][] = [];
{
  const content = Buffer.from(Array.from({ length: 20_000 }, (_, i) => `line ${i * 7919}\n`).join(''));
  for (const [extension, packed] of [
    ['gz', gzipSync(content)],
    ['zst', zstdCompressSync(content, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })],
    ['zz', deflateSync(content)],
  ] as const) {
    broken.push([`half.${extension}`, packed.subarray(0, packed.length / 2), 'COMPRESSION_TRUNCATED']);
    broken.push([`last-byte.${extension}`, packed.subarray(0, -1), 'COMPRESSION_TRUNCATED']);
    broken.push([`header.${extension}`, packed.subarray(0, 3), 'COMPRESSION_TRUNCATED']);
    broken.push([`magic.${extension}`, Buffer.from('these are no compressed data at all'), 'COMPRESSION_CORRUPT']);
    broken.push([
      `trailer.${extension}`,
      Buffer.concat([packed, Buffer.from('not part of it')]),
      'COMPRESSION_CORRUPT',
    ]);
    const flipped = Buffer.from(packed);
    flipped[packed.length >> 1] ^= 0xff;
    broken.push([`flipped.${extension}`, flipped, 'COMPRESSION_CORRUPT']);
  }
  broken.push(['empty.gz', Buffer.alloc(0), 'COMPRESSION_TRUNCATED']);
  broken.push(['empty.zst', Buffer.alloc(0), 'COMPRESSION_TRUNCATED']);
}

for (const [name, bytes, code] of broken) {
  test(`broken compression: ${name}`, async () => {
    const path = `memory://text/broken/${name}`;
    await putFile(path, bytes);
    await assert.rejects(driveSource(textFormat(), path), (error: IoError) => {
      assert.ok(error instanceof IoError);
      // A flipped bit may also show as bad text before the checksum is reached.
      if (name.startsWith('flipped')) assert.match(error.code, /COMPRESSION_|BAD_UTF8/);
      else assert.equal(error.code, code);
      assert.match(error.context.resource ?? '', /^memory:\/\/text\/broken\/.* at byte \d+$/);
      return true;
    });
    const dead = await driveSource(textFormat(), path, { onError: 'deadLetter' });
    assert.ok(dead.errors.length >= 1);
    assert.equal(dead.errors.at(-1)?.file, path);
    const skipped = await driveSource(textFormat(), path, { onError: 'skip' });
    assert.equal(skipped.badRecords, dead.errors.length);
  });
}

test('a file that expands without end is stopped', async () => {
  const bomb = gzipSync(Buffer.alloc(80 << 20, `${'0'.repeat(65_535)}\n`));
  await putFile('memory://text/bomb.gz', bomb);
  const tight = { maxExpansion: 100 };
  await assert.rejects(driveSource(textFormat(), 'memory://text/bomb.gz', tight), { code: 'EXPANSION_LIMIT' });
  const small = { maxDecompressedBytes: 1 << 20 };
  await assert.rejects(driveSource(textFormat(), 'memory://text/bomb.gz', small), { code: 'EXPANSION_LIMIT' });
  // One endless line is stopped by the longest line, long before it is in memory.
  await putFile('memory://text/line.gz', gzipSync(Buffer.alloc(8 << 20, 'x')));
  const line = textFormat({ maxLineBytes: 1 << 16 });
  await assert.rejects(driveSource(line, 'memory://text/line.gz'), { code: 'RECORD_TOO_LONG' });
});

test('bad UTF-8 names file and offset, or is left out, or goes to the dead letters', async () => {
  const content = Buffer.concat([Buffer.from('good\nbé'), Buffer.from([0xc3, 0x28]), Buffer.from('d\nlast')]);
  const path = 'memory://text/bad.txt';
  await putFile(path, content);
  await assert.rejects(driveSource(textFormat(), path), (error: IoError) => {
    assert.equal(error.code, 'BAD_UTF8');
    assert.equal(error.context.resource, `${path} at byte ${5 + 3}`);
    return true;
  });
  const skipped = await driveSource(textFormat(), path, { onError: 'skip' });
  assert.deepEqual([skipped.records, skipped.badRecords], [['good', 'last'], 1]);
  const dead = await driveSource(textFormat(), path, { onError: 'deadLetter' });
  assert.deepEqual(dead.records, ['good', 'last']);
  assert.equal(dead.errors.length, 1);
  assert.equal(dead.errors[0].error.code, 'BAD_UTF8');
  assert.equal(dead.errors[0].offset, 8);
  assert.deepEqual(Buffer.from(dead.errors[0].bytes as Uint8Array), content.subarray(5, 11));
  const latin = await driveSource(textFormat({ encoding: 'latin1' }), path);
  assert.deepEqual(latin.records, ['good', 'bÃ©Ã(d', 'last']);
});

test('the first bad byte is found wherever it is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), async (before, behind) => {
      const good = Buffer.from(before.replace(/[\r\n]/g, '').toWellFormed());
      const rest = Buffer.from(behind.replace(/[\r\n]/g, '').toWellFormed());
      await putFile('memory://text/bad-any.txt', Buffer.concat([good, Buffer.from([0xff]), rest]));
      const { errors } = await driveSource(textFormat({ encoding: 'utf8' }), 'memory://text/bad-any.txt', {
        onError: 'deadLetter',
      });
      assert.deepEqual(
        errors.map((error) => error.offset),
        [good.length],
      );
    }),
    { numRuns: 100 },
  );
});

test('lines that are too long are errors in every block size, and the lines around them are kept', async () => {
  const lines = ['ok 1', 'x'.repeat(101), 'y'.repeat(100), 'z'.repeat(5000), 'ok 2', 'w'.repeat(102)];
  for (const end of ['\n', '\r\n']) {
    await putFile('memory://text/limit.txt', lines.join(end));
    for (const blockSize of [7, 64, 150, 1 << 16]) {
      for (const bundleSize of [50, 1 << 20]) {
        const format = textFormat({ maxLineBytes: 100 });
        const options = { onError: 'deadLetter', blockSize } as const;
        const how = { bundleSize, splits: [0.3] };
        const { records, errors } = await driveSource(format, 'memory://text/limit.txt', options, how);
        assert.deepEqual(records, ['ok 1', 'y'.repeat(100), 'ok 2']);
        const codes = errors.map((error) => error.error.code);
        assert.deepEqual(codes, ['RECORD_TOO_LONG', 'RECORD_TOO_LONG', 'RECORD_TOO_LONG']);
        const offsets = errors.map((error) => error.offset);
        const start = (n: number) => lines.slice(0, n).join(end).length + (n === 0 ? 0 : end.length);
        assert.deepEqual(offsets, [start(1), start(3), start(5)]);
      }
    }
  }
});

test('a file that shrinks after it was matched is an error', async () => {
  const path = 'memory://text/shrunk.txt';
  await putFile(path, 'one\ntwo\nthree\n');
  const format = textFormat();
  const prepared = { ...format, prepare: async () => putFile(path, 'one\n') as unknown as undefined };
  await assert.rejects(driveSource(prepared, path), { code: 'FILE_CHANGED' });
});

test('no match, unknown schemes and bad options say so', async () => {
  await assert.rejects(driveSource(textFormat(), 'memory://text/none-*.txt'), { code: 'FILE_NOT_FOUND' });
  await assert.rejects(driveSource(textFormat(), 'nowhere://x'), { code: 'SCHEME_UNKNOWN' });
  await assert.rejects(driveSource(textFormat(), 'a\0b'), { code: 'PATH_INVALID' });
  const wrong = [{ delimiter: '' }, { maxLineBytes: 0 }, { skipHeaderLines: -1 }, { encoding: 'utf16' as 'utf8' }];
  for (const options of wrong) assert.throws(() => textFormat(options), PipelineError);
});

test('what is no path to a file is refused, and a folder is told from nothing', async () => {
  assert.throws(() => readText([]), { code: 'OPTION_INVALID' });
  for (const wrong of [undefined, null, 5, ['a', 5]]) {
    assert.throws(() => readText(wrong as never), { code: 'PATH_INVALID' });
  }
  await putFile('memory://folders/a/b.txt', 'x');
  await assert.rejects(
    driveSource(textFormat(), 'memory://folders/a'),
    /It is a folder.*\n.*\n.*memory:\/\/folders\/a\/\*/,
  );
  await assert.rejects(driveSource(textFormat(), 'memory://folders/b'), /No file matches/);
});
