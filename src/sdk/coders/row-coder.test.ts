import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Decimal } from '../schema/decimal.ts';
import type { FieldType, Schema } from '../schema/schema.ts';
import { encodeSchema } from '../schema/schema-payload.ts';
import { decodeSchema } from '../schema/schema-proto.ts';
import { timestamp } from '../windows/timestamp.ts';
import { decodeFromBytes, encodeToBytes } from './coder.ts';
import { coders } from './index.ts';
import { rowCoderOf } from './row.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const atomic = (type: 'int32' | 'string' | 'bytes', nullable = false): FieldType => ({
  kind: 'atomic',
  atomic: type,
  ...(nullable && { nullable }),
});

test('a row: count, null bits, fields', () => {
  const coder = coders.row({
    a: coders.string,
    b: coders.nullable(coders.safeInt),
    c: coders.optional(coders.boolean),
  });
  assert.equal(hex(encodeToBytes(coder, { a: 'x', b: 1, c: true })), '030001780101');
  assert.equal(hex(encodeToBytes(coder, { a: 'x', b: null, c: true })), '03010201' + '7801');
  assert.equal(hex(encodeToBytes(coder, { a: 'x', b: null })), '030106' + '0178');
  assert.deepEqual(decodeFromBytes(coder, Buffer.from('0301060178', 'hex')), { a: 'x', b: null, c: undefined });
  assert.deepEqual(Object.keys(decodeFromBytes(coder, Buffer.from('0301060178', 'hex'))), ['a', 'b', 'c']);
});

test('the payload is the schema, and the schema alone gives an equal coder', () => {
  const coder = coders.row({
    id: coders.int64,
    name: coders.nullable(coders.string),
    tags: coders.array(coders.nullable(coders.string)),
    rates: coders.map(coders.string, coders.double),
    at: coders.timestamp,
    inner: coders.row({ x: coders.float, blob: coders.optional(coders.bytes) }),
    any: coders.any,
  });
  const value = {
    id: 5n,
    name: null,
    tags: ['a', null],
    rates: new Map([['EUR', 1.5]]),
    at: timestamp('2024-05-01T12:00:00Z'),
    inner: { x: 0.5, blob: Uint8Array.of(1) },
    any: { list: [1, new Date(5)] },
  };
  const generic = rowCoderOf(decodeSchema(coder.payload));
  assert.deepEqual(generic.schema, decodeSchema(encodeSchema(coder.schema)));
  assert.equal(hex(generic.payload), hex(coder.payload));
  const bytes = encodeToBytes(coder, value);
  assert.deepEqual(decodeFromBytes(generic, bytes), value);
  assert.equal(hex(encodeToBytes(generic, value)), hex(bytes));
  assert.match(coder.schema.id ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('equal fields have the same schema id, others another', () => {
  const id = (coder: { schema: Schema }) => coder.schema.id;
  assert.equal(id(coders.row({ a: coders.string })), id(coders.row({ a: coders.string })));
  assert.notEqual(id(coders.row({ a: coders.string })), id(coders.row({ a: coders.nullable(coders.string) })));
  assert.notEqual(
    id(coders.row({ a: coders.string, b: coders.string })),
    id(coders.row({ b: coders.string, a: coders.string })),
  );
});

test('what is wrong with a row is said with the field', () => {
  const coder = coders.row({ id: coders.safeInt, inner: coders.row({ name: coders.string }) });
  const wrong = (value: unknown, code: string, message: RegExp) =>
    assert.throws(() => encodeToBytes(coder, value as never), { code, message });
  wrong(
    { id: 1, inner: { name: 5 } },
    'CODER_WRONG_TYPE',
    /In the field "inner": In the field "name": Expected a string, got 5/,
  );
  wrong({ id: 1 }, 'CODER_MISSING_FIELD', /no value for the field "inner"/);
  wrong({ id: 1.5, inner: { name: '' } }, 'CODER_WRONG_TYPE', /In the field "id"/);
  wrong(null, 'CODER_WRONG_TYPE', /Expected a row object/);
});

test('rows of an older schema have nulls for new fields; of a newer one the new fields are passed over', () => {
  const old = rowCoderOf({ fields: [{ name: 'a', type: atomic('string') }] });
  const grown = rowCoderOf({ fields: [...old.schema.fields, { name: 'b', type: atomic('int32', true) }] });
  const strict = rowCoderOf({ fields: [...old.schema.fields, { name: 'b', type: atomic('int32') }] });
  assert.deepEqual(decodeFromBytes(grown, encodeToBytes(old, { a: 'x' })), { a: 'x', b: null });
  assert.throws(() => decodeFromBytes(strict, encodeToBytes(old, { a: 'x' })), { code: 'CODER_MALFORMED' });
  const newer = encodeToBytes(grown, { a: 'x', b: 7 });
  assert.deepEqual(decodeFromBytes(old, newer), { a: 'x' });
  assert.throws(() => decodeFromBytes(old, newer, true), { code: 'CODER_MALFORMED' });
});

test('with encoding positions, values and null bits are in the order of the positions', () => {
  const coder = rowCoderOf({
    fields: [
      { name: 'a', type: atomic('string', true), encodingPosition: 2 },
      { name: 'b', type: atomic('int32', true), encodingPosition: 0 },
      { name: 'c', type: atomic('string', true), encodingPosition: 1 },
    ],
  });
  assert.equal(hex(encodeToBytes(coder, { a: 'x', b: 1, c: 'y' })), '030001' + '0179' + '0178');
  assert.equal(hex(encodeToBytes(coder, { a: 'x', b: null, c: 'y' })), '030101' + '0179' + '0178');
  for (const value of [
    { a: null, b: 1, c: null },
    { a: 'x', b: null, c: 'y' },
    { a: 'x', b: 2, c: 'y' },
  ]) {
    assert.deepEqual(decodeFromBytes(coder, encodeToBytes(coder, value)), value);
  }
});

test('many fields, nullable ones across the bytes of the bitmap', () => {
  for (const size of [0, 1, 7, 8, 9, 31, 32, 33, 64, 1100]) {
    const fields = Array.from({ length: size }, (_, i) => ({ name: `f${i}`, type: atomic('int32', true) }));
    const coder = rowCoderOf({ fields });
    for (const step of [1, 2, 7, 5000]) {
      const value = Object.fromEntries(fields.map(({ name }, i) => [name, i % step === step - 1 ? null : i]));
      assert.deepEqual(decodeFromBytes(coder, encodeToBytes(coder, value, true), true), value);
    }
  }
});

test('field names are data, never code', () => {
  const names = [
    '__proto__',
    'constructor',
    '"], x: (globalThis.hacked = 1), ["',
    '`+(globalThis.hacked = 1)+`',
    '\u2028',
    '',
  ];
  const coder = rowCoderOf({ fields: names.map((name) => ({ name, type: atomic('string', true) })) });
  for (const value of [
    Object.fromEntries(names.map((name) => [name, `v${name}`])),
    Object.fromEntries(names.map((name) => [name, null])),
  ]) {
    const decoded = decodeFromBytes(coder, encodeToBytes(coder, value));
    assert.deepEqual(Object.entries(decoded), Object.entries(value));
    assert.equal(Object.getPrototypeOf(decoded), Object.prototype);
  }
  assert.equal('hacked' in globalThis, false);
});

test('schemas that contradict themselves are refused', () => {
  const invalid = (schema: Schema) => assert.throws(() => rowCoderOf(schema), { code: 'SCHEMA_INVALID' });
  const type = atomic('string');
  invalid({
    fields: [
      { name: 'a', type },
      { name: 'a', type },
    ],
  });
  invalid({ fields: [{ name: 'a', type, encodingPosition: 1 }] });
  invalid({
    fields: [
      { name: 'a', type, encodingPosition: 0 },
      { name: 'b', type, encodingPosition: 0 },
    ],
  });
  invalid({
    fields: [
      { name: 'a', type, encodingPosition: 0 },
      { name: 'b', type },
    ],
  });
  let deep: FieldType = type;
  for (let i = 0; i < 100; i++) deep = { kind: 'array', element: deep };
  invalid({ fields: [{ name: 'a', type: deep }] });
  let nested: Schema = { fields: [] };
  for (let i = 0; i < 100; i++) nested = { fields: [{ name: 'a', type: { kind: 'row', schema: nested } }] };
  invalid(nested);
});

const argument = (value: number) => ({ type: atomic('int32'), value });
const logical = (name: string, representation: FieldType, length?: number): FieldType => ({
  kind: 'logical',
  urn: `beam:logical_type:${name}:v1`,
  representation,
  ...(length !== undefined && { argument: argument(length) }),
});

test('logical types with a length pad and refuse', () => {
  const coder = rowCoderOf({
    fields: [
      { name: 'fixed', type: logical('fixed_char', atomic('string'), 3) },
      { name: 'bytes', type: logical('fixed_bytes', atomic('bytes'), 2) },
      { name: 'var', type: logical('var_char', atomic('string'), 3) },
    ],
  });
  const bytes = encodeToBytes(coder, { fixed: 'a', bytes: Uint8Array.of(7), var: 'b' });
  assert.deepEqual(decodeFromBytes(coder, bytes), { fixed: 'a  ', bytes: Uint8Array.of(7, 0), var: 'b' });
  for (const change of [{ fixed: 'abcd' }, { bytes: new Uint8Array(3) }, { var: 'abcd' }]) {
    const value = { fixed: 'a', bytes: Uint8Array.of(7), var: 'b', ...change };
    assert.throws(() => encodeToBytes(coder, value), { code: 'CODER_TOO_LARGE' });
  }
  assert.throws(() => decodeFromBytes(coder, Buffer.from('0300046162636402070001', 'hex')), {
    code: 'CODER_TOO_LARGE',
  });
  assert.throws(() => rowCoderOf({ fields: [{ name: 'x', type: logical('var_char', atomic('string')) }] }), {
    code: 'SCHEMA_INVALID',
  });
});

test('a logical type that is not known has the values of its representation, and its schema survives', () => {
  const type: FieldType = {
    kind: 'logical',
    urn: 'com.example:point:v1',
    payload: Uint8Array.of(1, 2),
    representation: { kind: 'array', element: atomic('int32') },
    argument: {
      type: { kind: 'row', schema: { id: 'y', fields: [{ name: 'n', type: atomic('string', true) }] } },
      value: { n: null },
    },
  };
  const coder = rowCoderOf({ id: 'x', fields: [{ name: 'p', type, description: 'a point' }] });
  assert.deepEqual(decodeSchema(coder.payload), coder.schema);
  assert.deepEqual(decodeFromBytes(coder, encodeToBytes(coder, { p: [1, -2] })), { p: [1, -2] });
});

test('decimals are exact', () => {
  for (const text of ['0', '0.0', '1', '-1', '127', '128', '-128', '-129', '3.1415', '1e30', '-1.5e-20']) {
    const decimal = Decimal.parse(text);
    const coder = rowCoderOf({ fields: [{ name: 'd', type: logical('decimal', atomic('bytes')) }] });
    const decoded = decodeFromBytes(coder, encodeToBytes(coder, { d: decimal }));
    assert.deepEqual(decoded, { d: decimal });
    assert.equal(decimal.toNumber(), Number(text));
  }
});
