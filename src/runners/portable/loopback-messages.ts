import type { MessagePort } from 'node:worker_threads';
import type { StartWorkerRequest } from '../../model/fn-execution.ts';

/** What the loopback thread finds as its `workerData`. */
export interface LoopbackThreadData {
  readonly port: MessagePort;
}

/** Messages to the loopback thread. */
export type ToLoopbackThread =
  /** The answer to a call of the same number. */
  | { readonly type: 'started'; readonly call: number; readonly error: string; readonly signal?: SharedArrayBuffer }
  | { readonly type: 'stopped'; readonly call: number }
  | { readonly type: 'end' };

/** Messages from the loopback thread. */
export type FromLoopbackThread =
  | { readonly type: 'listening'; readonly endpoint: string }
  | { readonly type: 'start'; readonly call: number; readonly request: StartWorkerRequest }
  | { readonly type: 'stop'; readonly call: number; readonly workerId: string };
