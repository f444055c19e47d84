import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as sendRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { freshFolder } from '../../../test/support/fresh-folder.ts';
import { post, receive } from '../../../test/support/http-pipeline.ts';
import { type PCollection, Pipeline } from '../../sdk/index.ts';
import { testStream } from '../../testing/index.ts';
import { type HttpSourceOptions, httpSource, type ServerSentEventsOptions, serverSentEvents } from '../index.ts';

test('requests are elements; the answer comes when they have gone through', async (t) => {
  const seen: unknown[] = [];
  const { url, job } = await receive<{ n: number }>(t, { path: '/hook' }, (input) =>
    input.map('See', ({ n }) => seen.push(n)),
  );
  for (let n = 0; n < 5; n++) {
    assert.equal((await post(`${url}/hook?source=test`, { n })).status, 204);
    assert.equal(seen.length, n + 1);
  }
  const statuses = await Promise.all(
    Array.from({ length: 50 }, (_, n) => post(`${url}/hook`, { n }).then((r) => r.status)),
  );
  assert.deepEqual(new Set(statuses), new Set([204]));
  await job.drain();
  assert.equal((await job.wait()).state, 'DONE');
  assert.equal(seen.length, 55);
  await assert.rejects(post(`${url}/hook`, { n: 6 }), 'nobody listens any more');
});

test('with checkpoints a request is answered once one holds it', async (t) => {
  const stable: unknown[] = [];
  const { url } = await receive<string>(
    t,
    {},
    (input) =>
      input.parDo('See', {
        requiresStableInput: true,
        process: (text) => {
          stable.push(text);
        },
      }),
    join(freshFolder(t), 'checkpoints'),
  );
  assert.equal((await post(url, '"one"')).status, 204);
  assert.equal((await post(url, '"two"')).status, 204);
  assert.ok(stable.includes('one'));
});

test('when the pipeline goes back, the client is sent away and may come again', async (t) => {
  let failures = 0;
  const seen: string[] = [];
  const { url } = await receive<string>(
    t,
    {},
    (input) =>
      input.map('See', (text) => {
        if (failures++ === 0) throw new Error('a failure that was asked for');
        return seen.push(text);
      }),
    join(freshFolder(t), 'checkpoints'),
  );
  const first = await post(url, '"one"');
  assert.equal(first.status, 503);
  assert.equal(first.headers.get('retry-after'), '1');
  // The server is back at the same port.
  for (;;) {
    const again = await post(url, '"one"').catch(() => undefined);
    if (again?.status === 204) break;
  }
  assert.deepEqual([...new Set(seen)], ['one']);
});

test("acknowledge: 'received' answers at once", async (t) => {
  const release = Promise.withResolvers<void>();
  const done: string[] = [];
  const { url } = await receive<string>(t, { acknowledge: 'received' }, (input) =>
    input.map('Wait', async (text) => {
      await release.promise;
      return done.push(text);
    }),
  );
  assert.equal((await post(url, '"a"')).status, 202);
  assert.deepEqual(done, []);
  release.resolve();
});

for (const how of ['drain', 'stop'] as const) {
  test(`acknowledge: 'received' loses nothing by ${how}()`, async (t) => {
    const checkpointDir = join(freshFolder(t), 'checkpoints');
    const seen = new Set<number>();
    const see = (input: PCollection<number>) =>
      input.map('See', async (n) => {
        await setTimeout(1);
        seen.add(n);
        return n;
      });
    const { url, job } = await receive<number>(t, { acknowledge: 'received' }, see, checkpointDir);
    const answered: number[] = [];
    let sent = 0;
    const client = async () => {
      for (;;) {
        const n = sent++;
        const status = await post(url, String(n)).then(
          (response) => response.status,
          () => 0,
        );
        if (status === 202) answered.push(n);
        else return;
      }
    };
    const clients = Array.from({ length: 20 }, client);
    while (answered.length < 500) await setTimeout(5);
    await job[how]();
    await Promise.all(clients);
    if (how === 'stop') {
      const again = await receive<number>(t, { acknowledge: 'received' }, see, checkpointDir);
      await again.job.drain();
    }
    assert.deepEqual(
      answered.filter((n) => !seen.has(n)),
      [],
    );
  });
}

test("acknowledge: 'received' counts what a cancelled job leaves behind", async (t) => {
  const warnings: string[] = [];
  t.mock.method(process, 'emitWarning', (text: string) => warnings.push(text));
  const entered = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const { url, job } = await receive<string>(t, { acknowledge: 'received' }, (input) =>
    input.map('Wait', async (text) => {
      entered.resolve();
      await release.promise;
      return text;
    }),
  );
  assert.equal((await post(url, '"first"')).status, 202);
  await entered.promise;
  for (const text of ['"second"', '"third"']) assert.equal((await post(url, text)).status, 202);
  await job.cancel();
  release.resolve();
  assert.deepEqual(warnings, ['2 requests were answered with 202, and the job ended before their turn']);
});

test('what is too much is sent away: pending requests and bodies', async (t) => {
  const release = Promise.withResolvers<void>();
  const { url } = await receive<string>(t, { maxPending: 2, maxBodyBytes: 100 }, (input) =>
    input.map('Wait', async (text) => {
      await release.promise;
      return text;
    }),
  );
  assert.equal((await post(url, 'x'.repeat(101))).status, 413);
  const chunked = new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array(60));
      controller.enqueue(new Uint8Array(60));
      controller.close();
    },
  });
  const unannounced = await fetch(url, { method: 'POST', body: chunked, duplex: 'half' } as RequestInit);
  assert.equal(unannounced.status, 413);
  const pending = [post(url, '1'), post(url, '2'), post(url, '3'), post(url, '4')];
  const refused: Response[] = [];
  const bothRefused = Promise.withResolvers<void>();
  for (const each of pending) {
    void each.then((response) => {
      if (response.status === 503 && refused.push(response) === 2) bothRefused.resolve();
    });
  }
  await bothRefused.promise;
  assert.equal(refused[0].headers.get('retry-after'), '1');
  release.resolve();
  const statuses = (await Promise.all(pending)).map(({ status }) => status);
  assert.deepEqual(statuses.sort(), [204, 204, 503, 503]);
});

test('requests that are none of ours are answered and are no elements', async (t) => {
  const seen: unknown[] = [];
  const { url } = await receive<unknown>(
    t,
    { path: '/in', authorize: ({ headers }) => headers['x-key'] === 'right' },
    (input) => input.map('See', (each) => seen.push(each)),
  );
  const headers = { 'x-key': 'right' };
  assert.equal((await post(`${url}/other`, '1', { headers })).status, 404);
  const got = await fetch(`${url}/in`, { headers });
  assert.deepEqual([got.status, got.headers.get('allow')], [405, 'POST, PUT']);
  assert.equal((await post(`${url}/in`, '1')).status, 401);
  assert.equal((await post(`${url}/in`, 'not json', { headers })).status, 400);
  assert.equal((await post(`${url}/in`, '1', { headers })).status, 204);
  // A page of another site that has its name point here.
  const [stranger] = (await once(
    sendRequest(`${url}/in`, { method: 'POST', headers: { ...headers, host: 'evil.example' } }).end('2'),
    'response',
  )) as [{ statusCode: number; resume(): void }];
  stranger.resume();
  assert.equal(stranger.statusCode, 403);
  // A client that goes away in the middle.
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write('POST /in HTTP/1.1\r\nHost: localhost\r\nx-key: right\r\nContent-Length: 10\r\n\r\n12');
  await new Promise<void>((resolve) => socket.end(() => resolve()));
  assert.equal((await post(`${url}/in`, '3', { headers })).status, 204);
  assert.deepEqual(seen, [1, 3]);
});

test('a port that is taken is an error', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  const p = new Pipeline();
  p.apply(httpSource({ port: (other.address() as AddressInfo).port }));
  await assert.rejects(p.run({ threads: 0 }), { code: 'HTTP_LISTEN' });
});

/** The events of a response as they come, each as its lines. */
async function* eventsOf(response: Response): AsyncGenerator<string[]> {
  let text = '';
  for await (const chunk of (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const events = text.split('\n\n');
    text = events.pop() as string;
    for (const event of events) if (event !== ':') yield event.split('\n');
  }
}

async function takeEvents(events: AsyncGenerator<string[]>, count: number): Promise<string[][]> {
  const taken: string[][] = [];
  while (taken.length < count) {
    const { done, value } = await events.next();
    if (done === true) break;
    taken.push(value);
  }
  return taken;
}

/** Serves what is posted to an HTTP source. */
async function serve(t: TestContext, options: Partial<ServerSentEventsOptions<string>>) {
  const listening = Promise.withResolvers<number>();
  const serving = { port: 0, onListening: ({ port }: { port: number }) => listening.resolve(port), ...options };
  const running = await receive<string>(t, {}, (input) => input.apply(serverSentEvents(serving)));
  return { ...running, events: `http://127.0.0.1:${await listening.promise}` };
}

test('events go to all clients; one that comes back gets what it has missed', async (t) => {
  const { url, events, job } = await serve(t, { id: (text) => `id-${text.slice(0, 2)}`, bufferSize: 3 });
  const [a, b] = await Promise.all([fetch(events), fetch(events)]);
  assert.equal(a.headers.get('content-type'), 'text/event-stream');
  const [fromA, fromB] = [eventsOf(a), eventsOf(b)];
  for (const text of ['e1', 'e2\nsecond line', 'e3', 'e4']) await post(url, JSON.stringify(text));
  const expected = [
    ['id: id-e1', 'data: "e1"'],
    ['id: id-e2', 'data: "e2\\nsecond line"'],
    ['id: id-e3', 'data: "e3"'],
    ['id: id-e4', 'data: "e4"'],
  ];
  assert.deepEqual(await takeEvents(fromA, 4), expected);
  assert.deepEqual(await takeEvents(fromB, 4), expected);
  const back = await fetch(events, { headers: { 'Last-Event-ID': 'id-e2' } });
  assert.deepEqual(await takeEvents(eventsOf(back), 2), expected.slice(2));
  const tooLate = await fetch(events, { headers: { 'Last-Event-ID': 'id-e1' } });
  assert.deepEqual(await takeEvents(eventsOf(tooLate), 4), [['event: gap', 'data: '], ...expected.slice(1)]);
  const fresh = await fetch(events);
  assert.deepEqual(await takeEvents(eventsOf(fresh), 3), expected.slice(1));
  await job.drain();
  assert.deepEqual(await takeEvents(fromA, 1), [], 'the response ends with the pipeline');
});

test('types, texts of several lines, ids that are made up', async (t) => {
  const { url, events } = await serve(t, { data: (text) => text, event: () => 'kind' });
  const client = eventsOf(await fetch(events));
  await post(url, '"one\\ntwo"');
  await post(url, '"three"');
  const [first, second] = await takeEvents(client, 2);
  assert.equal(first[0], 'event: kind');
  assert.match(first[1], /^id: \w+-1$/);
  assert.deepEqual(first.slice(2), ['data: one', 'data: two']);
  assert.match(second[1], /^id: \w+-2$/);
});

test('too many clients are sent away, wrong events fail', async (t) => {
  const { events } = await serve(t, { maxClients: 1 });
  const one = await fetch(events);
  assert.equal((await fetch(events)).status, 503);
  await one.body?.cancel();
  const p = new Pipeline();
  p.apply(testStream<string>().addElements('a').advanceWatermarkToInfinity()).apply(
    serverSentEvents({ port: 0, id: () => 'two\nlines' }),
  );
  await assert.rejects(p.run({ threads: 0 }), { code: 'EVENT_INVALID' });
});

test('wrong options are refused', () => {
  const source = (options: object) => () => httpSource(options as HttpSourceOptions<unknown>);
  for (const options of [
    { port: -1 },
    { port: 80.5 },
    {},
    { port: 0, path: 'x' },
    { port: 0, path: '/x?y' },
    { port: 0, host: '' },
    { port: 0, maxBodyBytes: 0 },
    { port: 0, maxPending: 0 },
    { port: 0, acknowledge: 'later' },
  ]) {
    assert.throws(source(options), { code: 'OPTION_INVALID' });
  }
  const sink = (options: object) => () => serverSentEvents(options as ServerSentEventsOptions<unknown>);
  for (const options of [
    { port: 0, bufferSize: 0 },
    { port: 0, maxClients: 0 },
    { port: 0, send: 'later' },
  ]) {
    assert.throws(sink(options), { code: 'OPTION_INVALID' });
  }
  assert.throws(() => new Pipeline().create([1]).apply(serverSentEvents({ port: 0 })), { code: 'BOUNDED' });
});
