import { IoError } from '../../sdk/index.ts';
import { notFound, resourceAt, toIoError } from './io-errors.ts';

/** How patient requests are; the defaults suit the internet. */
export interface HttpOptions {
  /** A server that says nothing for this long has failed; default 60 s. */
  readonly timeoutMillis?: number;
  /** Tries of a request, or of one block, before the file cannot be read; default 4. */
  readonly attempts?: number;
  /** Wait before the second try, doubled before each further one; default 250 ms. */
  readonly backoffMillis?: number;
}

/** A failure that may be over soon. */
class TransientError extends IoError {
  /** How long the server asks to wait. */
  readonly retryAfterMillis: number;

  constructor(error: IoError, retryAfterMillis = 0) {
    super(error.code, error.summary, error.context);
    this.retryAfterMillis = retryAfterMillis;
  }
}

/** Too many requests, overload, a restart behind a proxy. */
const TRANSIENT_STATUSES = [408, 425, 429, 500, 502, 503, 504];
/** Connections that were there and broke. One that is refused, or a name that is unknown, is no accident. */
const TRANSIENT_CODES = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'UND_ERR_SOCKET', 'UND_ERR_BODY_TIMEOUT'];
const MOST_RETRY_AFTER_MILLIS = 30_000;

/** Sends requests, and sends them again. */
export class HttpClient {
  readonly timeoutMillis: number;
  readonly #attempts: number;
  readonly #backoffMillis: number;

  constructor({ timeoutMillis = 60_000, attempts = 4, backoffMillis = 250 }: HttpOptions = {}) {
    this.timeoutMillis = timeoutMillis;
    this.#attempts = attempts;
    this.#backoffMillis = backoffMillis;
  }

  /** Calls `work` until it succeeds, fails for good, or has failed too often. */
  async retry<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof TransientError) || attempt >= this.#attempts) throw error;
        const backoff = this.#backoffMillis * 2 ** (attempt - 1);
        const wait = this.#backoffMillis === 0 ? 0 : Math.max(backoff, error.retryAfterMillis);
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }

  /**
   * One request, without another try. Answers of any status are given back, but those that are likely to be over soon.
   *
   * @param range the value of the header
   * @throws IoError
   */
  async request(url: string, method: 'HEAD' | 'GET', range?: string): Promise<Response> {
    // identity: ranges and sizes are those of the stored bytes, not of what a proxy makes of them.
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    if (range !== undefined) headers.range = range;
    const abort = new AbortController();
    const late = new IoError('FILE_IO', `The server gave no answer within ${this.timeoutMillis} ms`, { resource: url });
    const timer = setTimeout(() => abort.abort(late), this.timeoutMillis);
    let response: Response;
    try {
      response = await fetch(url, { method, headers, signal: abort.signal });
    } catch (cause) {
      if (cause === late) throw new TransientError(late);
      throw failure(cause, method === 'HEAD' ? 'look up the file' : 'read the file', url);
    } finally {
      clearTimeout(timer);
    }
    if (!TRANSIENT_STATUSES.includes(response.status)) return response;
    await discard(response);
    const seconds = Number(response.headers.get('retry-after') ?? 0);
    const wait = seconds > 0 ? Math.min(seconds * 1000, MOST_RETRY_AFTER_MILLIS) : 0;
    throw new TransientError(statusError(url, response.status), wait);
  }
}

/** Lets go of the body of an answer. */
export async function discard(response: Response): Promise<void> {
  // What becomes of it is of no interest, nor whether that fails.
  await response.body?.cancel().catch(() => {});
}

/** What went wrong with a connection, as an error that says whether another try makes sense. */
export function failure(cause: unknown, action: string, url: string, offset?: number): IoError {
  const reason = (cause as { cause?: unknown } | null)?.cause ?? cause;
  const error = toIoError(reason, action, url, offset);
  const code = (reason as { code?: unknown } | null)?.code;
  return TRANSIENT_CODES.includes(String(code)) ? new TransientError(error) : error;
}

/** A server that has stopped in the middle. */
export function stalled(url: string, offset: number, millis: number): IoError {
  const resource = resourceAt(url, offset);
  return new TransientError(new IoError('FILE_IO', `The server sent nothing for ${millis} ms`, { resource }));
}

/** A body that ended too early. */
export function cutShort(url: string, offset: number, count: number, expected: number): IoError {
  const resource = resourceAt(url, offset);
  return new TransientError(new IoError('FILE_IO', `The server sent ${count} of ${expected} bytes`, { resource }));
}

/** The error for an answer that is none. */
export function statusError(url: string, status: number, offset?: number): IoError {
  if (status === 404 || status === 410) return notFound(url);
  const code = status === 401 || status === 403 ? 'FILE_ACCESS' : 'FILE_IO';
  return new IoError(code, `The server answered with HTTP status ${status}`, { resource: resourceAt(url, offset) });
}
