import { CoderError } from '../errors.ts';
import { ByteWriter } from './byte-writer.ts';
import { MAX_DEPTH } from './value-tags.ts';
import { typeOfPrototype } from './value-types.ts';
import { Unencodable, writeValue } from './value-writer.ts';

/** Characters of a place in an error message. */
const MAX_PATH = 200;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/**
 * The error for a value that the default coder refused, with the place inside it: `value[1].user.fn is a function`.
 * The writer keeps no path, since that would cost every value; this walks the value once more.
 */
export function explainUnencodable(value: unknown, refusal: CoderError): CoderError {
  const [path, reason] = locate(value, 'value', []) ?? ['value', refusal.summary];
  const place = path.length <= MAX_PATH ? path : `${path.slice(0, MAX_PATH / 2)}…${path.slice(-MAX_PATH / 2)}`;
  return new CoderError('CODER_UNENCODABLE', `${place} ${reason}, which the default coder cannot encode`, {
    hint: 'Return plain data (numbers, strings, arrays, plain objects, Map, Set, Date, bytes), register the class with registerType, or give the collection a coder.',
  });
}

/** Path and reason of the first part that cannot be encoded. */
function locate(value: unknown, path: string, ancestors: object[]): [string, string] | undefined {
  if (typeof value === 'function' || typeof value === 'symbol') return [path, `is a ${typeof value}`];
  if (typeof value !== 'object' || value === null) return undefined;
  if (ancestors.includes(value)) return [path, 'refers back to an object that contains it'];
  if (ancestors.length >= MAX_DEPTH) return [path, `is nested deeper than ${MAX_DEPTH} levels`];
  const inside = [...ancestors, value];
  for (const [step, item] of parts(value)) {
    const found = locate(item, path + step, inside);
    if (found !== undefined) return found;
  }
  return reasonOf(value, path);
}

function* parts(value: object): Iterable<[string, unknown]> {
  const registered = typeOfPrototype(Object.getPrototypeOf(value));
  if (Array.isArray(value)) for (let i = 0; i < value.length; i++) yield [`[${i}]`, value[i]];
  else if (value instanceof Map) {
    for (const [key, item] of value) {
      yield ['.key', key];
      yield [`.get(${typeof key === 'object' ? '…' : String(JSON.stringify(key))})`, item];
    }
  } else if (value instanceof Set) for (const item of value) yield ['.item', item];
  else if (registered !== undefined) yield [` (${registered.name})`, registered.codec.encode(value)];
  else if (!ArrayBuffer.isView(value)) {
    for (const name of Object.keys(value)) {
      yield [
        IDENTIFIER.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`,
        (value as Record<string, unknown>)[name],
      ];
    }
  }
}

/** All parts can be encoded; what does the writer say to the whole? */
function reasonOf(value: object, path: string): [string, string] | undefined {
  try {
    writeValue(value, new ByteWriter(), 0, true);
    return undefined;
  } catch (error) {
    if (error instanceof Unencodable) return [path, error.summary];
    throw error;
  }
}
