import { IoError } from '../../sdk/index.ts';
import { failure, stalled } from './http-request.ts';
import { resourceAt } from './io-errors.ts';

/** Reads a response front to back; a read behind the position, or after a failure, asks for the response again. */
export class HttpStreamReader {
  readonly blockSize: number = 256 * 1024;
  readonly #url: string;
  readonly #size: number;
  readonly #stallMillis: number;
  readonly #request: () => Promise<Response>;
  readonly #start: number;
  #body: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #position: number;
  #rest: Uint8Array = new Uint8Array(0);

  /**
   * @param size of the file
   * @param stallMillis a server that sends nothing for this long has failed
   * @param start offset of the response's first byte
   */
  constructor(url: string, size: number, stallMillis: number, request: () => Promise<Response>, start = 0) {
    this.#url = url;
    this.#size = size;
    this.#stallMillis = stallMillis;
    this.#request = request;
    this.#start = start;
    this.#position = start;
  }

  async read(position: number, target: Uint8Array): Promise<number> {
    try {
      return await this.#read(position, target);
    } catch (error) {
      // What has been read of it is lost, so that another try begins at the start.
      await this.close();
      throw error;
    }
  }

  async #read(position: number, target: Uint8Array): Promise<number> {
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
    const response = await this.#request();
    this.#body = response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined;
    this.#position = this.#start;
    this.#rest = new Uint8Array(0);
  }

  async #next(): Promise<boolean> {
    if (this.#body === undefined) return false;
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(stalled(this.#url, this.#position, this.#stallMillis)), this.#stallMillis);
    });
    try {
      const { value, done } = await Promise.race([this.#body.read(), silence]);
      if (done) return false;
      this.#rest = value;
      return true;
    } catch (cause) {
      if (cause instanceof IoError) throw cause;
      throw failure(cause, 'read the file', this.#url, this.#position);
    } finally {
      clearTimeout(timer);
    }
  }

  #advance(count: number): void {
    this.#position += count;
    this.#rest = this.#rest.subarray(count);
    // What comes behind the end would be left out by whoever reads up to it.
    if (this.#position > this.#size) {
      throw new IoError('FILE_CHANGED', `The server sends more than the ${this.#size} bytes that it has named`, {
        resource: resourceAt(this.#url, this.#size),
        hint: 'Download the file first.',
      });
    }
  }
}
