import { CoderError } from '../errors.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { Coder } from './coder.ts';
import { decodeElements } from './elements.ts';
import { decodeChunks, encodeList } from './iterable-coder.ts';

/** Reads the elements that the runner keeps under a token. */
export type ReadContinuation<T> = (token: Uint8Array, element: Coder<T>) => Iterable<T>;

/** An iterable of which a first part came with the element and the runner keeps the rest. May be iterated repeatedly. */
class StateBackedIterable<T> implements Iterable<T> {
  readonly prefix: readonly T[];
  /** Names the rest in the runner's state. */
  readonly token: Uint8Array;
  readonly #rest: () => Iterable<T>;

  constructor(prefix: readonly T[], token: Uint8Array, rest: () => Iterable<T>) {
    this.prefix = prefix;
    this.token = token;
    this.#rest = rest;
  }

  /** @throws CoderError `CODER_NO_STATE` past the prefix, when the coder was given no way to read state. */
  *[Symbol.iterator](): Iterator<T> {
    yield* this.prefix;
    yield* this.#rest();
  }
}

/**
 * `beam:coder:state_backed_iterable:v1`: as an iterable, but chunks may end in a token for elements that the runner keeps.
 * An array is decoded where there is no token, else a {@link StateBackedIterable}; that one is encoded with its token.
 */
export class StateBackedIterableCoder<T> implements Coder<Iterable<T>> {
  readonly urn = 'beam:coder:state_backed_iterable:v1';
  readonly components: readonly [Coder<T>];
  readonly nonDeterministic: string | undefined;
  readonly #read: ReadContinuation<T>;

  constructor(element: Coder<T>, read: ReadContinuation<T> = noState) {
    this.components = [element];
    this.nonDeterministic = element.nonDeterministic;
    this.#read = read;
  }

  encode(value: Iterable<T>, out: ByteWriter, _nested: boolean): void {
    const element = this.components[0];
    if (!(value instanceof StateBackedIterable)) return encodeList(element, value, out);
    out.uint32(0xffffffff);
    if (value.prefix.length > 0) {
      out.varint(value.prefix.length);
      for (const item of value.prefix) element.encode(item, out, true);
    }
    out.varint64(-1n);
    out.varint(value.token.length);
    out.raw(value.token);
  }

  decode(input: ByteReader, _nested: boolean): Iterable<T> {
    const element = this.components[0];
    const elements: T[] = [];
    const count = input.int32();
    if (count >= 0) {
      decodeElements(element, count, input, elements);
      return elements;
    }
    if (count !== -1) throw input.malformed(`An element count of ${count}`);
    if (decodeChunks(element, input, elements) === 0) return elements;
    const token = input.raw(input.varint());
    return new StateBackedIterable(elements, token, () => this.#read(token, element));
  }
}

function noState(): never {
  throw new CoderError('CODER_NO_STATE', 'The rest of this iterable is kept by a runner that cannot be asked here', {
    hint: 'Only a harness with a state connection can read it.',
  });
}
