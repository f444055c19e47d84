import { IoError } from '../../sdk/index.ts';
import type { AvroType } from './avro-schema.ts';
import type { AvroReadStyle } from './compile-reader.ts';
import { conversionOf } from './logical-types.ts';

const MAX_DEPTH = 64;

/**
 * A function that makes the value which a field's default stands for, a fresh one each time: rows may be changed.
 *
 * @throws IoError `AVRO_SCHEMA` when the JSON is no value of the type.
 */
export function defaultOf(type: AvroType, json: unknown, style: AvroReadStyle, depth = 0): () => unknown {
  // A record whose default holds the record's own default has no end.
  if (depth > MAX_DEPTH) throw new IoError('AVRO_SCHEMA', `A default value is nested deeper than ${MAX_DEPTH}`);
  const conversion = conversionOf(type);
  if (conversion !== undefined) {
    const base = baseDefault(type, json, { int64: 'bigint' }, depth);
    return () => conversion.decode(base() as never);
  }
  return baseDefault(type, json, style, depth);
}

function baseDefault(type: AvroType, json: unknown, style: AvroReadStyle, depth: number): () => unknown {
  switch (type.kind) {
    case 'null':
      if (json === null) return () => null;
      break;
    case 'boolean':
      if (typeof json === 'boolean') return () => json;
      break;
    case 'int':
      if (typeof json === 'number' && (json | 0) === json) return () => json;
      break;
    case 'long':
      if (typeof json === 'number' && Number.isSafeInteger(json)) {
        const value = style.int64 === 'number' ? json : BigInt(json);
        return () => value;
      }
      break;
    case 'float':
    case 'double':
      if (typeof json === 'number') return () => json;
      break;
    case 'string':
      if (typeof json === 'string') return () => json;
      break;
    case 'bytes':
    case 'fixed':
      // Each character stands for the byte of its code.
      if (typeof json === 'string' && (type.kind !== 'fixed' || json.length === type.size)) {
        return () => new Uint8Array(Buffer.from(json, 'latin1'));
      }
      break;
    case 'enum':
      if (typeof json === 'string' && type.symbols.includes(json)) return () => json;
      break;
    case 'array':
      if (Array.isArray(json)) {
        const items = json.map((item) => defaultOf(type.items, item, style, depth + 1));
        return () => items.map((make) => make());
      }
      break;
    case 'map':
      if (isObject(json)) {
        const entries = Object.entries(json).map(
          ([key, item]) => [key, defaultOf(type.values, item, style, depth + 1)] as const,
        );
        return () => Object.fromEntries(entries.map(([key, make]) => [key, make()]));
      }
      break;
    case 'record':
      if (isObject(json)) {
        const fields = type.fields.map((field) => {
          const value = Object.hasOwn(json, field.name) ? json[field.name] : field.fallback?.json;
          return [field.name, defaultOf(field.type, value, style, depth + 1)] as const;
        });
        return () => Object.fromEntries(fields.map(([name, make]) => [name, make()]));
      }
      break;
    case 'union':
      // The first branch that the JSON fits; older versions of the specification allow only the first of all.
      for (const branch of type.branches) {
        try {
          return defaultOf(branch, json, style, depth);
        } catch (error) {
          if (!(error instanceof IoError)) throw error;
        }
      }
  }
  throw new IoError('AVRO_SCHEMA', `${JSON.stringify(json)?.slice(0, 60)} is no default of the type ${type.kind}`);
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
