import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type FieldType as FieldTypeProto,
  type FieldValue,
  type Init,
  Schema as SchemaProto,
} from '../../model/pipeline.ts';
import type { AtomicType, FieldType, Schema } from './schema.ts';
import { schemaId } from './schema-id.ts';
import { encodeSchema } from './schema-payload.ts';
import { decodeSchema } from './schema-proto.ts';

fc.configureGlobal({ seed: 7 });

const ATOMICS: readonly AtomicType[] = [
  'byte',
  'int16',
  'int32',
  'int64',
  'float',
  'double',
  'string',
  'boolean',
  'bytes',
];

/** The slow reference: the model's messages. */
function schemaToProto(schema: Schema): Init<SchemaProto> {
  return {
    id: schema.id ?? schemaId(schema),
    encodingPositionsSet: schema.fields.some((field) => field.encodingPosition !== undefined),
    fields: schema.fields.map(({ name, type, description, encodingPosition }) => ({
      name,
      type: typeToProto(type),
      description,
      encodingPosition,
    })),
  };
}

function typeToProto(type: FieldType): Init<FieldTypeProto> {
  const nullable = type.nullable === true;
  switch (type.kind) {
    case 'atomic':
      return { nullable, atomicType: (ATOMICS.indexOf(type.atomic) + 1) as never };
    case 'array':
      return { nullable, arrayType: { elementType: typeToProto(type.element) } };
    case 'iterable':
      return { nullable, iterableType: { elementType: typeToProto(type.element) } };
    case 'map':
      return { nullable, mapType: { keyType: typeToProto(type.key), valueType: typeToProto(type.value) } };
    case 'row':
      return { nullable, rowType: { schema: schemaToProto(type.schema) } };
    case 'logical': {
      const { urn, payload, argument } = type;
      const logical = { urn, payload, representation: typeToProto(type.representation) };
      if (argument === undefined) return { nullable, logicalType: logical };
      return {
        nullable,
        logicalType: {
          ...logical,
          argumentType: typeToProto(argument.type),
          argument: valueToProto(argument.type, argument.value),
        },
      };
    }
  }
}

function valueToProto(type: FieldType, value: unknown): Init<FieldValue> {
  if (value === null) return {};
  switch (type.kind) {
    case 'atomic':
      return { atomicValue: { [type.atomic]: value } };
    case 'array':
      return { arrayValue: { element: (value as unknown[]).map((item) => valueToProto(type.element, item)) } };
    case 'iterable':
      return { iterableValue: { element: (value as unknown[]).map((item) => valueToProto(type.element, item)) } };
    case 'map': {
      const entries = [...(value as Map<unknown, unknown>)].map(([key, item]) => ({
        key: valueToProto(type.key, key),
        value: valueToProto(type.value, item),
      }));
      return { mapValue: { entries } };
    }
    case 'row': {
      const row = value as Record<string, unknown>;
      return { rowValue: { values: type.schema.fields.map((field) => valueToProto(field.type, row[field.name])) } };
    }
    case 'logical':
      return { logicalTypeValue: { value: valueToProto(type.representation, value) } };
  }
}

const atomicValues: Readonly<Record<AtomicType, fc.Arbitrary<unknown>>> = {
  byte: fc.integer({ min: -128, max: 127 }),
  int16: fc.integer({ min: -32768, max: 32767 }),
  int32: fc.integer(),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  float: fc.float(),
  double: fc.double(),
  string: fc.string({ unit: 'grapheme' }),
  boolean: fc.boolean(),
  bytes: fc.uint8Array(),
};

const { type: types } = fc.letrec<{ type: FieldType; schema: Schema }>((tie) => ({
  type: fc.oneof(
    { depthSize: 'small' },
    fc.record({ kind: fc.constant('atomic' as const), atomic: fc.constantFrom(...ATOMICS), nullable: fc.boolean() }),
    fc.record({ kind: fc.constantFrom('array' as const, 'iterable' as const), element: tie('type') }),
    fc.record({ kind: fc.constant('map' as const), key: tie('type'), value: tie('type'), nullable: fc.boolean() }),
    fc.record({ kind: fc.constant('row' as const), schema: tie('schema') }),
    fc.record(
      {
        kind: fc.constant('logical' as const),
        urn: fc.string(),
        representation: tie('type'),
        payload: fc.uint8Array({ minLength: 1 }),
        nullable: fc.boolean(),
      },
      { requiredKeys: ['kind', 'urn', 'representation'] },
    ),
  ),
  schema: fc
    .uniqueArray(fc.record({ name: fc.string({ unit: 'grapheme' }), type: tie('type') }), {
      selector: ({ name }) => name,
      maxLength: 4,
    })
    .map((fields) => ({ fields })),
}));

/** A value of a type, in the form that the row coder gives it. */
function valuesOf(type: FieldType): fc.Arbitrary<unknown> {
  const present = (): fc.Arbitrary<unknown> => {
    switch (type.kind) {
      case 'atomic':
        return atomicValues[type.atomic];
      case 'array':
      case 'iterable':
        return fc.array(valuesOf(type.element), { maxLength: 3 });
      case 'map':
        return fc
          .array(fc.tuple(valuesOf(type.key), valuesOf(type.value)), { maxLength: 3 })
          .map((all) => new Map(all));
      case 'row':
        return fc
          .tuple(...type.schema.fields.map((field) => valuesOf(field.type)))
          .map((values) => Object.fromEntries(type.schema.fields.map(({ name }, i) => [name, values[i]])));
      case 'logical':
        return valuesOf(type.representation);
    }
  };
  return type.nullable === true ? fc.option(present()) : present();
}

const schemas: fc.Arbitrary<Schema> = fc
  .tuple(
    types,
    types.chain((type) => valuesOf(type).map((value) => ({ type, value }))),
    fc.string(),
    fc.boolean(),
  )
  .map(([type, argument, description, positioned]) => ({
    fields: [
      { name: 'first', type, description, ...(positioned && { encodingPosition: 1 }) },
      {
        name: 'second',
        type: { kind: 'logical', urn: 'urn', representation: type, argument },
        ...(positioned && { encodingPosition: 0 }),
      },
    ],
  }));

test('the bytes are those of the Schema message', () => {
  fc.assert(
    fc.property(schemas, (schema) => {
      const bytes = encodeSchema(schema);
      assert.deepEqual(
        Buffer.from(bytes).toString('hex'),
        Buffer.from(SchemaProto.encode(schemaToProto(schema))).toString('hex'),
      );
      assert.deepEqual(decodeSchema(bytes).fields.length, 2);
    }),
    { numRuns: 300 },
  );
});

test('an argument that is not of its type is refused', () => {
  for (const [type, value] of [
    ['int32', 1.5],
    ['int64', '1'],
    ['double', 1n],
    ['string', 1],
    ['boolean', 1],
    ['bytes', 'abc'],
  ] as const) {
    const argument = { type: { kind: 'atomic', atomic: type } as const, value };
    const logical = { kind: 'logical', urn: 'urn', representation: argument.type, argument } as const;
    assert.throws(() => encodeSchema({ fields: [{ name: 'a', type: logical }] }), { code: 'SCHEMA_INVALID' });
  }
});
