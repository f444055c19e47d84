import { IoError } from '../../sdk/index.ts';
import type { RedisCommand } from './redis-client.ts';

/** An entry to be written: its fields in their order. */
export interface RedisMessage {
  readonly fields: Readonly<Record<string, string | number | Uint8Array>>;
}

/** Names and values of the fields, one after another, as the server takes them. */
export type PlainFields = readonly (string | Uint8Array)[];

/** What is sent at a time. */
export const BATCH_ENTRIES = 1000;
export const BATCH_BYTES = 512 * 1024;

/** Fields of one entry: a script of the server can pass on some thousand values. */
const MAX_FIELDS = 1000;

/** @throws IoError `REDIS_ENTRY` for an entry without fields, or values that are none */
export function plainFields({ fields }: RedisMessage): PlainFields {
  const entries = typeof fields === 'object' && fields !== null ? Object.entries(fields) : [];
  if (entries.length === 0 || entries.length > MAX_FIELDS) {
    throw wrong(`An entry has from 1 to ${MAX_FIELDS} fields, not ${entries.length}`);
  }
  const plain: (string | Uint8Array)[] = [];
  for (const [name, value] of entries) plain.push(wellFormed(name, name), plainValue(name, value));
  return plain;
}

/** Bytes of an entry, near enough to fill batches by. */
export function sizeOf(fields: PlainFields): number {
  let size = 0;
  for (const each of fields) size += each.length + 16;
  return size;
}

/** A batch that was stored gives plain bytes back, where the client takes buffers. */
export function argumentsOf(fields: PlainFields): RedisCommand {
  return fields.map((each) =>
    typeof each === 'string' ? each : Buffer.from(each.buffer, each.byteOffset, each.byteLength),
  );
}

function plainValue(name: string, value: unknown): string | Uint8Array {
  if (typeof value === 'string') return wellFormed(value, name);
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'number') return String(value);
  throw wrong(`The field ${name} cannot be ${value === null ? 'null' : `a value of type ${typeof value}`}`);
}

function wellFormed(text: string, name: string): string {
  if (text.isWellFormed()) return text;
  throw wrong(`The field ${JSON.stringify(name)} has half of a surrogate pair`);
}

function wrong(message: string): IoError {
  return new IoError('REDIS_ENTRY', message, { hint: 'Fields are texts, numbers or Uint8Arrays.', final: true });
}
