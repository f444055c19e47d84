/** Every message type against protobufjs, in both directions, and against garbage. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type protobuf from 'protobufjs';
import { loadProtos } from '../../../scripts/proto-files.ts';
import { publishedModelFacts } from '../../../test/support/model-facts.ts';
import { CoderError } from '../../sdk/errors.ts';
import * as example from '../example.ts';
import * as fnExecution from '../fn-execution.ts';
import * as jobManagement from '../job-management.ts';
import * as pipeline from '../pipeline.ts';
import * as wellKnown from '../well-known.ts';
import type { Field, FieldKind } from './field.ts';
import { MessageType } from './message-type.ts';

type Message = Record<string, unknown>;

const TYPES = [wellKnown, pipeline, fnExecution, jobManagement, example]
  .flatMap((module) => Object.values(module) as unknown[])
  .filter((value): value is MessageType<Message> => value instanceof MessageType);

const reference = loadProtos();

const SCALARS: Readonly<Record<Exclude<FieldKind, 'message'>, () => fc.Arbitrary<unknown>>> = {
  bool: () => fc.boolean(),
  bytes: () => fc.uint8Array({ maxLength: 200 }),
  double: () => fc.double(),
  float: () => fc.float(),
  string: () => fc.string({ unit: 'grapheme', maxLength: 150 }),
  enum: () => fc.integer({ min: -2, max: 20 }),
  int32: () => fc.integer(),
  sint32: () => fc.integer(),
  sfixed32: () => fc.integer(),
  uint32: () => fc.nat(0xffffffff),
  fixed32: () => fc.nat(0xffffffff),
  int64: () => fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  sint64: () => fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  sfixed64: () => fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  uint64: () => fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fixed64: () => fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
};

/** Messages of a type with at most one member of each oneof set, and little below `depth`. */
function messageOf(type: MessageType<object>, depth: number): fc.Arbitrary<Message> {
  const { fields } = type.layout;
  const properties = Object.fromEntries(fields.map((field) => [field.property, fieldValue(field, depth)]));
  return fc.tuple(fc.record(properties, { requiredKeys: [] }), fc.nat()).map(([message, pick]) => {
    for (const oneof of new Set(fields.flatMap((field) => field.oneof ?? []))) {
      const set = fields.filter((field) => field.oneof === oneof && message[field.property] !== undefined);
      for (const [i, field] of set.entries()) if (i !== pick % set.length) delete message[field.property];
    }
    return message;
  });
}

function fieldValue(field: Field, depth: number): fc.Arbitrary<unknown> {
  const { message } = field;
  if (message !== undefined && depth === 0) return fc.constant(undefined);
  const one =
    message !== undefined ? messageOf(message, depth - 1) : SCALARS[field.kind as Exclude<FieldKind, 'message'>]();
  if (field.cardinality === 'repeated') return fc.array(one, { maxLength: 3 });
  if (field.cardinality === 'map') return fc.dictionary(fc.string({ maxLength: 5 }), one, { maxKeys: 3 });
  return one;
}

/** The message in the form of protobufjs: names as in the proto file, without what is not on the wire. */
function referenceForm(type: MessageType<object>, message: Message): Message {
  const form: Message = {};
  for (const field of type.layout.fields) {
    const value = message[field.property];
    if (value === undefined) continue;
    const one = (each: unknown): unknown => {
      if (field.message !== undefined) return referenceForm(field.message, each as Message);
      return each instanceof Uint8Array
        ? Buffer.from(each)
        : field.kind === 'float'
          ? Math.fround(each as number)
          : each;
    };
    if (field.cardinality === 'repeated') {
      if ((value as unknown[]).length > 0) form[field.name] = (value as unknown[]).map(one);
    } else if (field.cardinality === 'map') {
      const entries = Object.entries(value as Message);
      if (entries.length > 0) form[field.name] = Object.fromEntries(entries.map(([key, each]) => [key, one(each)]));
    } else if (field.cardinality === 'optional' || !isDefault(value)) {
      form[field.name] = one(value);
    }
  }
  return form;
}

function isDefault(value: unknown): boolean {
  return value instanceof Uint8Array
    ? value.length === 0
    : [false, '', 0n].includes(value as never) || Object.is(value, 0);
}

function encode(type: MessageType<object>, message: object): Uint8Array {
  return type.encode(message as never);
}

function referenceType(type: MessageType<object>): protobuf.Type {
  return reference.lookupType(type.typeName);
}

describe('the codec against protobufjs', () => {
  test('every published message with fields is compared', () => {
    const compared = new Set(TYPES.map((type) => type.typeName));
    for (const [declaration, lines] of publishedModelFacts()) {
      const [, packageName, name] = /^(.*): message (.*)$/.exec(declaration) ?? [];
      if (name !== undefined && lines.length > 0) assert.ok(compared.has(`${packageName}.${name}`), declaration);
    }
  });

  for (const type of TYPES) {
    test(type.typeName, () => {
      const other = referenceType(type);
      fc.assert(
        fc.property(messageOf(type, 2), (message) => {
          const expected = referenceForm(type, message);
          const encoded = encode(type, message);
          const seen = other.toObject(other.decode(encoded), { longs: BigInt, arrays: false, objects: false });
          assert.deepEqual(plain(seen), plain(expected));
          assert.deepEqual(type.decode(other.encode(other.fromObject(expected)).finish()), type.decode(encoded));
          assert.deepEqual(encode(type, type.decode(encoded)), encoded, 'encoding is canonical');
        }),
        { seed: 4, numRuns: 15 },
      );
    });
  }
});

/** Without prototypes, and with oneof members that protobufjs fills in left alone. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

describe('hostile bytes', () => {
  const types = [
    pipeline.Pipeline,
    fnExecution.InstructionRequest,
    fnExecution.Elements,
    wellKnown.Struct,
    example.Example,
  ];

  /** Decodes or throws a CoderError; whatever decodes can be encoded again. */
  function checkDecode(type: MessageType<object>, bytes: Uint8Array): void {
    let message: object;
    try {
      message = type.decode(bytes);
    } catch (error) {
      if (error instanceof CoderError) return;
      throw error;
    }
    assert.deepEqual(type.decode(encode(type, message)), message);
  }

  for (const type of types as unknown as MessageType<Message>[]) {
    test(`${type.typeName}: cut short, garbled, invented`, () => {
      fc.assert(
        fc.property(
          messageOf(type, 4),
          fc.array(fc.tuple(fc.nat(), fc.nat(255))),
          fc.nat(),
          (message, changes, cut) => {
            const encoded = encode(type, message);
            checkDecode(type, encoded.subarray(0, cut % (encoded.length + 1)));
            for (const [at, byte] of changes) encoded[at % Math.max(encoded.length, 1)] = byte;
            checkDecode(type, encoded);
          },
        ),
        { seed: 4, numRuns: 300 },
      );
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => checkDecode(type, bytes)),
        { seed: 4, numRuns: 1000 },
      );
    });
  }
});
