import type { IncomingMessage, ServerResponse } from 'node:http';
import { EventBuffer } from './event-buffer.ts';
import { type EventServer, HEARTBEAT_MILLIS, MAX_BUFFER_BYTES, MAX_WAITING_BYTES } from './event-server.ts';
import { answer, type HttpListener, type HttpListenOptions, listen } from './http-listener.ts';

/** Sends events to all clients that are connected, and those they have missed to the ones that come back. */
export class EventStream implements EventServer<string> {
  readonly #listen: HttpListenOptions;
  readonly #maxClients: number;
  readonly #buffer: EventBuffer<string>;
  readonly #clients = new Set<ServerResponse>();
  #listener: HttpListener | undefined;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(options: HttpListenOptions, maxClients: number, maxEvents: number) {
    this.#listen = options;
    this.#maxClients = maxClients;
    this.#buffer = new EventBuffer(maxEvents, MAX_BUFFER_BYTES);
  }

  /** @throws IoError `HTTP_LISTEN` */
  async open(): Promise<number> {
    this.#listener = await listen(this.#listen, ['GET'], this.#maxClients + 100, (request, response) =>
      this.#connect(request, response),
    );
    this.#heartbeat = setInterval(() => {
      for (const client of this.#clients) this.#write(client, ':\n\n');
    }, HEARTBEAT_MILLIS).unref();
    return this.#listener.port;
  }

  send(id: string, text: string): void {
    this.#buffer.add({ id, payload: text });
    for (const client of this.#clients) this.#write(client, text);
  }

  /** Ends all responses; what they hold is still sent. */
  async close(): Promise<void> {
    clearInterval(this.#heartbeat);
    for (const client of this.#clients) client.end();
    this.#clients.clear();
    await this.#listener?.close();
  }

  #connect(request: IncomingMessage, response: ServerResponse): void {
    if (this.#clients.size >= this.#maxClients) return answer(response, 503, { 'Retry-After': '1' });
    request.resume();
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.on('close', () => this.#clients.delete(response));
    this.#clients.add(response);
    const last = request.headers['last-event-id'];
    const missed = typeof last === 'string' && last !== '' ? this.#buffer.since(last) : this.#buffer.all();
    // Sent at once, with whatever there is, so that the client knows it is connected.
    let text = ':\n\n';
    if (missed === undefined) text += 'event: gap\ndata: \n\n';
    for (const event of missed ?? this.#buffer.all()) text += event.payload;
    response.write(text);
  }

  /** One that does not keep up comes back later, and gets what it has missed. */
  #write(client: ServerResponse, text: string): void {
    client.write(text);
    if (client.writableLength > MAX_WAITING_BYTES) {
      this.#clients.delete(client);
      client.destroy();
    }
  }
}
