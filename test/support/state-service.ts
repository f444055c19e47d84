import { Worker } from 'node:worker_threads';

/** What a state service is asked and how it has been changed, as the thread that serves counts it. */
export interface StateServiceCounts {
  readonly gets: number;
  readonly appends: number;
  readonly clears: number;
}

/** A runner's state service in a thread of its own: who asks it blocks. */
export interface StateService {
  /** `host:port` */
  readonly endpoint: string;
  /** Replaces what it holds under a key of state, named as `keyName` does. */
  put(name: string, data: Uint8Array): Promise<void>;
  counts(): Promise<StateServiceCounts>;
  /** All that it holds of a transform: bytes by name. */
  contents(transform: string): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Worker ids of the streams that have been opened. */
  workers(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Questions to the thread. */
export type ToStateService =
  | { readonly ask: 'put'; readonly name: string; readonly data: Uint8Array }
  | { readonly ask: 'counts' }
  | { readonly ask: 'contents'; readonly transform: string }
  | { readonly ask: 'workers' };

/**
 * Starts a service. A name of a state or side input tells how it behaves: `page=7` gives 7 bytes at once, `refuse` answers
 * with an error, `silent` with nothing, `break` ends the stream.
 */
export async function startStateService(): Promise<StateService> {
  const thread = new Worker(new URL('./state-service-thread.ts', import.meta.url));
  const next = <T>(): Promise<T> => new Promise((resolve) => thread.once('message', resolve));
  const ask = <T>(question: ToStateService): Promise<T> => {
    const answer = next<T>();
    thread.postMessage(question);
    return answer;
  };
  const endpoint = await next<string>();
  return {
    endpoint,
    put: (name, data) => ask({ ask: 'put', name, data }),
    counts: () => ask({ ask: 'counts' }),
    contents: (transform) => ask({ ask: 'contents', transform }),
    workers: () => ask({ ask: 'workers' }),
    async close() {
      await thread.terminate();
    },
  };
}

/** How the service names what it holds: the parts of a StateKey, bytes in hexadecimal. */
export function keyName(...parts: readonly (string | Uint8Array)[]): string {
  return parts.map((part) => (typeof part === 'string' ? part : Buffer.from(part).toString('hex'))).join('|');
}
