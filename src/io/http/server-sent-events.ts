import { IoError, type PCollection, type PTransform, type Window } from '../../sdk/index.ts';
import type { OptionNames } from '../check-options.ts';
import { EVENT_SINK_OPTIONS, type EventSinkOptions, eventSink, oneLine } from './event-sink.ts';
import { EventStream } from './event-stream.ts';

/** Options of {@link serverSentEvents}. */
export interface ServerSentEventsOptions<T> extends EventSinkOptions<T> {
  /** Text of an event; default its JSON. */
  readonly data?: (element: T) => string;
  /** Type of an event, for `addEventListener`; default none, which clients get as `message`. */
  readonly event?: (element: T) => string;
}

const OPTIONS: OptionNames<ServerSentEventsOptions<unknown>> = { ...EVENT_SINK_OPTIONS, data: true, event: true };

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
  return eventSink(options, {
    name: 'ServerSentEvents',
    names: OPTIONS,
    makeServer: (listen, maxClients, bufferSize) => new EventStream(listen, maxClients, bufferSize),
    encode(element: T, id: string) {
      const { data = JSON.stringify, event } = options;
      const type = event === undefined ? '' : `event: ${oneLine('event', event(element))}\n`;
      const lines = text(data(element)).split(/\r\n|[\r\n]/);
      return `${type}id: ${id}\n${lines.map((line) => `data: ${line}\n`).join('')}\n`;
    },
  });
}

function text(data: unknown): string {
  if (typeof data === 'string') return data;
  throw new IoError('EVENT_INVALID', `The data of an event must be a string, not ${typeof data}`, {
    hint: 'JSON has no form for some values: pass a function as data.',
  });
}
