import { IoError, MAX_TIMESTAMP, timestamp } from '../../sdk/index.ts';
import { millisOf } from './entry-id.ts';

/** An entry of a stream as it is stored: a field's name may come several times, and all are bytes. */
export interface RawRedisEntry {
  readonly stream: string;
  readonly id: string;
  readonly fields: readonly (readonly [name: Uint8Array, value: Uint8Array])[];
}

/** An entry of a stream whose fields are texts. */
export interface RedisEntry {
  readonly stream: string;
  readonly id: string;
  readonly fields: Readonly<Record<string, string>>;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The fields as texts. @throws IoError `REDIS_ENTRY` for what is not UTF-8, and for two fields of one name */
export function textEntry({ stream, id, fields }: RawRedisEntry): RedisEntry {
  const texts: Record<string, string> = {};
  for (const [name, value] of fields) {
    const key = textOf(name, 'The name of a field');
    if (Object.hasOwn(texts, key) || key === '__proto__')
      throw wrong(`There are two fields ${key}, or it cannot be one`);
    texts[key] = textOf(value, `The field ${key}`);
  }
  return { stream, id, fields: texts };
}

function textOf(bytes: Uint8Array, what: string): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw wrong(`${what} is not UTF-8`, cause);
  }
}

function wrong(message: string, cause?: unknown): IoError {
  return new IoError('REDIS_ENTRY', message, {
    hint: 'Pass a function as decode: it gets the fields as bytes, one by one.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What a function makes of an entry. @throws IoError `REDIS_ENTRY` that names the entry */
export function decodeEntry<T>(entry: RawRedisEntry, decode: (entry: RawRedisEntry) => T): T {
  try {
    return decode(entry);
  } catch (cause) {
    const resource = `${entry.stream} at ${entry.id}`;
    if (cause instanceof IoError) throw cause.with({ resource, final: true });
    throw new IoError('REDIS_ENTRY', `An entry cannot be decoded: ${String(cause)}`, { resource, cause, final: true });
  }
}

/** The event time that an id says. @throws IoError `REDIS_ENTRY` for ids that are no times */
export function timeOfId(stream: string, id: string): number {
  const millis = Number(millisOf(id));
  if (millis <= MAX_TIMESTAMP) return timestamp(millis);
  throw new IoError('REDIS_ENTRY', 'The id of an entry is no time', {
    resource: `${stream} at ${id}`,
    hint: 'Pass a function as timestamp.',
    final: true,
  });
}
