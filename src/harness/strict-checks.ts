import { ByteWriter } from '../sdk/coders/byte-writer.ts';
import { type Coder, decodeFromBytes } from '../sdk/coders/coder.ts';
import { defaultCoder } from '../sdk/coders/default-coder.ts';
import { CoderError, UserCodeError } from '../sdk/errors.ts';

/** Marks of what strict mode cannot look into. */
const OPAQUE = new Uint8Array(0);

/** The element's encoding before a user function sees it, to be compared with `isUnchanged`. */
export function markElement(element: unknown): Uint8Array {
  return encoded(defaultCoder, element);
}

function encoded(coder: Coder<unknown>, element: unknown): Uint8Array {
  const out = new ByteWriter(256);
  try {
    coder.encode(element, out, true);
  } catch {
    return OPAQUE;
  }
  return out.copy();
}

/** False when the element is encoded otherwise than when it was marked. */
export function isUnchanged(mark: Uint8Array, element: unknown): boolean {
  return mark === OPAQUE || Buffer.compare(mark, markElement(element)) === 0;
}

/** The error of a function that changed its input. */
export function mutationError(): UserCodeError {
  return new UserCodeError('INPUT_MUTATED', 'The function changed its input element', {
    hint: 'other transforms may read the same object: return a changed copy instead ({ ...element, field })',
  });
}

/**
 * Checks that a coder writes an element always in the same way, and reads what it has written. What it refuses to write
 * is for the one to say who needs it written.
 *
 * @throws CoderError `CODER_UNSTABLE`
 */
export function checkCoder(coder: Coder<unknown>, element: unknown): void {
  const bytes = encoded(coder, element);
  if (bytes === OPAQUE) return;
  if (Buffer.compare(bytes, encoded(coder, element)) !== 0) throw unstable('writes an element differently each time');
  let back: unknown;
  try {
    back = decodeFromBytes(coder, bytes, true);
  } catch (cause) {
    throw unstable('cannot read what it has written', cause);
  }
  if (Buffer.compare(bytes, encoded(coder, back)) !== 0) throw unstable('reads something else than it has written');
}

function unstable(what: string, cause?: unknown): CoderError {
  return new CoderError('CODER_UNSTABLE', `The coder of the element ${what}`, {
    hint: 'elements are written and read when they leave a worker; an iterable in them must bear being read twice',
    cause,
  });
}

/** A shallow picture of a DoFn's own fields, to see whether a bundle leaves something behind in them. */
export function pictureOf(doFn: object): string {
  const fields = Object.entries(doFn).filter(([, value]) => typeof value !== 'function');
  return JSON.stringify(
    fields.map(([name, value]) => [name, sizeOf(value)]),
    (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value),
  );
}

function sizeOf(value: unknown): unknown {
  if (value instanceof Map || value instanceof Set) return value.size;
  if (Array.isArray(value)) return value.length;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : value;
}
