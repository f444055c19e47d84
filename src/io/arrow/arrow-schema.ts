import type * as A from 'apache-arrow';
import { type AtomicType, type FieldType, type LogicalFieldType, PipelineError, type Schema } from '../../sdk/index.ts';
import { arrow } from './load-arrow.ts';

/** Beam's logical types that Arrow has types for. */
const LOGICAL = {
  millis: 'beam:logical_type:millis_instant:v1',
  micros: 'beam:logical_type:micros_instant:v1',
  timestamp: 'beam:logical_type:timestamp:v1',
  date: 'beam:logical_type:date:v1',
  time: 'beam:logical_type:time:v1',
  decimal: 'beam:logical_type:fixed_decimal:v1',
  fixedBytes: 'beam:logical_type:fixed_bytes:v1',
} as const;

const atomic = (type: AtomicType): FieldType => ({ kind: 'atomic', atomic: type });

/**
 * The Arrow schema of rows with a Beam schema. Instants become timestamps in UTC of their unit, dates 32-bit days,
 * fixed decimals 128-bit decimals, maps and lists and rows their counterparts; other logical types the type that they
 * are represented by.
 *
 * @throws PipelineError `SCHEMA_UNSUPPORTED` naming the field, when Arrow has no type for it
 */
export function arrowSchemaOf(schema: Schema): A.Schema {
  const { Schema } = arrow();
  return new Schema(schema.fields.map(({ name, type }) => arrowField(name, type, name)));
}

/**
 * The Beam schema of rows that an Arrow schema describes. Unsigned integers take the next wider type, an unsigned
 * 64-bit one int64; dictionaries the type of their values.
 *
 * @throws PipelineError `SCHEMA_UNSUPPORTED` naming the column, when Beam has no type for it (unions, intervals, nulls)
 */
export function schemaOfArrow(schema: A.Schema): Schema {
  return { fields: schema.fields.map((field) => ({ name: field.name, type: beamType(field, field.name) })) };
}

function arrowField(name: string, type: FieldType, path: string): A.Field {
  const { Field } = arrow();
  return new Field(name, arrowType(type, path), type.nullable === true);
}

function arrowType(type: FieldType, path: string): A.DataType {
  const a = arrow();
  switch (type.kind) {
    case 'atomic':
      return arrowAtomic(a, type.atomic);
    case 'array':
    case 'iterable':
      return new a.List(arrowField('item', type.element, `${path}[]`));
    case 'map': {
      const key = arrowField('key', { ...type.key, nullable: false }, `${path}.key`);
      const entries = new a.Struct([key, arrowField('value', type.value, `${path}.value`)]);
      return new a.Map_(new a.Field('entries', entries, false) as never) as unknown as A.DataType;
    }
    case 'row':
      return new a.Struct(
        type.schema.fields.map((field) => arrowField(field.name, field.type, `${path}.${field.name}`)),
      );
    case 'logical':
      return arrowLogical(a, type, path);
  }
}

function arrowAtomic(a: typeof A, type: AtomicType): A.DataType {
  switch (type) {
    case 'byte':
      return new a.Int8();
    case 'int16':
      return new a.Int16();
    case 'int32':
      return new a.Int32();
    case 'int64':
      return new a.Int64();
    case 'float':
      return new a.Float32();
    case 'double':
      return new a.Float64();
    case 'string':
      return new a.Utf8();
    case 'boolean':
      return new a.Bool();
    case 'bytes':
      return new a.Binary();
  }
}

function arrowLogical(a: typeof A, type: LogicalFieldType, path: string): A.DataType {
  const argument = type.argument?.value;
  switch (type.urn) {
    case LOGICAL.millis:
      return new a.Timestamp(a.TimeUnit.MILLISECOND, 'UTC');
    case LOGICAL.micros:
      return new a.Timestamp(a.TimeUnit.MICROSECOND, 'UTC');
    case LOGICAL.timestamp: {
      const unit = {
        0: a.TimeUnit.SECOND,
        3: a.TimeUnit.MILLISECOND,
        6: a.TimeUnit.MICROSECOND,
        9: a.TimeUnit.NANOSECOND,
      }[Number(argument)];
      if (unit === undefined) throw unsupported(path, `timestamps of precision ${String(argument)}`);
      return new a.Timestamp(unit, 'UTC');
    }
    case LOGICAL.date:
      return new a.DateDay();
    case LOGICAL.time:
      return new a.TimeNanosecond();
    case LOGICAL.decimal: {
      const { precision, scale } = (argument ?? {}) as { precision?: number; scale?: number };
      if (precision === undefined || scale === undefined || precision > 38)
        throw unsupported(path, 'a decimal without a fixed precision up to 38');
      return new a.Decimal(scale, precision, 128);
    }
    case 'beam:logical_type:decimal:v1':
      throw unsupported(path, 'decimals of any scale; declare a fixed decimal');
    case LOGICAL.fixedBytes:
      return new a.FixedSizeBinary(Number(argument));
    default:
      return arrowType(type.representation, path);
  }
}

function beamType(field: A.Field, path: string): FieldType {
  const type = presentType(field.type, path);
  return field.nullable ? { ...type, nullable: true } : type;
}

function presentType(type: A.DataType, path: string): FieldType {
  const { DataType, DateUnit: _, TimeUnit } = arrow();
  if (DataType.isInt(type)) return atomic(intType(type));
  if (DataType.isFloat(type)) return atomic(type.precision === 2 ? 'double' : 'float');
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type)) return atomic('string');
  if (DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isBinaryView(type)) return atomic('bytes');
  if (DataType.isBool(type)) return atomic('boolean');
  if (DataType.isFixedSizeBinary(type)) return logical(LOGICAL.fixedBytes, 'bytes', atomic('int32'), type.byteWidth);
  if (DataType.isDate(type)) return logical(LOGICAL.date, 'int64');
  if (DataType.isTimestamp(type)) {
    if (type.unit <= TimeUnit.MILLISECOND) return logical(LOGICAL.millis, 'int64');
    if (type.unit === TimeUnit.MICROSECOND) return instant(LOGICAL.micros, 'micros');
    return { ...instant(LOGICAL.timestamp, 'subseconds'), argument: { type: atomic('int32'), value: 9 } };
  }
  if (DataType.isTime(type)) return atomic(type.bitWidth === 32 ? 'int32' : 'int64');
  if (DataType.isDuration(type)) return atomic('int64');
  if (DataType.isDecimal(type)) return decimalType(type.precision, type.scale);
  if (DataType.isList(type) || DataType.isLargeList(type) || DataType.isFixedSizeList(type)) {
    return { kind: 'array', element: beamType(type.children[0], `${path}[]`) };
  }
  if (DataType.isStruct(type)) {
    const fields = type.children.map((child) => ({ name: child.name, type: beamType(child, `${path}.${child.name}`) }));
    return { kind: 'row', schema: { fields } };
  }
  if (DataType.isMap(type)) {
    const [key, value] = (type.children[0].type as A.Struct).children;
    return { kind: 'map', key: beamType(key, `${path}.key`), value: beamType(value, `${path}.value`) };
  }
  if (DataType.isDictionary(type)) return presentType(type.dictionary, path);
  throw unsupported(path, `the Arrow type ${String(type)}`);
}

function intType(type: A.Int): AtomicType {
  const bits = type.isSigned || type.bitWidth === 64 ? type.bitWidth : type.bitWidth * 2;
  return bits === 8 ? 'byte' : (`int${bits}` as AtomicType);
}

function logical(urn: string, representation: AtomicType, type?: FieldType, value?: unknown): LogicalFieldType {
  return {
    kind: 'logical',
    urn,
    representation: atomic(representation),
    ...(type === undefined ? {} : { argument: { type, value } }),
  };
}

/** Finer instants are rows of seconds and a fraction. */
function instant(urn: string, fraction: string): LogicalFieldType {
  const fields = [
    { name: 'seconds', type: atomic('int64') },
    { name: fraction, type: atomic(fraction === 'micros' ? 'int64' : 'int32') },
  ];
  return { kind: 'logical', urn, representation: { kind: 'row', schema: { fields } } };
}

function decimalType(precision: number, scale: number): LogicalFieldType {
  const fields = [
    { name: 'precision', type: atomic('int32') },
    { name: 'scale', type: atomic('int32') },
  ];
  return {
    kind: 'logical',
    urn: LOGICAL.decimal,
    representation: { kind: 'logical', urn: 'beam:logical_type:decimal:v1', representation: atomic('bytes') },
    argument: { type: { kind: 'row', schema: { fields } }, value: { precision, scale } },
  };
}

function unsupported(path: string, what: string): PipelineError {
  return new PipelineError('SCHEMA_UNSUPPORTED', `Field '${path}' holds ${what}`);
}
