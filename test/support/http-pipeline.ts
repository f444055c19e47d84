import type { TestContext } from 'node:test';
import { type HttpSourceOptions, httpSource } from '../../src/io/index.ts';
import { type Job, type PCollection, Pipeline } from '../../src/sdk/index.ts';

export interface Running {
  readonly url: string;
  readonly job: Job;
}

/** Runs a pipeline that begins with an HTTP source, until the test ends. */
export async function receive<T>(
  t: TestContext,
  options: Partial<HttpSourceOptions<T>>,
  use: (input: PCollection<T>) => unknown,
  checkpointDir?: string,
): Promise<Running> {
  const listening = Promise.withResolvers<number>();
  const p = new Pipeline();
  use(p.apply(httpSource<T>({ port: 0, onListening: ({ port }) => listening.resolve(port), ...options })));
  const durable = checkpointDir === undefined ? {} : ({ checkpointDir, checkpointInterval: '10ms' } as const);
  const job = await p.start({ threads: 0, maxAttempts: 3, ...durable });
  t.after(() => job.cancel().catch(() => {}));
  const port = await Promise.race([listening.promise, job.wait().then(() => 0)]);
  return { url: `http://127.0.0.1:${port}`, job };
}

/** Posts a text, or what becomes one as JSON. */
export const post = (url: string, body: unknown, init: RequestInit = {}) =>
  fetch(url, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), ...init });
