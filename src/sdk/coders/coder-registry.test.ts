import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Coder, decodeFromBytes, encodeToBytes } from './coder.ts';
import { type CoderSpec, coderFromSpec, coderToSpec, registerCoder } from './coder-registry.ts';
import { coders } from './index.ts';

const KV: CoderSpec = { urn: 'beam:coder:kv:v1', componentIds: ['key', 'other'] };
const OTHER: CoderSpec = { urn: 'com.example:coder:v1', payload: Uint8Array.of(1), componentIds: ['key'] };
const KEY: CoderSpec = { urn: 'beam:coder:string_utf8:v1', componentIds: [] };

function specs(entries: Readonly<Record<string, CoderSpec>>): ReadonlyMap<string, CoderSpec> {
  return new Map(Object.entries(entries));
}

test('coders from the specs of a graph', () => {
  const coder = coderFromSpec(
    'kv',
    specs({ kv: KV, key: KEY, other: { urn: 'beam:coder:varint:v1', componentIds: [] } }),
  );
  assert.deepEqual(decodeFromBytes(coder, encodeToBytes(coder, ['a', 5n])), ['a', 5n]);
});

test('errors name what is wrong', () => {
  const wrong = (entries: Readonly<Record<string, CoderSpec>>, code: string) =>
    assert.throws(() => coderFromSpec('kv', specs(entries)), { code });
  wrong({}, 'CODER_MISSING');
  wrong({ kv: KV, key: KEY }, 'CODER_MISSING');
  wrong({ kv: KV, key: KEY, other: OTHER }, 'CODER_UNKNOWN');
  wrong({ kv: { ...KV, componentIds: ['key'] }, key: KEY }, 'CODER_INVALID');
  wrong({ kv: { ...KV, componentIds: ['kv', 'kv'] } }, 'CODER_INVALID');
  wrong({ kv: { urn: 'beam:coder:row:v1', payload: Uint8Array.of(0xff), componentIds: [] } }, 'PROTO_TRUNCATED');
});

test('an unknown coder may be opaque: its bytes pass through, its spec too', () => {
  const all = specs({ kv: KV, key: KEY, other: OTHER });
  const coder = coderFromSpec('kv', all, { unknown: 'opaque' });
  const bytes = Uint8Array.of(1, 97, 7, 8, 9);
  assert.deepEqual(decodeFromBytes(coder, bytes), ['a', Uint8Array.of(7, 8, 9)]);
  assert.deepEqual(encodeToBytes(coder, decodeFromBytes(coder, bytes)), bytes);
  const [key, other] = coder.components;
  assert.deepEqual(
    coderToSpec(coder, (component) => (component === key ? 'key' : 'other')),
    KV,
  );
  assert.deepEqual(
    coderToSpec(other, () => assert.fail()),
    OTHER,
  );
  assert.match(coder.nonDeterministic ?? '', /com\.example:coder:v1 is not known/);
});

test('a registered coder', () => {
  const upper: Coder<unknown> = { ...coders.string, urn: 'test:coder:upper:v1' } as Coder<unknown>;
  registerCoder(upper.urn, 0, () => upper);
  assert.equal(coderFromSpec('x', specs({ x: coderToSpec(upper, () => assert.fail()) })), upper);
  assert.throws(() => registerCoder(upper.urn, 0, () => upper), { code: 'CODER_CONFLICT' });
});

test('which coders may encode keys', () => {
  const deterministic = [
    coders.key,
    coders.string,
    coders.kv(coders.string, coders.int64),
    coders.array(coders.bytes),
    coders.row({ a: coders.string, b: coders.nullable(coders.timestamp) }),
    coders.lengthPrefix(coders.boolean),
  ];
  for (const coder of deterministic) assert.equal(coder.nonDeterministic, undefined, coder.urn);
  const others = [
    coders.default(),
    coders.double,
    coders.kv(coders.string, coders.double),
    coders.array(coders.float),
    coders.row({ a: coders.row({ b: coders.double }) }),
    coders.row({ a: coders.any }),
    coders.map(coders.string, coders.string),
    coders.nullable(coders.double),
  ];
  for (const coder of others) assert.equal(typeof coder.nonDeterministic, 'string', coder.urn);
});
