import { IoError } from '../../sdk/index.ts';
import type { RandomAccessFile } from './file-system.ts';
import { resourceAt, toIoError } from './io-errors.ts';

/** A server that sends nothing for this long in the middle of a file has failed. */
const STALL_MILLIS = 60_000;

/** Reads a response front to back; a read behind the position asks for the response again from its start. */
export class HttpStreamReader implements RandomAccessFile {
  readonly path: string;
  readonly size: number;
  readonly blockSize: number = 256 * 1024;
  readonly #request: (from: number) => Promise<Response>;
  readonly #start: number;
  #body: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #position: number;
  #rest: Uint8Array = new Uint8Array(0);

  /** @param start offset of the response's first byte */
  constructor(path: string, size: number, request: (from: number) => Promise<Response>, start = 0) {
    this.path = path;
    this.size = size;
    this.#request = request;
    this.#start = start;
    this.#position = start;
  }

  async read(position: number, target: Uint8Array): Promise<number> {
    if (this.#body === undefined || position < this.#position) await this.#restart();
    let filled = 0;
    while (filled < target.length) {
      if (this.#rest.length === 0 && !(await this.#next())) break;
      if (this.#position < position) {
        this.#advance(Math.min(position - this.#position, this.#rest.length));
        continue;
      }
      const count = Math.min(target.length - filled, this.#rest.length);
      target.set(this.#rest.subarray(0, count), filled);
      this.#advance(count);
      filled += count;
    }
    return filled;
  }

  async close(): Promise<void> {
    const body = this.#body;
    this.#body = undefined;
    // The answer to a cancelled request is of no interest, nor is its failure.
    await body?.cancel().catch(() => {});
  }

  async #restart(): Promise<void> {
    await this.close();
    const response = await this.#request(this.#start);
    this.#body = response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined;
    this.#position = this.#start;
    this.#rest = new Uint8Array(0);
  }

  async #next(): Promise<boolean> {
    if (this.#body === undefined) return false;
    let timer: NodeJS.Timeout | undefined;
    const stalled = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(
          new IoError('FILE_IO', `The server sent nothing for ${STALL_MILLIS} ms`, {
            resource: resourceAt(this.path, this.#position),
          }),
        );
      }, STALL_MILLIS);
    });
    try {
      const { value, done } = await Promise.race([this.#body.read(), stalled]);
      if (done) return false;
      this.#rest = value;
      return true;
    } catch (cause) {
      throw toIoError((cause as { cause?: unknown }).cause ?? cause, 'read the file', this.path, this.#position);
    } finally {
      clearTimeout(timer);
    }
  }

  #advance(count: number): void {
    this.#position += count;
    this.#rest = this.#rest.subarray(count);
  }
}
