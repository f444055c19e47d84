import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { driveSource } from '../../../test/support/source-driver.ts';
import { IoError } from '../../sdk/index.ts';
import { textFormat } from '../text/read-text.ts';
import { UNKNOWN_SIZE } from './file-system.ts';
import { HttpFileSystem } from './http.ts';
import { LocalFileSystem } from './local.ts';
import { fileSystemOf, registerFileSystem } from './registry.ts';

const root = mkdtempSync(join(tmpdir(), 'millrace-fs-'));
after(() => rmSync(root, { recursive: true, force: true }));

async function put(path: string, text: string): Promise<void> {
  const writer = await fileSystemOf(path).create(path);
  await writer.write(Buffer.from(text));
  await writer.close();
}

async function get(path: string, position = 0, length = 1000): Promise<string> {
  const file = await fileSystemOf(path).open(path);
  const target = Buffer.alloc(length);
  const count = await file.read(position, target);
  await file.close();
  return target.toString('utf8', 0, count);
}

for (const [name, base] of [
  ['local', root],
  ['memory', 'memory://test'],
]) {
  test(`${name}: files are written, matched, read, moved, removed`, async () => {
    const fs = fileSystemOf(base);
    await put(`${base}/d/b.txt`, 'bravo');
    await put(`${base}/d/a.txt`, 'alpha');
    await put(`${base}/d/sub/c.txt`, 'charlie');
    await put(`${base}/d/.hidden.txt`, '');
    const matched = await fs.match(`${base}/d/*.txt`);
    assert.deepEqual(
      matched.map(({ path, size, seekable }) => [path, size, seekable]),
      [
        [`${base}/d/a.txt`, 5, true],
        [`${base}/d/b.txt`, 5, true],
      ],
    );
    assert.ok(matched[0].modified > 0);
    const deep = await fs.match(`${base}/d/**/{c,a}.txt`);
    assert.deepEqual(
      deep.map(({ path }) => path),
      [`${base}/d/a.txt`, `${base}/d/sub/c.txt`],
    );
    assert.equal((await fs.match(`${base}/d/**`)).length, 3);
    assert.deepEqual(await fs.match(`${base}/none/*`), []);
    assert.equal(await get(`${base}/d/a.txt`, 1, 3), 'lph');
    assert.equal(await get(`${base}/d/a.txt`, 4), 'a');
    assert.equal(await get(`${base}/d/a.txt`, 5), '');
    await put(`${base}/d/a.txt`, 'again');
    assert.equal(await get(`${base}/d/a.txt`), 'again');
    await fs.rename(`${base}/d/a.txt`, `${base}/moved/here/b.txt`);
    await fs.rename(`${base}/d/b.txt`, `${base}/moved/here/b.txt`);
    assert.equal(await get(`${base}/moved/here/b.txt`), 'bravo');
    assert.equal(await fs.stat(`${base}/d/a.txt`), undefined);
    assert.deepEqual(await fs.list(`${base}/d`), [
      { path: `${base}/d/.hidden.txt`, kind: 'file' },
      { path: `${base}/d/sub`, kind: 'folder' },
    ]);
    await fs.remove(`${base}/d`);
    await fs.remove(`${base}/d`);
    assert.deepEqual(await fs.list(`${base}/d`), []);
    assert.deepEqual(await fs.match(`${base}/d/**`), []);
    for (const missing of [fs.open(`${base}/gone`), fs.rename(`${base}/gone`, `${base}/x`)]) {
      await assert.rejects(missing, (error) => {
        assert.ok(error instanceof IoError);
        assert.equal(error.code, 'FILE_NOT_FOUND');
        assert.match(error.message, /gone/);
        return true;
      });
    }
  });

  test(`${name}: a file is not there before it is complete`, async () => {
    const fs = fileSystemOf(base);
    const path = `${base}/partial/x.txt`;
    const writer = await fs.create(path);
    await writer.write(Buffer.from('half'));
    assert.equal(await fs.stat(path), undefined);
    assert.deepEqual(await fs.match(`${base}/partial/*`), []);
    await writer.abort();
    await writer.abort();
    assert.deepEqual(await fs.list(`${base}/partial`), []);
  });

  test(`${name}: names with glob characters are names first`, async () => {
    await put(`${base}/odd/a[1]*.txt`, 'odd');
    await put(`${base}/odd/a1x.txt`, 'even');
    const fs = fileSystemOf(base);
    assert.deepEqual(
      (await fs.match(`${base}/odd/a[1]*.txt`)).map(({ path }) => path),
      [`${base}/odd/a[1]*.txt`],
    );
    assert.equal((await fs.match(`${base}/odd/a*.txt`)).length, 2);
    assert.equal((await fs.match(`${base}/odd/a\\[1\\]*.txt`)).length, 1);
  });
}

test('local: URLs, links, folders, devices', async () => {
  const fs = new LocalFileSystem();
  mkdirSync(join(root, 'links/real'), { recursive: true });
  writeFileSync(join(root, 'links/real/x.txt'), 'x');
  symlinkSync(join(root, 'links/real'), join(root, 'links/alias'));
  symlinkSync(join(root, 'links'), join(root, 'links/circle'));
  symlinkSync(join(root, 'nowhere'), join(root, 'links/real/broken.txt'));
  const through = await fs.match(`${root}/links/*/x.txt`);
  assert.deepEqual(
    through.map(({ path }) => path),
    [`${root}/links/alias/x.txt`, `${root}/links/real/x.txt`],
  );
  assert.equal((await fs.match(`${root}/links/**/*.txt`)).length, 1);
  const url = pathToFileURL(join(root, 'links/real/x.txt')).href;
  assert.equal(await get(url), 'x');
  await assert.rejects(fs.open(`${root}/links`), { code: 'FILE_IS_FOLDER' });
  await assert.rejects(fs.open('file://elsewhere/x'), { code: 'PATH_INVALID' });
  assert.deepEqual(await fs.match('a\0*').catch((error) => error.code), 'PATH_INVALID');
  const device = await fs.stat('/dev/null');
  assert.equal(device?.seekable, false);
  await assert.rejects(fs.open('/dev/null'), { code: 'FILE_NOT_REGULAR' });
});

test('local: with the rules of Windows a backslash is a separator, in globs too', async () => {
  const folder = join(root, 'windows');
  mkdirSync(join(folder, 'sub'), { recursive: true });
  for (const name of ['a.txt', 'b.txt', 'c.csv']) writeFileSync(join(folder, 'sub', name), name);
  const fs = new LocalFileSystem('win32');
  const typed = (path: string) => join(folder, path).replaceAll('/', '\\');
  assert.deepEqual(
    (await fs.match(typed('sub/*.txt'))).map(({ path }) => path),
    [join(folder, 'sub/a.txt'), join(folder, 'sub/b.txt')],
  );
  assert.equal((await fs.stat(typed('sub/c.csv')))?.size, 5);
  const writer = await fs.create(typed('new/x.txt'));
  await writer.write(Buffer.from('x'));
  await writer.close();
  await fs.rename(typed('new/x.txt'), typed('moved/y.txt'));
  assert.equal(readFileSync(join(folder, 'moved/y.txt'), 'utf8'), 'x');
  await fs.remove(typed('moved'));
  assert.deepEqual(readdirSync(folder).sort(), ['new', 'sub']);
});

test('local: a pipe is refused, and not waited for', { skip: process.platform === 'win32' }, async () => {
  const path = join(root, 'pipe');
  spawnSync('/bin/sh', ['-c', 'mkfifo "$0"', path]);
  await assert.rejects(new LocalFileSystem().open(path), { code: 'FILE_NOT_REGULAR' });
});

test('local: nothing is left of a writer that was given up', async () => {
  const folder = join(root, 'given-up');
  const fs = new LocalFileSystem();
  const writer = await fs.create(join(folder, 'x.txt'));
  assert.equal(readdirSync(folder).length, 1);
  writer.abort();
  assert.deepEqual(readdirSync(folder), []);
  const plain = await fs.create(join(folder, 'y.txt'), { atomic: false });
  assert.deepEqual(readdirSync(folder), ['y.txt']);
  plain.write(Buffer.from('y'));
  plain.close();
  assert.equal(readFileSync(join(folder, 'y.txt'), 'utf8'), 'y');
});

test('schemes can be added and unknown ones are refused', async () => {
  assert.throws(() => fileSystemOf('gs://bucket/x'), { code: 'SCHEME_UNKNOWN' });
  const fs = new LocalFileSystem();
  registerFileSystem('TestOnly', fs);
  assert.equal(fileSystemOf('testonly://x'), fs);
});

const body = Buffer.from(Array.from({ length: 3000 }, (_, i) => `line ${i}\n`).join(''));

/** `/ranges` serves ranges, `/plain` whole files, `/get` knows no HEAD, `/chunked` tells no size, `/cut` stops early. */
function serve(request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  if (pathname === '/denied') return void response.writeHead(403).end();
  if (pathname === '/broken') return void response.writeHead(500).end();
  if (!['/ranges', '/plain', '/get', '/chunked', '/cut'].includes(pathname)) return void response.writeHead(404).end();
  if (pathname === '/get' && request.method === 'HEAD') return void response.writeHead(405).end();
  if (range !== null && (pathname === '/ranges' || pathname === '/get')) {
    const part = body.subarray(Number(range[1]), Number(range[2]) + 1);
    response.writeHead(206, {
      'content-range': `bytes ${range[1]}-${range[2]}/${body.length}`,
      'content-length': part.length,
    });
    return void response.end(part);
  }
  if (pathname === '/chunked') return void response.writeHead(200).end(request.method === 'HEAD' ? undefined : body);
  const ranges = pathname === '/ranges' ? { 'accept-ranges': 'bytes' } : {};
  response.writeHead(200, { 'content-length': body.length, 'last-modified': new Date(1e12).toUTCString(), ...ranges });
  if (request.method === 'HEAD') return void response.end();
  if (pathname === '/cut') return void response.write(body.subarray(0, 5000), () => response.destroy());
  response.end(body);
}

const server = createServer(serve);
let origin = '';
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => server.close());

test('http: what is known of a file', async () => {
  const fs = fileSystemOf(origin);
  assert.deepEqual(await fs.match(`${origin}/ranges`), [
    { path: `${origin}/ranges`, size: body.length, modified: 1e12, seekable: true },
  ]);
  assert.deepEqual(await fs.stat(`${origin}/plain`), {
    path: `${origin}/plain`,
    size: body.length,
    modified: 1e12,
    seekable: false,
  });
  assert.equal((await fs.stat(`${origin}/get`))?.seekable, true);
  assert.equal((await fs.stat(`${origin}/chunked`))?.size, UNKNOWN_SIZE);
  assert.deepEqual(await fs.match(`${origin}/missing`), []);
});

test('http: bytes at any position, with and without ranges', async () => {
  const all = body.toString();
  for (const name of ['ranges', 'plain', 'get', 'chunked']) {
    const url = `${origin}/${name}`;
    const file = await fileSystemOf(url).open(url);
    for (const [position, length] of [
      [0, 100],
      [100, 20_000],
      [50, 10],
      [body.length - 3, 10],
      [body.length, 10],
    ]) {
      const target = Buffer.alloc(length);
      const count = await file.read(position, target);
      assert.equal(target.toString('utf8', 0, count), all.slice(position, position + length), `${name} ${position}`);
    }
    await file.close();
  }
});

test('http: text is read in ranges where the server has them', async () => {
  const expected = body.toString().split('\n').slice(0, -1);
  for (const name of ['ranges', 'plain', 'chunked']) {
    const options = { blockSize: 3000 };
    const { records, ranges } = await driveSource(textFormat(), `${origin}/${name}`, options, { bundleSize: 5000 });
    assert.deepEqual(records, expected);
    assert.equal(ranges.length, name === 'ranges' ? Math.ceil(body.length / 5000) : 1);
  }
});

test('http: failures name the file', async () => {
  const fs = new HttpFileSystem({ backoffMillis: 0 });
  await assert.rejects(fs.open(`${origin}/missing`), { code: 'FILE_NOT_FOUND' });
  await assert.rejects(fs.open(`${origin}/denied`), { code: 'FILE_ACCESS' });
  await assert.rejects(fs.open(`${origin}/broken`), { code: 'FILE_IO' });
  const cut = await fs.open(`${origin}/cut`);
  await assert.rejects(cut.read(0, Buffer.alloc(100_000)) as Promise<number>, (error: IoError) => {
    assert.equal(error.code, 'FILE_IO');
    assert.match(error.context.resource ?? '', /\/cut at byte \d+$/);
    return true;
  });
  const { port } = server.address() as AddressInfo;
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const unused = (closed.address() as AddressInfo).port;
  await new Promise<void>((resolve) => closed.close(() => resolve()));
  assert.notEqual(unused, port);
  await assert.rejects(fs.match(`http://127.0.0.1:${unused}/x`), { code: 'FILE_IO' });
  for (const attempt of [fs.create(`${origin}/x`), fs.remove(`${origin}/x`), fs.list(origin), fs.mkdirs(origin)]) {
    await assert.rejects(attempt, { code: 'FILE_READ_ONLY' });
  }
});

test('a folder where nobody can make one is an error, and not waited for', {
  skip: process.platform !== 'linux',
}, async () => {
  const fs = new LocalFileSystem();
  await assert.rejects(fs.mkdirs('/proc/no/such'), { code: 'FILE_NOT_FOUND' });
  await assert.rejects(fs.create('/proc/no/such/file'), { code: 'FILE_NOT_FOUND' });
});
