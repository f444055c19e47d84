import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { driveParts } from '../../../test/support/parted-driver.ts';
import { driveSource } from '../../../test/support/source-driver.ts';
import type { IoError } from '../../sdk/index.ts';
import { parquetFormat } from '../parquet/read-parquet.ts';
import { textFormat } from '../text/read-text.ts';
import { HttpFileSystem } from './http.ts';
import { registerFileSystem } from './registry.ts';

const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i}`);
const body = Buffer.from(`${lines.join('\n')}\n`);

let answer: RequestListener = () => {};
let requests: string[] = [];
const server = createServer((request, response) => {
  requests.push(request.method ?? '');
  answer(request, response);
});
let url = '';
before(async () => {
  registerFileSystem('http', new HttpFileSystem({ backoffMillis: 0 }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

/** How a server that tells the truth answers, and what another makes of it. */
interface Answer {
  status: number;
  headers: Record<string, string | number>;
  content: Buffer;
}

type Twist = (answer: Answer, request: IncomingMessage, response: ServerResponse, count: number) => Answer | undefined;

function truth(request: IncomingMessage, content: Buffer): Answer {
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  const headers = { 'accept-ranges': 'bytes', etag: '"one"' };
  if (range === null) return { status: 200, headers: { ...headers, 'content-length': content.length }, content };
  const part = content.subarray(Number(range[1]), Number(range[2]) + 1);
  const contentRange = `bytes ${range[1]}-${Number(range[1]) + part.length - 1}/${content.length}`;
  return {
    status: 206,
    headers: { ...headers, 'content-range': contentRange, 'content-length': part.length },
    content: part,
  };
}

/** @param twist gives what is sent instead; `undefined` when it has answered itself */
function serve(twist: Twist, content = body): void {
  let count = 0;
  requests = [];
  answer = (request, response) => {
    const twisted = twist(truth(request, content), request, response, count++);
    if (twisted === undefined) return;
    response.writeHead(twisted.status, twisted.headers);
    response.end(request.method === 'HEAD' ? undefined : twisted.content);
  };
}

async function read(path = url): Promise<readonly string[]> {
  const { records } = await driveSource(textFormat(), path, { blockSize: 40_000 }, { bundleSize: 60_000 });
  return records;
}

async function fails(code: string, problem: RegExp): Promise<void> {
  await assert.rejects(read(), (error: IoError) => {
    assert.equal(error.code, code, error.message);
    assert.match(error.message, problem);
    assert.ok(error.context.resource?.startsWith(url), error.context.resource);
    return true;
  });
}

test('a file is looked up once, whatever the number of its ranges', async () => {
  serve((straight) => straight);
  assert.deepEqual(await read(), lines);
  assert.equal(requests.filter((method) => method === 'HEAD').length, 1);
  assert.ok(requests.length > 5);
});

test('overload and broken connections are asked again, up to a bound', async () => {
  for (const status of [429, 500, 503]) {
    serve((straight, _, __, count) =>
      count % 3 === 0 ? straight : { ...straight, status, content: Buffer.alloc(0), headers: {} },
    );
    assert.deepEqual(await read(), lines);
  }
  serve((straight, request, response, count) => {
    if (count % 3 !== 1 || request.method === 'HEAD') return straight;
    response.writeHead(straight.status, straight.headers);
    response.write(straight.content.subarray(0, 1000), () => response.destroy());
    return undefined;
  });
  assert.deepEqual(await read(), lines);
  serve((straight) => ({ ...straight, status: 503 }));
  await fails('FILE_IO', /HTTP status 503/);
  assert.equal(requests.length, 4);
});

test('a server without ranges that breaks off: the file is asked for again', async () => {
  serve((straight, request, response, count) => {
    delete straight.headers['accept-ranges'];
    if (request.method === 'HEAD' || count > 2) return straight;
    response.writeHead(straight.status, straight.headers);
    response.write(straight.content.subarray(0, 150_000), () => response.destroy());
    return undefined;
  });
  assert.deepEqual(await read(), lines);
  assert.deepEqual(requests, ['HEAD', 'GET', 'GET', 'GET']);
});

test('a server that stops sending is given up', async () => {
  const hasty = new HttpFileSystem({ backoffMillis: 0, timeoutMillis: 150 });
  const info = { path: url, size: body.length, modified: 0, seekable: true };
  serve((straight, _, response) => {
    response.writeHead(straight.status, straight.headers);
    response.write(straight.content.subarray(0, 10));
    return undefined;
  });
  for (const seekable of [true, false]) {
    const file = await hasty.open(url, { ...info, seekable });
    await assert.rejects(file.read(0, Buffer.alloc(100)) as Promise<number>, { code: 'FILE_IO' });
    await file.close();
  }
  serve(() => undefined);
  await assert.rejects(hasty.stat(url), { code: 'FILE_IO', summary: 'The server gave no answer within 150 ms' });
});

const lies: Readonly<Record<string, readonly [twist: Twist, code: string, problem: RegExp]>> = {
  'ignores ranges': [
    (straight, request) => (request.headers.range === undefined ? straight : truth({ headers: {} } as never, body)),
    'HTTP_SERVER',
    /whole file/,
  ],
  'sends another range': [
    (straight, request) =>
      request.headers.range === undefined ? straight : truth({ headers: { range: 'bytes=3-9' } } as never, body),
    'HTTP_SERVER',
    /bytes 3-9/,
  ],
  'does not say which range it sends': [
    (straight) => {
      delete straight.headers['content-range'];
      return straight;
    },
    'HTTP_SERVER',
    /does not name/,
  ],
  'has a file that grows': [
    (straight, request, _, count) => (count < 3 ? straight : truth(request, Buffer.concat([body, body]))),
    'FILE_CHANGED',
    /bytes, but had/,
  ],
  'has a file that shrinks': [
    (straight, request, _, count) => (count < 3 ? straight : truth(request, body.subarray(0, 1000))),
    'FILE_CHANGED',
    /bytes, but had/,
  ],
  'has a file that is replaced by one of the same size': [
    (straight, _, __, count) =>
      count < 3 ? straight : { ...straight, headers: { ...straight.headers, etag: '"two"' } },
    'FILE_CHANGED',
    /"two"/,
  ],
  'loses the file': [
    (straight, _, __, count) => (count < 3 ? straight : { ...straight, status: 404, headers: {} }),
    'FILE_NOT_FOUND',
    /no such file/,
  ],
  'revokes access': [
    (straight, _, __, count) => (count < 3 ? straight : { ...straight, status: 403, headers: {} }),
    'FILE_ACCESS',
    /403/,
  ],
  'redirects for ever': [
    (straight) => ({ ...straight, status: 302, headers: { location: '/file' } }),
    'FILE_IO',
    /redirect/,
  ],
};
for (const [what, [twist, code, problem]] of Object.entries(lies)) {
  test(`a server that ${what}: ${code}`, async () => {
    serve(twist);
    await fails(code, problem);
  });
}

test('a size that is not true of a file sent as a whole: never a part of it for all', async () => {
  for (const size of [1000, body.length + 1000]) {
    for (const chunked of [false, true]) {
      serve((straight, request) => {
        delete straight.headers['accept-ranges'];
        if (request.method === 'HEAD') straight.headers['content-length'] = size;
        else if (chunked) delete straight.headers['content-length'];
        return straight;
      });
      await fails('FILE_CHANGED', /bytes/);
    }
  }
});

test('0 bytes, no size, sizes that are none: the file is read to its end', async () => {
  for (const length of [0, undefined]) {
    serve((straight, request) => {
      if (request.method !== 'HEAD') return straight;
      const { 'content-length': _, ...headers } = straight.headers;
      return { ...straight, headers: length === undefined ? headers : { ...headers, 'content-length': length } };
    });
    assert.deepEqual(await read(), lines);
  }
});

test('compression on the way is undone, or an error where sizes tell another thing', async () => {
  const zipped = gzipSync(body);
  const encoded = (straight: Answer): Answer => ({
    status: 200,
    headers: { 'content-encoding': 'gzip', 'content-length': zipped.length },
    content: straight.content.length === 0 ? straight.content : zipped,
  });
  serve(encoded);
  assert.deepEqual(await read(), lines);
  serve((straight, request) => {
    delete straight.headers['accept-ranges'];
    return request.method === 'HEAD' ? straight : encoded(straight);
  });
  await fails('HTTP_SERVER', /compresses/);
});

test('Parquet from a server that tells no size: an error that says what to do', async () => {
  serve((straight) => {
    const { 'content-length': _, 'accept-ranges': __, ...headers } = straight.headers;
    return { ...straight, headers };
  });
  await assert.rejects(driveParts(parquetFormat({}), url), { code: 'FILE_SIZE_UNKNOWN' });
});
