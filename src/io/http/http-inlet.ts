import type { IncomingMessage, ServerResponse } from 'node:http';
import { answer, type HttpListener, type HttpListenOptions, listen } from './http-listener.ts';

/** A request, as it came. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

/** What an {@link HttpInlet} does with requests. */
export interface InletSettings<T> {
  readonly listen: HttpListenOptions;
  readonly maxBodyBytes: number;
  readonly maxPending: number;
  readonly acknowledge: 'committed' | 'received';
  readonly authorize: ((request: HttpRequest) => boolean) | undefined;
  readonly decode: (request: HttpRequest) => T;
}

/** A request that was accepted. */
export interface Accepted<T> {
  readonly element: T;
  readonly bytes: number;
  readonly response: ServerResponse;
}

/** Bodies that wait to be taken, and those that are on their way in. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
const RETRY_LATER = { 'Retry-After': '1' };

/** Takes requests in from the network and keeps them until they are taken out, within bounds; beyond them clients are sent away. */
export class HttpInlet<T> {
  readonly #settings: InletSettings<T>;
  #listener: HttpListener | undefined;
  #queue: Accepted<T>[] = [];
  /** Requests without an answer: on their way in, waiting, or taken and not durable. */
  readonly #pending = new Set<ServerResponse>();
  #waiting = 0;
  #waitingBytes = 0;
  #wake: (() => void) | undefined;
  /** Of whoever takes: what comes before it is aborted is taken in any case. */
  #taker: AbortSignal | undefined;
  #isClosing = false;

  constructor(settings: InletSettings<T>) {
    this.#settings = settings;
  }

  /** @throws IoError `HTTP_LISTEN` */
  async open(): Promise<number> {
    const { listen: options, maxPending } = this.#settings;
    this.#listener = await listen(options, ['POST', 'PUT'], maxPending + 1000, (request, response) =>
      this.#receive(request, response),
    );
    return this.#listener.port;
  }

  /** Somebody takes from here on, until the signal. Answers what came since the one before, where that is not for later. */
  begin(taker: AbortSignal): void {
    this.#taker = taker;
    if (this.#settings.acknowledge === 'committed') return;
    for (const { response } of this.#queue) this.#answer(response, 202);
  }

  /** What waits, or when nothing does the first that comes. When nobody wants it any more, what was answered already. */
  async take(most: number): Promise<Accepted<T>[]> {
    const taker = this.#taker;
    if (this.#queue.length === 0 && taker?.aborted === false) {
      const stop = () => this.#wake?.();
      taker.addEventListener('abort', stop);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      taker.removeEventListener('abort', stop);
      this.#wake = undefined;
    }
    const wanted = taker?.aborted === false ? this.#queue.length : this.#answered;
    const taken = this.#queue.splice(0, Math.min(most, wanted));
    for (const { bytes } of taken) this.#release(bytes);
    return taken;
  }

  /** Requests that wait and were answered; they are the first. */
  get #answered(): number {
    const first = this.#queue.findIndex(({ response }) => this.#pending.has(response));
    return first < 0 ? this.#queue.length : first;
  }

  /** Answers requests that were taken: they are durable. */
  acknowledge(taken: readonly Accepted<T>[]): void {
    for (const { response } of taken) this.#answer(response, 204);
  }

  /** Sends away whoever still waits for an answer, and ends the server. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const lost = this.#answered;
    if (lost > 0) process.emitWarning(`${lost} requests were answered with 202, and the job ended before their turn`);
    for (const response of this.#pending) this.#answer(response, 503, { ...RETRY_LATER, Connection: 'close' });
    this.#queue = [];
    await this.#listener?.close();
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const { maxBodyBytes, maxPending, acknowledge } = this.#settings;
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > maxBodyBytes) return answer(response, 413);
    // Only requests that wait for their turn are in the way where others are answered at once.
    const pending = acknowledge === 'received' ? this.#waiting : this.#pending.size;
    if (this.#isClosing || pending >= maxPending || this.#waitingBytes + announced > MAX_WAITING_BYTES) {
      return answer(response, 503, RETRY_LATER);
    }
    this.#pending.add(response);
    this.#waiting++;
    const chunks: Buffer[] = [];
    let bytes = 0;
    let isOver = false;
    const refuse = (status?: number) => {
      if (isOver) return;
      isOver = true;
      this.#release(bytes);
      if (status === undefined) this.#pending.delete(response);
      else this.#answer(response, status, status === 503 ? RETRY_LATER : {});
    };
    request.on('data', (chunk: Buffer) => {
      if (isOver) return;
      bytes += chunk.length;
      this.#waitingBytes += chunk.length;
      if (bytes > maxBodyBytes) refuse(413);
      else if (this.#waitingBytes > MAX_WAITING_BYTES) refuse(503);
      else chunks.push(chunk);
    });
    request.on('end', () => {
      if (isOver) return;
      const status = this.#isClosing ? 503 : this.#accept(request, response, Buffer.concat(chunks, bytes));
      if (status !== undefined) return refuse(status);
      isOver = true;
      if (acknowledge === 'received' && this.#taker?.aborted === false) this.#answer(response, 202);
    });
    // The client has gone before its request was whole.
    request.on('close', () => refuse());
  }

  /** Status of a request that is refused. */
  #accept(request: IncomingMessage, response: ServerResponse, body: Buffer): number | undefined {
    const { authorize, decode } = this.#settings;
    const { method = '', url = '', headers } = request;
    const received: HttpRequest = { method, url, headers, body };
    let element: T;
    try {
      if (authorize !== undefined && !authorize(received)) return 401;
      element = decode(received);
    } catch {
      // What is wrong with it is the client's business, and it may not learn more of the program.
      return 400;
    }
    this.#queue.push({ element, bytes: body.length, response });
    this.#wake?.();
    return undefined;
  }

  #release(bytes: number): void {
    this.#waiting--;
    this.#waitingBytes -= bytes;
  }

  #answer(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
    if (this.#pending.delete(response)) answer(response, status, headers);
  }
}
