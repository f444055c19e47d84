import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { post, receive } from '../../../test/support/http-pipeline.ts';
import { Pipeline } from '../../sdk/index.ts';
import { testStream } from '../../testing/index.ts';
import { type WebSocketSinkOptions, webSocketSink } from '../index.ts';
import { WebSocketStream } from './web-socket-stream.ts';

/** Serves what is posted to an HTTP source. */
async function serve(t: TestContext, options: Partial<WebSocketSinkOptions<string>>) {
  const listening = Promise.withResolvers<number>();
  const serving = { port: 0, onListening: ({ port }: { port: number }) => listening.resolve(port), ...options };
  const running = await receive<string>(t, {}, (input) => input.apply(webSocketSink(serving)));
  return { ...running, at: `127.0.0.1:${await listening.promise}` };
}

/** A client that reads: what has come so far, and how it ended. */
class Client {
  readonly #socket: WebSocket;
  readonly #messages: unknown[] = [];
  #wake = () => {};
  readonly ended: Promise<number>;

  constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.addEventListener('message', ({ data }) => {
      this.#messages.push(data);
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      this.#socket.addEventListener('close', ({ code }) => resolve(code));
    });
  }

  get opened(): Promise<unknown> {
    return once(this.#socket, 'open');
  }

  send(text: string): void {
    this.#socket.send(text);
  }

  close(): void {
    this.#socket.close();
  }

  /** The next messages. */
  async take(count: number): Promise<unknown[]> {
    while (this.#messages.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#messages.splice(0, count);
  }
}

test('messages go to all clients; one that comes back gets what it has missed', async (t) => {
  const { url, at, job } = await serve(t, { id: (text) => text, bufferSize: 3 });
  const [a, b] = [new Client(`ws://${at}`), new Client(`ws://${at}`)];
  await Promise.all([a.opened, b.opened]);
  for (const text of ['e1', 'e2', 'ü3', 'e4']) await post(url, JSON.stringify(text));
  const all = ['"e1"', '"e2"', '"ü3"', '"e4"'];
  assert.deepEqual(await a.take(4), all);
  assert.deepEqual(await b.take(4), all);
  assert.deepEqual(await new Client(`ws://${at}?after=e2`).take(2), all.slice(2));
  assert.deepEqual(await new Client(`ws://${at}?after=%C3%BC3`).take(1), all.slice(3));
  assert.deepEqual(await new Client(`ws://${at}`).take(3), all.slice(1));
  assert.equal(await new Client(`ws://${at}?after=e1`).ended, 4000, 'e1 is not kept any more');
  b.close();
  assert.equal(await b.ended, 1005);
  await post(url, '"e5"');
  assert.deepEqual(await a.take(1), ['"e5"']);
  await job.drain();
  assert.equal(await a.ended, 1001);
});

test('bytes are binary messages; what clients say is ignored, and too much of it ends the connection', async (t) => {
  const { url, at } = await serve(t, { data: (text) => Buffer.from(text) });
  const client = new Client(`ws://${at}`);
  await client.opened;
  client.send('hello');
  await post(url, '"ü"');
  const [bytes] = await client.take(1);
  assert.deepEqual(new Uint8Array(bytes as ArrayBuffer), new Uint8Array([0xc3, 0xbc]));
  client.send('x'.repeat(5000));
  assert.equal(await client.ended, 1009);
});

/** Status of the answer to a request to become a WebSocket. */
async function upgrade(at: string, path: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  const asked = request(`http://${at}${path}`, {
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    },
  }).end();
  asked.on('upgrade', (_, socket) => socket.destroy());
  const answered = await Promise.race([once(asked, 'response'), once(asked, 'upgrade')]);
  asked.destroy();
  return answered[0].statusCode;
}

test('pages of other sites, other paths and too many clients are sent away', async (t) => {
  const { at } = await serve(t, { path: '/live', maxClients: 1, origins: ['https://app.example.com'] });
  const port = at.split(':')[1];
  assert.equal((await fetch(`http://${at}/live`)).status, 426);
  assert.equal(await upgrade(at, '/other'), 404);
  assert.equal(await upgrade(at, '/live', { Origin: 'https://evil.example' }), 403);
  assert.equal(await upgrade(at, '/live', { Origin: 'null' }), 403);
  assert.equal(await upgrade(at, '/live', { Origin: `http://localhost:1` }), 403);
  // A page of another site that has its name point here.
  const evil = `evil.example:${port}`;
  assert.equal(await upgrade(at, '/live', { Origin: `http://${evil}`, Host: evil }), 403);
  const client = new Client(`ws://${at}/live`);
  await client.opened;
  assert.equal(await upgrade(at, '/live'), 503);
  client.close();
  await client.ended;
  const headers: Record<string, string>[] = [{ Origin: 'https://app.example.com' }, { Origin: `http://${at}` }, {}];
  for (const each of headers) {
    // The server sees a little later that the last one has gone.
    let status: number | undefined = 503;
    while (status === 503) status = await upgrade(at, '/live', each);
    assert.equal(status, 101);
  }
  const open = await serve(t, { origins: 'any' });
  assert.equal(await upgrade(open.at, '/', { Origin: 'https://evil.example' }), 101);
});

/** A client that is connected and then does nothing, not even read. */
async function silentClient(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(
    'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  const [head] = (await once(socket, 'data')) as [Buffer];
  assert.match(String(head), /^HTTP\/1.1 101 /);
  return socket;
}

test('a client that answers no ping is cut off, one that does stays', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const stream = new WebSocketStream({ port: 0 }, { maxClients: 10, bufferSize: 10, origins: [] });
  const port = await stream.open();
  const client = new Client(`ws://127.0.0.1:${port}`);
  await client.opened;
  const silent = await silentClient(port);
  silent.resume();
  const gone = once(silent, 'close');
  t.mock.timers.tick(15_000);
  stream.send('1', 'behind the ping');
  assert.deepEqual(await client.take(1), ['behind the ping']);
  // While this is answered, the server reads what has come before.
  assert.equal((await fetch(`http://127.0.0.1:${port}`)).status, 426);
  t.mock.timers.tick(15_000);
  await gone;
  stream.send('2', 'still there');
  assert.deepEqual(await client.take(1), ['still there']);
  await stream.close();
  assert.equal(await client.ended, 1001);
});

test('a client that does not read is cut off before it costs more than its share', async () => {
  const stream = new WebSocketStream({ port: 0 }, { maxClients: 10, bufferSize: 100, origins: [] });
  const port = await stream.open();
  const silent = await silentClient(port);
  silent.pause();
  const message = 'x'.repeat(1024 * 1024);
  const gone = once(silent, 'close');
  for (let i = 0; i < 40; i++) stream.send(String(i), message);
  silent.resume();
  await gone;
  await stream.close();
});

test('wrong options and messages are refused', async () => {
  const sink = (options: object) => () => webSocketSink(options as WebSocketSinkOptions<unknown>);
  for (const options of [
    { port: 0, origins: ['app.example.com'] },
    { port: 0, origins: ['https://app.example.com/'] },
    { port: 0, origins: 'all' },
    { port: 0, bufferSize: 0 },
    { port: 0, maxClients: 0.5 },
    { port: -1 },
  ]) {
    assert.throws(sink(options), { code: 'OPTION_INVALID' }, JSON.stringify(options));
  }
  const p = new Pipeline();
  p.apply(testStream<string>().addElements('a').advanceWatermarkToInfinity()).apply(
    webSocketSink({ port: 0, data: () => undefined as never }),
  );
  await assert.rejects(p.run({ threads: 0 }), { code: 'EVENT_INVALID' });
});
