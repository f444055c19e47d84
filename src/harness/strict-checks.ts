import { ByteWriter } from '../sdk/coders/byte-writer.ts';
import { defaultCoder } from '../sdk/coders/default-coder.ts';
import { UserCodeError } from '../sdk/errors.ts';

/** Marks of what strict mode cannot look into. */
const OPAQUE = new Uint8Array(0);

/** The element's encoding before a user function sees it, to be compared with `isUnchanged`. */
export function markElement(element: unknown): Uint8Array {
  const out = new ByteWriter(256);
  try {
    defaultCoder.encode(element, out, true);
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
