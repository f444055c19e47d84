import type { StateGetResponse } from '../../../model/fn-execution.ts';
import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { CoderError } from '../../../sdk/errors.ts';

/** Reads one page of a state; empty for the first. */
export type ReadPage = (continuationToken: Uint8Array) => StateGetResponse;

const START = new Uint8Array();

/**
 * What the runner keeps under one key: nested encodings one after the other, in pages. Each iteration asks for the pages
 * as it comes to them, so no more than one is in memory.
 */
export class PagedItems<T> implements Iterable<T> {
  readonly #coder: Coder<T>;
  readonly #read: ReadPage;
  readonly #first: StateGetResponse | undefined;

  /** @param first the first page, where it has been read */
  constructor(coder: Coder<T>, read: ReadPage, first?: StateGetResponse) {
    this.#coder = coder;
    this.#read = read;
    this.#first = first;
  }

  *[Symbol.iterator](): Generator<T> {
    let page = this.#first ?? this.#read(START);
    let data = page.data;
    for (;;) {
      const input = new ByteReader(data);
      const isLast = page.continuationToken.length === 0;
      let at = 0;
      while (input.remaining > 0) {
        let item: T;
        try {
          item = this.#coder.decode(input, true);
        } catch (error) {
          if (isLast || !isTruncated(error)) throw error;
          break;
        }
        at = input.position;
        yield item;
      }
      if (isLast) return;
      page = this.#read(page.continuationToken);
      // An item may begin in one page and end in another.
      data = at === data.length ? page.data : Buffer.concat([data.subarray(at), page.data]);
    }
  }
}

function isTruncated(error: unknown): boolean {
  return error instanceof CoderError && error.code === 'CODER_TRUNCATED';
}
