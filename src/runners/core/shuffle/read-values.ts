import type { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { CoderError } from '../../../sdk/errors.ts';
import type { SliceCursor } from './slice-cursor.ts';

/**
 * Appends the values of the part at hand.
 *
 * @throws CoderError when the coder does not read what it wrote.
 */
export function readValues(cursor: SliceCursor, coder: Coder<unknown>, input: ByteReader, into: unknown[]): void {
  const { block, start, end, count } = cursor;
  const numbers = block.numbers;
  if (numbers !== undefined) {
    for (let i = (start - block.valuesAt) / 8, stop = i + count; i < stop; i++) into.push(numbers[i]);
    return;
  }
  input.reset(block.bytes, start, end);
  for (let i = 0; i < count; i++) into.push(coder.decode(input, true));
  checkAllRead(input, coder);
}

/** @throws CoderError when bytes of the part just read are left. */
export function checkAllRead(input: ByteReader, coder: Coder<unknown>): void {
  if (input.remaining === 0) return;
  throw new CoderError('CODER_MALFORMED', `The coder ${coder.urn} left ${input.remaining} bytes of its values unread`, {
    hint: 'Its decode must read exactly what encode wrote in the nested context.',
  });
}
