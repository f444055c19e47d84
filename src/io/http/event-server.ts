/** Sends events to whoever is connected, and to those that come back what they have missed. */
export interface EventServer<P> {
  /** Gives the port. @throws IoError `HTTP_LISTEN` */
  open(): Promise<number>;
  send(id: string, payload: P): void;
  /** Ends all connections; what they hold is still sent. */
  close(): Promise<void>;
}

/** Size of the events that are kept, in bytes or characters. */
export const MAX_BUFFER_BYTES = 16 * 1024 * 1024;
/** What may wait for a client that reads slowly: all that is kept, when it comes, and some more. */
export const MAX_WAITING_BYTES = MAX_BUFFER_BYTES + 1024 * 1024;
/** Between two signs of life: proxies end connections on which nothing comes. */
export const HEARTBEAT_MILLIS = 15_000;
