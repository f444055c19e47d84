import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { IoError, PipelineError } from '../../sdk/index.ts';
import { checkIntegerOption, type OptionNames } from '../check-options.ts';

/** Where a transform listens for HTTP requests. */
export interface HttpListenOptions {
  /** 0 takes one that is free; `onListening` tells which. */
  readonly port: number;
  /** Address of the interface; default `127.0.0.1`, which only programs of this machine reach. */
  readonly host?: string;
  /** Path of the URL, without query; default `/`. */
  readonly path?: string;
  /**
   * Names by which clients may call the server besides its address and `localhost`, as their `Host` header says it. Only looked at
   * when the server listens on a loopback address: there it keeps pages of other sites from reaching it by a name of theirs.
   */
  readonly hosts?: readonly string[];
  /** Told once the server listens. */
  readonly onListening?: (address: { readonly host: string; readonly port: number }) => void;
}

/** Names of {@link HttpListenOptions}. */
export const HTTP_LISTEN_OPTIONS: OptionNames<HttpListenOptions> = {
  port: true,
  host: true,
  path: true,
  hosts: true,
  onListening: true,
};

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i;
/** For a request to come in as a whole. */
const REQUEST_MILLIS = 30_000;
/** For responses under way when the server ends. */
const GRACE_MILLIS = 2000;

/** @throws PipelineError `OPTION_INVALID` */
export function checkListen({ port, host = '127.0.0.1', path = '/' }: HttpListenOptions, transform: string): void {
  checkIntegerOption('port', port, 0, 65_535, transform);
  const problem =
    typeof host !== 'string' || host === ''
      ? 'host must be an address or a name'
      : typeof path !== 'string' || !/^\/[^?#\s]*$/.test(path)
        ? `path must begin with / and have no query, not ${JSON.stringify(path)}`
        : undefined;
  if (problem !== undefined) throw new PipelineError('OPTION_INVALID', problem, { transform });
}

/** A server that listens, and the end of it. */
export interface HttpListener {
  readonly port: number;
  /** Takes no more connections, and waits for the responses under way for a moment. */
  close(): Promise<void>;
}

/**
 * Listens for requests with one path and one of the methods; all others are answered here.
 *
 * @param upgrade takes over the connections of requests that ask for another protocol; without it they are requests like others
 * @throws IoError `HTTP_LISTEN` where the address cannot be had
 */
export async function listen(
  options: HttpListenOptions,
  methods: readonly string[],
  maxConnections: number,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
): Promise<HttpListener> {
  const { port, host = '127.0.0.1', path = '/', hosts = [], onListening } = options;
  const isNamed = (name: string) => LOOPBACK.test(name) || name === host || hosts.includes(name);
  const refusal = (request: IncomingMessage): number | undefined => {
    const [pathname] = (request.url ?? '').split('?', 1);
    if (LOOPBACK.test(host) && !isNamed(hostOf(request))) return 403;
    if (pathname !== path) return 404;
    return methods.includes(request.method ?? '') ? undefined : 405;
  };
  const server = createServer((request, response) => {
    // A client that goes away is no failure of the pipeline.
    response.on('error', () => {});
    request.on('error', () => {});
    const refused = refusal(request);
    if (refused === undefined) handle(request, response);
    else answer(response, refused, refused === 405 ? { Allow: methods.join(', ') } : {});
  });
  if (upgrade !== undefined) {
    server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => {});
      const refused = refusal(request);
      if (refused === undefined) upgrade(request, socket, head);
      else refuseUpgrade(socket, refused);
    });
  }
  server.maxConnections = maxConnections;
  server.requestTimeout = REQUEST_MILLIS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'another program uses it' : cause.message;
      reject(new IoError('HTTP_LISTEN', `Nobody can listen there: ${why}`, { resource: `${host}:${port}`, cause }));
    });
    server.listen(port, host, resolve);
  });
  // Errors of accepting, such as too many open files: connections wait.
  server.on('error', (error) => process.emitWarning(`The HTTP server at ${host}:${port}: ${error.message}`));
  const bound = (server.address() as AddressInfo).port;
  onListening?.({ host, port: bound });
  return { port: bound, close: () => close(server) };
}

/** Name or address that the client has used, without port. */
function hostOf({ headers }: IncomingMessage): string {
  return (headers.host ?? '').replace(/:\d+$/, '');
}

/** A response without content. The rest of a request that was refused is read and dropped, or its client would miss the answer. */
export function answer(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  if (response.writableEnded || response.destroyed) return;
  response.req.resume();
  const closing: Record<string, string> = response.req.complete ? {} : { Connection: 'close' };
  response.writeHead(status, { ...headers, ...closing, 'Content-Length': '0' }).end();
}

/** Ends a connection on which another protocol was asked for. */
export function refuseUpgrade(socket: Duplex, status: number, headers: Record<string, string> = {}): void {
  const lines = Object.entries({ ...headers, Connection: 'close', 'Content-Length': '0' });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n`);
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), GRACE_MILLIS);
    server.close(() => {
      clearTimeout(late);
      resolve();
    });
    server.closeIdleConnections();
  });
}
