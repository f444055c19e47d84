import { IoError, type PCollection, PipelineError, type PTransform, type Window } from '../../sdk/index.ts';
import type { OptionNames } from '../check-options.ts';
import { EVENT_SINK_OPTIONS, type EventSinkOptions, eventSink } from './event-sink.ts';
import { WebSocketStream } from './web-socket-stream.ts';

/** Options of {@link webSocketSink}. */
export interface WebSocketSinkOptions<T> extends EventSinkOptions<T> {
  /** A message: text, or bytes for a binary one. Default: the element's JSON. */
  readonly data?: (element: T) => string | Uint8Array;
  /**
   * Pages that may connect, by origin (`https://app.example.com`), or `'any'`. Default: those of the host and port by which the
   * client calls this server. Programs that are no browser send no origin and may always.
   */
  readonly origins?: readonly string[] | 'any';
}

const OPTIONS: OptionNames<WebSocketSinkOptions<unknown>> = { ...EVENT_SINK_OPTIONS, data: true, origins: true };

/**
 * Serves an unbounded collection to browsers and other clients over WebSockets, each element a message, from when the pipeline starts
 * until it ends (close code 1001). What clients send is ignored. Needs the package `ws`.
 *
 * Delivery: to a client that stays connected, each element once. The latest messages are kept, `bufferSize` and 16 MiB of them: a client
 * that comes gets all of them, one that comes with `?after=ID`, the `id` of the last element it has seen, those since. If that one
 * is gone, the connection is closed with the code 4000 and the client has to begin anew. The buffer does not outlive the
 * process: after a kill, elements whose sending the last checkpoint does not know of are sent again. A client that reads too slowly, or
 * does not answer a ping within 15 seconds, is cut off.
 *
 * @throws PipelineError `OPTION_INVALID`, `BOUNDED`; when it runs `PACKAGE_MISSING`, and IoError `HTTP_LISTEN`, `EVENT_INVALID`
 */
export function webSocketSink<T, W extends Window = Window>(
  options: WebSocketSinkOptions<T>,
): PTransform<PCollection<T, W>, void> {
  const name = 'WebSocketSink';
  const sink = eventSink<T, string | Uint8Array, W>(options, {
    name,
    names: OPTIONS,
    makeServer: (listen, maxClients, bufferSize) =>
      new WebSocketStream(listen, { maxClients, bufferSize, origins: options.origins ?? [] }),
    encode: (element) => message((options.data ?? JSON.stringify)(element)),
  });
  checkOrigins(options.origins, name);
  return sink;
}

/** @throws PipelineError `OPTION_INVALID` */
function checkOrigins(origins: WebSocketSinkOptions<unknown>['origins'], transform: string): void {
  if (origins === undefined || origins === 'any') return;
  if (Array.isArray(origins) && origins.every((origin) => URL.parse(origin)?.origin === origin)) return;
  throw new PipelineError('OPTION_INVALID', `origins cannot be ${JSON.stringify(origins)}`, {
    transform,
    hint: "Give scheme, host and port, without a slash at the end: ['https://app.example.com'], or 'any'.",
  });
}

function message(data: unknown): string | Uint8Array {
  if (typeof data === 'string' || data instanceof Uint8Array) return data;
  throw new IoError('EVENT_INVALID', `A message must be a string or a Uint8Array, not ${typeof data}`, {
    hint: 'JSON has no form for some values: pass a function as data.',
  });
}
