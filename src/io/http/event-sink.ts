import {
  type Coder,
  coders,
  flatten,
  globalWindows,
  IoError,
  type PCollection,
  type Pipeline,
  PipelineError,
  type PTransform,
  type Window,
} from '../../sdk/index.ts';
import { checkChoiceOption, checkIntegerOption, checkOptions, type OptionNames } from '../check-options.ts';
import type { EventServer } from './event-server.ts';
import { checkListen, HTTP_LISTEN_OPTIONS, type HttpListenOptions } from './http-listener.ts';

/** Options of the sinks that serve a collection to clients. */
export interface EventSinkOptions<T> extends HttpListenOptions {
  /** Id of an event, by which a client that comes back says where it was; default one that is made up. */
  readonly id?: (element: T) => string;
  /** Events that are kept for clients that come back; default 1,000. */
  readonly bufferSize?: number;
  /** Clients at once; default 1,000. Further ones are answered with 503. */
  readonly maxClients?: number;
  /**
   * `'committed'` (default): an element is sent when a checkpoint holds it, which takes up to `checkpointInterval`. `'computed'`:
   * at once; when the pipeline goes back to a checkpoint, it is sent again and may have become another one.
   */
  readonly send?: 'committed' | 'computed';
}

/** Names of {@link EventSinkOptions}. */
export const EVENT_SINK_OPTIONS: OptionNames<EventSinkOptions<unknown>> = {
  ...HTTP_LISTEN_OPTIONS,
  id: true,
  bufferSize: true,
  maxClients: true,
  send: true,
};

/** What the sinks differ in. */
export interface EventSinkFrame<T, P> {
  readonly name: string;
  /** All options of the sink. */
  readonly names: Readonly<Record<string, true>>;
  makeServer(listen: HttpListenOptions, maxClients: number, bufferSize: number): EventServer<P>;
  /** An element as it is sent. @throws IoError `EVENT_INVALID` */
  encode(element: T, id: string): P;
}

const MAX_EVENTS = 1000;
const MOST_EVENTS = 1_000_000;
const MAX_CLIENTS = 1000;
const MOST_CLIENTS = 50_000;

/** An element; nothing in the one that makes the server listen before there is any. */
type Sent<T> = readonly [element: T] | readonly [];

/** Serves an unbounded collection to clients, from when the pipeline starts until it ends: the frame around a server. */
export function eventSink<T, P, W extends Window>(
  options: EventSinkOptions<T>,
  frame: EventSinkFrame<T, P>,
): PTransform<PCollection<T, W>, void> {
  const { name, names } = frame;
  checkOptions(options, names, name);
  checkListen(options, name);
  const { bufferSize = MAX_EVENTS, maxClients = MAX_CLIENTS, send = 'committed' } = options;
  checkIntegerOption('bufferSize', bufferSize, 1, MOST_EVENTS, name);
  checkIntegerOption('maxClients', maxClients, 1, MOST_CLIENTS, name);
  checkChoiceOption('send', send, ['committed', 'computed'], name);
  return {
    name,
    expand(input) {
      if (input.node.bounded) {
        throw new PipelineError('BOUNDED', 'Events are served of unbounded collections only', {
          transform: name,
          hint: 'A collection that ends is over before a client has come: write it to a file.',
        });
      }
      const element = input.node.coder as Coder<T>;
      const coder = coders.array(element) as unknown as Coder<Sent<T>>;
      const wrapped = input
        .window(globalWindows())
        .map('Event', (value): Sent<T> => [value])
        .withCoder(coder);
      const start = input.pipeline
        .apply('Start', { name: 'Start', expand: (pipeline: Pipeline) => pipeline.create([null]) })
        .map('None', (): Sent<T> => [])
        .withCoder(coder);
      const makeServer = (listen: HttpListenOptions) => frame.makeServer(listen, maxClients, bufferSize);
      const serve = serverFn(options, { ...frame, makeServer }, send === 'committed');
      flatten([wrapped, start], 'All').parDo('Serve', serve);
    },
  };
}

function serverFn<T, P>(
  options: EventSinkOptions<T>,
  frame: { makeServer(listen: HttpListenOptions): EventServer<P>; encode(element: T, id: string): P },
  requiresStableInput: boolean,
) {
  const { id } = options;
  let server: EventServer<P> | undefined;
  /** A server that is opened again stays where clients have found it. */
  let port = options.port;
  let epoch = '';
  let sent = 0;
  return {
    requiresStableInput,
    async setup() {
      const opened = frame.makeServer({ ...options, port });
      port = await opened.open();
      server = opened;
      // Ids that a former process gave are none of this one's.
      epoch = Date.now().toString(36);
    },
    process(wrapped: Sent<T>): void {
      if (wrapped.length === 0) return;
      const [element] = wrapped;
      const name = id === undefined ? `${epoch}-${++sent}` : oneLine('id', id(element));
      server?.send(name, frame.encode(element, name));
    },
    async teardown() {
      const open = server;
      server = undefined;
      await open?.close();
    },
  };
}

/** @throws IoError `EVENT_INVALID` */
export function oneLine(what: string, value: unknown): string {
  if (typeof value === 'string' && !/[\r\n\0]/.test(value)) return value;
  throw new IoError('EVENT_INVALID', `The ${what} of an event must be a string of one line`);
}
