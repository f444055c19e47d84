import { IoError } from '../../sdk/index.ts';

/** An Avro schema as JSON: the name of a type, a definition, or a union. */
export type AvroSchema = string | AvroDefinition | readonly AvroSchema[];

/** The definition of an Avro type; which members it needs depends on `type`. */
export interface AvroDefinition {
  readonly type: AvroSchema;
  readonly name?: string;
  readonly namespace?: string;
  readonly aliases?: readonly string[];
  readonly doc?: string;
  /** Of a record. */
  readonly fields?: readonly AvroFieldDefinition[];
  /** Of an enum. */
  readonly symbols?: readonly string[];
  /** Of an enum: stands for symbols that the reader does not know. */
  readonly default?: unknown;
  /** Of an array. */
  readonly items?: AvroSchema;
  /** Of a map. */
  readonly values?: AvroSchema;
  /** Of a fixed, in bytes. */
  readonly size?: number;
  readonly logicalType?: string;
  readonly precision?: number;
  readonly scale?: number;
  readonly [other: string]: unknown;
}

/** A field of an Avro record. */
export interface AvroFieldDefinition {
  readonly name: string;
  readonly type: AvroSchema;
  readonly default?: unknown;
  readonly aliases?: readonly string[];
  readonly doc?: string;
  readonly [other: string]: unknown;
}

/** What a type means beyond its encoding; see the guide for the JavaScript type of each. */
export type LogicalType =
  | 'date'
  | 'time-millis'
  | 'time-micros'
  | 'timestamp-millis'
  | 'timestamp-micros'
  | 'timestamp-nanos'
  | 'decimal'
  | 'uuid'
  | 'duration';

/** A schema with its names resolved. Records may refer to themselves, so it is a graph. */
export type AvroType =
  | { readonly kind: AvroPrimitive; readonly logical?: LogicalType; readonly scale?: number }
  | FixedType
  | EnumType
  | { readonly kind: 'array'; readonly items: AvroType }
  | { readonly kind: 'map'; readonly values: AvroType }
  | { readonly kind: 'union'; readonly branches: readonly AvroType[] }
  | RecordType;

/** The types that need no definition. */
export type AvroPrimitive = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string';

/** A named type of a given number of bytes. */
export interface FixedType {
  readonly kind: 'fixed';
  readonly name: string;
  readonly aliases: readonly string[];
  readonly size: number;
  readonly logical?: LogicalType;
  readonly scale?: number;
}

/** A named type of a list of symbols. */
export interface EnumType {
  readonly kind: 'enum';
  readonly name: string;
  readonly aliases: readonly string[];
  readonly symbols: readonly string[];
  readonly fallback?: string;
}

/** A named type of fields in a fixed order. */
export interface RecordType {
  readonly kind: 'record';
  readonly name: string;
  readonly aliases: readonly string[];
  readonly fields: readonly RecordField[];
}

/** A field of a {@link RecordType}; `fallback` is the JSON of its default. */
export interface RecordField {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly type: AvroType;
  readonly fallback?: { readonly json: unknown };
}

const PRIMITIVES: ReadonlySet<string> = new Set<AvroPrimitive>([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
]);
const MAX_DEPTH = 64;
const MAX_FIXED_BYTES = 1 << 24;

/** Resolves the names of a schema. @throws IoError `AVRO_SCHEMA` saying what is wrong with it. */
export function parseAvroSchema(schema: AvroSchema): AvroType {
  return new SchemaParser().parse(schema, '', 0);
}

class SchemaParser {
  readonly #named = new Map<string, AvroType>();

  parse(schema: unknown, namespace: string, depth: number): AvroType {
    if (depth > MAX_DEPTH) throw invalid(`is nested deeper than ${MAX_DEPTH}`);
    if (typeof schema === 'string') return this.#byName(schema, namespace);
    if (Array.isArray(schema)) return this.#union(schema, namespace, depth);
    if (typeof schema !== 'object' || schema === null)
      throw invalid(`has ${JSON.stringify(schema)} where a type belongs`);
    const definition = schema as AvroDefinition;
    switch (definition.type) {
      case 'record':
      case 'error':
        return this.#record(definition, namespace, depth);
      case 'enum':
        return this.#enum(definition, namespace);
      case 'fixed':
        return this.#fixed(definition, namespace);
      case 'array':
        return { kind: 'array', items: this.parse(definition.items, namespace, depth + 1) };
      case 'map':
        return { kind: 'map', values: this.parse(definition.values, namespace, depth + 1) };
      default: {
        const type = this.parse(definition.type, namespace, depth + 1);
        return isPrimitive(type) ? { ...type, ...logicalOf(definition, type.kind) } : type;
      }
    }
  }

  #byName(name: string, namespace: string): AvroType {
    if (PRIMITIVES.has(name)) return { kind: name as AvroPrimitive };
    const type = this.#named.get(fullName(name, namespace)) ?? this.#named.get(name);
    if (type === undefined) throw invalid(`names the type '${name}', which it does not define before`);
    return type;
  }

  #union(schemas: readonly unknown[], namespace: string, depth: number): AvroType {
    const branches = schemas.map((schema) => this.parse(schema, namespace, depth + 1));
    const names = branches.map((branch) => ('name' in branch ? branch.name : branch.kind));
    if (names.includes('union')) throw invalid('has a union directly in a union');
    if (new Set(names).size < names.length)
      throw invalid(`has a union with two branches of one type: ${names.join(', ')}`);
    return { kind: 'union', branches };
  }

  #record(definition: AvroDefinition, namespace: string, depth: number): AvroType {
    const { name, aliases } = namesOf(definition, namespace);
    const fields: RecordField[] = [];
    // Known before its fields are read, so that these may refer to it.
    this.#define(name, { kind: 'record', name, aliases, fields });
    if (!Array.isArray(definition.fields)) throw invalid(`gives the record '${name}' no fields`);
    const inner = namespaceOf(name);
    const seen = new Set<string>();
    for (const field of definition.fields as readonly AvroFieldDefinition[]) {
      if (typeof field?.name !== 'string' || seen.has(field.name)) {
        throw invalid(`has a field without a name, or two of one name, in the record '${name}'`);
      }
      seen.add(field.name);
      fields.push({
        name: field.name,
        aliases: stringsOf(field.aliases),
        type: this.parse(field.type, inner, depth + 1),
        ...('default' in field ? { fallback: { json: field.default } } : {}),
      });
    }
    return this.#named.get(name) as AvroType;
  }

  #enum(definition: AvroDefinition, namespace: string): AvroType {
    const { name, aliases } = namesOf(definition, namespace);
    const symbols = stringsOf(definition.symbols);
    if (symbols.length === 0) throw invalid(`gives the enum '${name}' no symbols`);
    const fallback = definition.default;
    const known = typeof fallback === 'string' && symbols.includes(fallback) ? { fallback } : {};
    return this.#define(name, { kind: 'enum', name, aliases, symbols, ...known });
  }

  #fixed(definition: AvroDefinition, namespace: string): AvroType {
    const { name, aliases } = namesOf(definition, namespace);
    const { size } = definition;
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 0 || size > MAX_FIXED_BYTES) {
      throw invalid(`gives the fixed '${name}' the size ${String(size)}`);
    }
    return this.#define(name, { kind: 'fixed', name, aliases, size, ...logicalOf(definition, 'fixed') });
  }

  #define(name: string, type: AvroType): AvroType {
    if (this.#named.has(name) || PRIMITIVES.has(name)) throw invalid(`defines the type '${name}' twice`);
    this.#named.set(name, type);
    return type;
  }
}

function isPrimitive(type: AvroType): type is Extract<AvroType, { kind: AvroPrimitive }> {
  return PRIMITIVES.has(type.kind);
}

const LOGICAL: Readonly<Record<string, readonly [base: string, type: LogicalType][]>> = {
  date: [['int', 'date']],
  'time-millis': [['int', 'time-millis']],
  'time-micros': [['long', 'time-micros']],
  'timestamp-millis': [['long', 'timestamp-millis']],
  'timestamp-micros': [['long', 'timestamp-micros']],
  'timestamp-nanos': [['long', 'timestamp-nanos']],
  'local-timestamp-millis': [['long', 'timestamp-millis']],
  'local-timestamp-micros': [['long', 'timestamp-micros']],
  'local-timestamp-nanos': [['long', 'timestamp-nanos']],
  decimal: [
    ['bytes', 'decimal'],
    ['fixed', 'decimal'],
  ],
  uuid: [
    ['string', 'uuid'],
    ['fixed', 'uuid'],
  ],
  duration: [['fixed', 'duration']],
};

/** A logical type that does not fit its base is passed over, as the specification wants. */
function logicalOf(definition: AvroDefinition, base: string): { logical?: LogicalType; scale?: number } {
  const { logicalType, size, precision, scale = 0 } = definition;
  const logical =
    typeof logicalType === 'string' && Object.hasOwn(LOGICAL, logicalType)
      ? LOGICAL[logicalType].find(([type]) => type === base)?.[1]
      : undefined;
  if (logical === undefined) return {};
  if (logical === 'decimal') {
    const valid = Number.isInteger(precision) && Number.isInteger(scale) && scale >= 0 && scale <= Number(precision);
    return valid ? { logical, scale } : {};
  }
  if (base === 'fixed' && size !== (logical === 'uuid' ? 16 : 12)) return {};
  return { logical };
}

function namesOf(definition: AvroDefinition, namespace: string): { name: string; aliases: readonly string[] } {
  if (typeof definition.name !== 'string' || definition.name === '') {
    throw invalid(`gives a ${String(definition.type)} no name`);
  }
  const own = typeof definition.namespace === 'string' ? definition.namespace : namespace;
  const name = fullName(definition.name, own);
  return { name, aliases: stringsOf(definition.aliases).map((alias) => fullName(alias, namespaceOf(name))) };
}

function fullName(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}

function namespaceOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('.')));
}

function stringsOf(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  if (!value.every((each): each is string => typeof each === 'string'))
    throw invalid('has a symbol or alias that is no string');
  return value;
}

function invalid(problem: string): IoError {
  return new IoError('AVRO_SCHEMA', `The Avro schema ${problem}`);
}
