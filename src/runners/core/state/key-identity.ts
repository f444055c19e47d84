import { booleanCoder } from '../../../sdk/coders/boolean-coder.ts';
import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { keyCoder } from '../../../sdk/coders/default-coder.ts';
import { stringCoder } from '../../../sdk/coders/string-coder.ts';
import { int32Coder, int64Coder, safeIntCoder } from '../../../sdk/coders/varint-coder.ts';

/** What a Map tells keys apart by. */
export type KeyId = string | number | bigint | boolean;

/** Longest encoded key. */
const MAX_KEY_BYTES = 1 << 26;

const STRINGS = new Set<unknown>([keyCoder, stringCoder]);
const INTEGERS = new Set<unknown>([int32Coder, safeIntCoder]);
const BIGINTS = new Set<unknown>([keyCoder, int64Coder]);
const BOOLEANS = new Set<unknown>([keyCoder, booleanCoder]);

/**
 * Gives each key a primitive by which a Map tells keys apart exactly as their encodings do: the key itself where equal
 * primitives are equal encodings, else the bytes as a string behind a zero character, which no other id begins with.
 */
export class KeyIdentity {
  readonly #coder: Coder<unknown>;
  readonly #scratch = new ByteWriter(256, MAX_KEY_BYTES);
  readonly #strings: boolean;
  readonly #numbers: boolean;
  readonly #integers: boolean;
  readonly #bigints: boolean;
  readonly #booleans: boolean;

  constructor(coder: Coder<unknown>) {
    this.#coder = coder;
    this.#strings = STRINGS.has(coder);
    // For a Map, as for the key coder, −0 is 0 and NaN is NaN. A double's bytes differ.
    this.#numbers = coder === keyCoder;
    this.#integers = INTEGERS.has(coder);
    this.#bigints = BIGINTS.has(coder);
    this.#booleans = BOOLEANS.has(coder);
  }

  /** @throws CoderError when the key coder cannot encode the key. */
  of(key: unknown): KeyId {
    switch (typeof key) {
      case 'string':
        if (this.#strings && key.charCodeAt(0) !== 0 && key.isWellFormed()) return key;
        break;
      case 'number':
        if (this.#numbers || (this.#integers && key === (key | 0))) return key;
        break;
      case 'bigint':
        if (this.#bigints && BigInt.asIntN(64, key) === key) return key;
        break;
      case 'boolean':
        if (this.#booleans) return key;
    }
    return `\0${this.bytes(key).latin1Slice()}`;
  }

  /** The key's encoding; valid until the next call. */
  bytes(key: unknown): Buffer {
    const scratch = this.#scratch;
    scratch.clear();
    this.#coder.encode(key, scratch, false);
    return scratch.view();
  }
}
