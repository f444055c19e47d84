import { createHash } from 'node:crypto';
import type { Schema } from './schema.ts';

/** A UUID (version 8) made from the fields: schemas of the same fields have the same id, on every machine and run. */
export function schemaId(schema: Schema): string {
  const text = JSON.stringify(schema.fields, (_, value) => {
    if (typeof value === 'bigint') return `${value}n`;
    return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
  });
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes[6] = (bytes[6] & 0x0f) | 0x80;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
