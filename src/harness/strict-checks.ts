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
function isUnchanged(mark: Uint8Array, element: unknown): boolean {
  return mark === OPAQUE || Buffer.compare(mark, markElement(element)) === 0;
}

/**
 * Looks at the element once the call is over: at once, when the promise is fulfilled, or, if `iterated`, after the last
 * of the outputs. Gives the result to go on with.
 *
 * @throws UserCodeError `INPUT_MUTATED`
 */
export function watch(mark: Uint8Array, element: unknown, result: unknown, iterated: boolean): unknown {
  const check = () => {
    if (!isUnchanged(mark, element)) throw mutationError();
  };
  if (typeof result === 'object' && result !== null && !Array.isArray(result)) {
    if ('then' in result && typeof result.then === 'function') {
      return Promise.resolve(result).then((value) => watch(mark, element, value, iterated));
    }
    if (iterated && Symbol.iterator in result) return watchOutputs(result as Iterable<unknown>, check);
    if (iterated && Symbol.asyncIterator in result) return watchAsync(result as AsyncIterable<unknown>, check);
  }
  check();
  return result;
}

function* watchOutputs(outputs: Iterable<unknown>, check: () => void): Generator<unknown> {
  yield* outputs;
  check();
}

async function* watchAsync(outputs: AsyncIterable<unknown>, check: () => void): AsyncGenerator<unknown> {
  yield* outputs;
  check();
}

/** The error of a function that changed its input. */
function mutationError(): UserCodeError {
  return new UserCodeError('INPUT_MUTATED', 'The function changed its input element', {
    final: true,
    hint: 'other transforms may read the same object: return a changed copy instead ({ ...element, field })',
  });
}

/**
 * Checks that a coder writes an element always in the same way, reads what it has written, and leaves nothing out. What
 * it refuses to write is for the one to say who needs it written.
 *
 * @throws CoderError `CODER_UNSTABLE`, `CODER_SYMBOL`
 */
export function checkCoder(coder: Coder<unknown>, element: unknown): void {
  const bytes = encoded(coder, element);
  if (bytes === OPAQUE) return;
  if (usesDefault(coder)) checkNames(element);
  if (Buffer.compare(bytes, encoded(coder, element)) !== 0) throw unstable('writes an element differently each time');
  let back: unknown;
  try {
    back = decodeFromBytes(coder, bytes, true);
  } catch (cause) {
    throw unstable('cannot read what it has written', cause);
  }
  if (Buffer.compare(bytes, encoded(coder, back)) !== 0) throw unstable('reads something else than it has written');
}

function usesDefault(coder: Coder<unknown>): boolean {
  return coder === defaultCoder || coder.components.some(usesDefault);
}

/** The default coder passes over fields that are named by symbols, as JSON does; to look for them costs. */
function checkNames(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const parts = Array.isArray(value) ? value : value instanceof Map || value instanceof Set ? [...value] : undefined;
  if (parts === undefined && !isPlain(value)) return;
  const symbol = Object.getOwnPropertySymbols(value).find((name) => Object.propertyIsEnumerable.call(value, name));
  if (symbol !== undefined) {
    throw new CoderError(
      'CODER_SYMBOL',
      `The element has the field ${String(symbol)}, which is lost when it is written`,
      {
        final: true,
        hint: 'name the field by a string, or give the collection a coder',
      },
    );
  }
  for (const part of parts ?? Object.values(value)) checkNames(part);
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function unstable(what: string, cause?: unknown): CoderError {
  return new CoderError('CODER_UNSTABLE', `The coder of the element ${what}`, {
    final: true,
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
