import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import { loadPackage } from '../load-package.ts';
import { EventBuffer } from './event-buffer.ts';
import { type EventServer, HEARTBEAT_MILLIS, MAX_BUFFER_BYTES, MAX_WAITING_BYTES } from './event-server.ts';
import { answer, type HttpListener, type HttpListenOptions, listen, refuseUpgrade } from './http-listener.ts';

/** What a {@link WebSocketStream} needs to know besides where it listens. */
export interface WebSocketSettings {
  readonly maxClients: number;
  readonly bufferSize: number;
  /** Origins of pages that may connect besides those of this server. */
  readonly origins: readonly string[] | 'any';
}

/** Clients have nothing to say: more in one message ends the connection. */
const MAX_MESSAGE_BYTES = 4096;
/** For clients to say goodbye when the server ends. */
const GRACE_MILLIS = 2000;
/** The pipeline has ended. */
const GOING_AWAY = 1001;
/** The event that a client saw last is not known: something may be missing. */
const GAP = 4000;

/** Sends messages to all WebSockets that are connected, and those they have missed to the ones that come back. */
export class WebSocketStream implements EventServer<string | Uint8Array> {
  readonly #listen: HttpListenOptions;
  readonly #settings: WebSocketSettings;
  readonly #buffer: EventBuffer<string | Uint8Array>;
  /** The clients, and whether each has given a sign of life since the last ping. */
  readonly #clients = new Map<WebSocket, boolean>();
  #upgrader: WebSocketServer | undefined;
  #listener: HttpListener | undefined;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(options: HttpListenOptions, settings: WebSocketSettings) {
    this.#listen = options;
    this.#settings = settings;
    this.#buffer = new EventBuffer(settings.bufferSize, MAX_BUFFER_BYTES);
  }

  /** @throws IoError `HTTP_LISTEN`, PipelineError `PACKAGE_MISSING` */
  async open(): Promise<number> {
    const { WebSocketServer } = await loadPackage('ws', 'A WebSocket sink', () => import('ws'));
    const { maxClients } = this.#settings;
    this.#upgrader = new WebSocketServer({
      noServer: true,
      maxPayload: MAX_MESSAGE_BYTES,
      // It costs each connection hundreds of kilobytes.
      perMessageDeflate: false,
    });
    this.#listener = await listen(
      this.#listen,
      ['GET'],
      maxClients + 100,
      (_, response) => answer(response, 426, { Upgrade: 'websocket' }),
      (request, socket, head) => this.#upgrade(request, socket, head),
    );
    this.#heartbeat = setInterval(() => this.#ping(), HEARTBEAT_MILLIS).unref();
    return this.#listener.port;
  }

  send(id: string, payload: string | Uint8Array): void {
    this.#buffer.add({ id, payload });
    for (const client of this.#clients.keys()) this.#write(client, payload);
  }

  async close(): Promise<void> {
    clearInterval(this.#heartbeat);
    const all = this.#upgrader?.clients ?? new Set();
    for (const client of all) client.close(GOING_AWAY, 'The pipeline has ended');
    const late = setTimeout(() => {
      for (const client of all) client.terminate();
    }, GRACE_MILLIS);
    await this.#listener?.close();
    clearTimeout(late);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!this.#isAllowed(request)) return refuseUpgrade(socket, 403);
    const upgrader = this.#upgrader;
    if (upgrader === undefined || upgrader.clients.size >= this.#settings.maxClients) {
      return refuseUpgrade(socket, 503, { 'Retry-After': '1' });
    }
    upgrader.handleUpgrade(request, socket, head, (client) => this.#connect(client, request));
  }

  /** Pages of any site can open WebSockets to this machine: browsers leave it to the server to look at their origin. */
  #isAllowed({ headers }: IncomingMessage): boolean {
    const { origins } = this.#settings;
    const { origin, host } = headers;
    if (origin === undefined || origins === 'any') return true;
    return origins.includes(origin) || (host !== undefined && URL.parse(origin)?.host === host.toLowerCase());
  }

  #connect(client: WebSocket, request: IncomingMessage): void {
    // A client that goes away is no failure of the pipeline.
    client.on('error', () => {});
    client.on('close', () => this.#clients.delete(client));
    client.on('pong', () => this.#clients.set(client, true));
    const after = new URLSearchParams(request.url?.split('?', 2)[1]).get('after');
    const missed = after === null ? this.#buffer.all() : this.#buffer.since(after);
    if (missed === undefined) return client.close(GAP, 'gap');
    this.#clients.set(client, true);
    for (const { payload } of missed) client.send(payload);
  }

  /** Asks each client for a sign of life; who has not answered the last time has gone. */
  #ping(): void {
    for (const [client, isAlive] of this.#clients) {
      if (!isAlive) this.#cutOff(client);
      else {
        this.#clients.set(client, false);
        client.ping();
      }
    }
  }

  /** One that does not keep up comes back later, and gets what it has missed. */
  #write(client: WebSocket, payload: string | Uint8Array): void {
    client.send(payload);
    if (client.bufferedAmount > MAX_WAITING_BYTES) this.#cutOff(client);
  }

  #cutOff(client: WebSocket): void {
    this.#clients.delete(client);
    client.terminate();
  }
}
