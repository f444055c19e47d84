import type { MessagePort } from 'node:worker_threads';

/** What the state thread finds as its `workerData`. */
export interface StateThreadData {
  readonly port: MessagePort;
  /** Memory of the signal that wakes who waits for messages. */
  readonly signal: SharedArrayBuffer;
  /** By which the runner knows this harness. */
  readonly workerId: string;
}

/** Messages to the state thread. Streams have numbers. */
export type ToStateThread =
  | { readonly type: 'open'; readonly stream: number; readonly endpoint: string }
  /** An encoded StateRequest. */
  | { readonly type: 'request'; readonly stream: number; readonly bytes: Uint8Array }
  | { readonly type: 'close'; readonly stream: number }
  | { readonly type: 'end' };

/** A RunnerError between threads. */
export interface PlainStreamError {
  readonly code: string;
  readonly summary: string;
  readonly hint: string | undefined;
  readonly resource: string | undefined;
}

/** Messages from the state thread. */
export type FromStateThread =
  /** An encoded StateResponse. */
  | { readonly type: 'response'; readonly stream: number; readonly bytes: Uint8Array }
  /** The stream has ended; nothing more comes from it. */
  | { readonly type: 'over'; readonly stream: number; readonly error: PlainStreamError };
