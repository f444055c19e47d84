import type { ByteReader } from './byte-reader.ts';
import type { Coder } from './coder.ts';

/** A list may hold this many elements of no bytes without being charged for them: windows of the global window. */
const FREE_EMPTY_ELEMENTS = 16;

/**
 * Charges an element that took no bytes against the reader's allowance. Every other element is paid for by its bytes;
 * these would let four bytes claim 2^31 elements.
 */
export function chargeEmpty(input: ByteReader, index: number): void {
  if (index >= FREE_EMPTY_ELEMENTS && --input.emptyElements < 0) throw input.malformed('Too many elements of no bytes');
}

/** Appends `count` nested elements to `into`. Nothing is allocated for elements that are not there. */
export function decodeElements<T>(coder: Coder<T>, count: number, input: ByteReader, into: T[]): void {
  for (let i = 0; i < count; i++) {
    const at = input.position;
    into.push(coder.decode(input, true));
    if (input.position === at) chargeEmpty(input, i);
  }
}
