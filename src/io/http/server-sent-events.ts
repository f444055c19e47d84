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
import { checkEitherOption, checkIntegerOption, checkOptions, type OptionNames } from '../check-options.ts';
import { EventStream } from './event-stream.ts';
import { checkListen, HTTP_LISTEN_OPTIONS, type HttpListenOptions } from './http-listener.ts';

/** Options of {@link serverSentEvents}. */
export interface ServerSentEventsOptions<T> extends HttpListenOptions {
  /** Text of an event; default its JSON. */
  readonly data?: (element: T) => string;
  /** Type of an event, for `addEventListener`; default none, which clients get as `message`. */
  readonly event?: (element: T) => string;
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

const OPTIONS: OptionNames<ServerSentEventsOptions<unknown>> = {
  ...HTTP_LISTEN_OPTIONS,
  data: true,
  event: true,
  id: true,
  bufferSize: true,
  maxClients: true,
  send: true,
};

const MAX_EVENTS = 1000;
const MOST_EVENTS = 1_000_000;
const MAX_CLIENTS = 1000;
const MOST_CLIENTS = 50_000;

/** An element; nothing in the one that makes the server listen before there is any. */
type Sent<T> = readonly [element: T] | readonly [];

/**
 * Serves an unbounded collection to browsers and other clients as server-sent events (`EventSource`), from when the pipeline starts
 * until it ends.
 *
 * Delivery: to a client that stays connected, each element once. One that comes back says which event it saw last
 * (`Last-Event-ID`), and gets what came since, as long as `bufferSize` events and 16 MiB hold it; a client without such an id gets
 * all of them, and one whose event is gone as well, after an event of the type `gap`. The buffer does not outlive the process: after a
 * kill, elements whose sending the last checkpoint does not know of are sent again. With an `id` of your own, clients can tell.
 *
 * @throws PipelineError `OPTION_INVALID`, `BOUNDED`; when it runs, IoError `HTTP_LISTEN`, `EVENT_INVALID`
 */
export function serverSentEvents<T, W extends Window = Window>(
  options: ServerSentEventsOptions<T>,
): PTransform<PCollection<T, W>, void> {
  const name = 'ServerSentEvents';
  checkOptions(options, OPTIONS, name);
  checkListen(options, name);
  const { bufferSize = MAX_EVENTS, maxClients = MAX_CLIENTS, send = 'committed' } = options;
  checkIntegerOption('bufferSize', bufferSize, 1, MOST_EVENTS, name);
  checkIntegerOption('maxClients', maxClients, 1, MOST_CLIENTS, name);
  checkEitherOption('send', send, ['committed', 'computed'], name);
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
      flatten([wrapped, start], 'All').parDo('Serve', serverFn(options, bufferSize, maxClients, send === 'committed'));
    },
  };
}

function serverFn<T>(
  options: ServerSentEventsOptions<T>,
  bufferSize: number,
  maxClients: number,
  requiresStableInput: boolean,
) {
  const { data = JSON.stringify, event, id } = options;
  let stream: EventStream | undefined;
  /** A server that is opened again stays where clients have found it. */
  let port = options.port;
  let epoch = '';
  let sent = 0;
  return {
    requiresStableInput,
    async setup() {
      const opened = new EventStream({ ...options, port }, maxClients, bufferSize);
      port = await opened.open();
      stream = opened;
      // Ids that a former process gave are none of this one's.
      epoch = Date.now().toString(36);
    },
    process(wrapped: Sent<T>): void {
      if (wrapped.length === 0) return;
      const [element] = wrapped;
      const name = id === undefined ? `${epoch}-${++sent}` : oneLine('id', id(element));
      const type = event === undefined ? '' : `event: ${oneLine('event', event(element))}\n`;
      const lines = text(data(element)).split(/\r\n|[\r\n]/);
      stream?.send(name, `${type}id: ${name}\n${lines.map((line) => `data: ${line}\n`).join('')}\n`);
    },
    async teardown() {
      const open = stream;
      stream = undefined;
      await open?.close();
    },
  };
}

function text(data: unknown): string {
  if (typeof data === 'string') return data;
  throw new IoError('EVENT_INVALID', `The data of an event must be a string, not ${typeof data}`, {
    hint: 'JSON has no form for some values: pass a function as data.',
  });
}

function oneLine(what: string, value: unknown): string {
  if (typeof value === 'string' && !/[\r\n\0]/.test(value)) return value;
  throw new IoError('EVENT_INVALID', `The ${what} of an event must be a string of one line`);
}
