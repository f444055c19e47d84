import type { AtomicTypeValue, FieldValue } from '../../model/pipeline.ts';
import { CoderError } from '../errors.ts';
import type { AtomicType, FieldType } from './schema.ts';

/** Property of an `AtomicTypeValue` by type: they happen to have the same names. */
type AtomicProperty = keyof AtomicTypeValue & AtomicType;

/** A value of a type from Beam's `FieldValue`: the arguments of logical types. Null is one with nothing set. @throws CoderError `SCHEMA_INVALID` when the value is not of the type. */
export function valueFromProto(type: FieldType, proto: FieldValue): unknown {
  switch (type.kind) {
    case 'atomic':
      return proto.atomicValue === undefined ? nothing(proto) : proto.atomicValue[type.atomic satisfies AtomicProperty];
    case 'array':
    case 'iterable': {
      const list = proto.arrayValue ?? proto.iterableValue;
      return list === undefined ? nothing(proto) : list.element.map((item) => valueFromProto(type.element, item));
    }
    case 'map':
      if (proto.mapValue === undefined) return nothing(proto);
      return new Map(proto.mapValue.entries.map(({ key, value }) => [part(type.key, key), part(type.value, value)]));
    case 'row': {
      if (proto.rowValue === undefined) return nothing(proto);
      const { values } = proto.rowValue;
      return Object.fromEntries(type.schema.fields.map((field, i) => [field.name, part(field.type, values[i])]));
    }
    case 'logical':
      return proto.logicalTypeValue === undefined
        ? nothing(proto)
        : part(type.representation, proto.logicalTypeValue.value);
  }
}

function part(type: FieldType, proto: FieldValue | undefined): unknown {
  return proto === undefined ? null : valueFromProto(type, proto);
}

/** No value of the wanted kind: null if nothing is set at all. */
function nothing(proto: FieldValue): null {
  if (Object.keys(proto).length === 0) return null;
  throw new CoderError('SCHEMA_INVALID', 'The argument of a logical type is not of the argument type');
}
