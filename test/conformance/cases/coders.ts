import {
  type Coder,
  coders,
  Decimal,
  type Key,
  type KV,
  MAX_TIMESTAMP,
  MIN_TIMESTAMP,
  reshuffle,
  timestamp,
} from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { type TopicCase, topic } from '../conformance-case.ts';

/** Some values of a coder, its extremes among them. */
interface Sample<T> {
  readonly name: string;
  readonly urn: string;
  readonly coder: Coder<T>;
  readonly values: readonly T[];
}

function sample<T>(name: string, urn: string, coder: Coder<T>, values: readonly NoInfer<T>[]): Sample<unknown> {
  return { name, urn, coder: coder as Coder<unknown>, values };
}

const LONG = 'x'.repeat(100_000);
const BYTES = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256);

const person = coders.row({
  name: coders.string,
  age: coders.nullable(coders.int32),
  tags: coders.array(coders.string),
});

/** Coders whose values may be keys. */
const DETERMINISTIC: readonly Sample<unknown>[] = [
  sample('string', 'beam:coder:string_utf8:v1', coders.string, [
    '',
    'a',
    'é',
    '日本語',
    '😀',
    '\u0000',
    '\uffff',
    'a\nb',
    LONG,
  ]),
  sample('bytes', 'beam:coder:bytes:v1', coders.bytes, [
    new Uint8Array(0),
    Uint8Array.of(0),
    Uint8Array.of(255, 0, 127),
    BYTES,
  ]),
  sample('boolean', 'beam:coder:bool:v1', coders.boolean, [true, false]),
  sample('int64', 'beam:coder:varint:v1', coders.int64, [0n, 1n, -1n, 127n, 128n, 2n ** 63n - 1n, -(2n ** 63n)]),
  sample('safe-int', 'beam:coder:varint:v1', coders.safeInt, [
    0,
    1,
    -1,
    2 ** 31,
    -(2 ** 31) - 1,
    2 ** 53 - 1,
    1 - 2 ** 53,
  ]),
  sample('timestamp', 'beam:coder:timestamp', coders.timestamp, [
    timestamp(0),
    timestamp(-1),
    timestamp('2024-02-29T12:00:00.001Z'),
    MIN_TIMESTAMP,
    MAX_TIMESTAMP,
  ]),
  sample('kv', 'beam:coder:kv:v1', coders.kv(coders.string, coders.int64), [
    ['', 0n],
    ['a', -5n],
    ['a', 5n],
  ]),
  sample('length-prefix', 'beam:coder:length_prefix:v1', coders.lengthPrefix(coders.string), ['', 'abc', LONG]),
  sample('array', 'beam:coder:iterable:v1', coders.array(coders.string), [[], [''], ['a', 'b'], Array(300).fill('c')]),
  sample('nullable', 'beam:coder:nullable:v1', coders.nullable(coders.string), [null, '', 'a']),
  sample('key', 'millrace:coder:key:v1', coders.key, [
    'a',
    1,
    1n,
    1.5,
    true,
    null,
    Uint8Array.of(1),
    ['a', 1],
    ['a', ['b', null]],
    [],
    Number.NaN,
    -1e300,
  ] satisfies Key[]),
];

/** Coders that keys cannot have. */
const OTHERS: readonly Sample<unknown>[] = [
  sample('double', 'beam:coder:double:v1', coders.double, [
    0,
    1.5,
    -0.1,
    Number.MAX_VALUE,
    Number.MIN_VALUE,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
  ]),
  sample('float', 'FLOAT of a row', coders.float, [0, 1.5, -0.25, 16_777_216, Number.NaN]),
  sample('int32', 'INT32 of a row', coders.int32, [0, 2 ** 31 - 1, -(2 ** 31)]),
  sample('int16', 'INT16 of a row', coders.int16, [0, 32_767, -32_768]),
  sample('byte', 'BYTE of a row', coders.byte, [0, 127, -128]),
  sample('decimal', 'beam:logical_type:decimal:v1', coders.decimal, [
    Decimal.parse('0'),
    Decimal.parse('-12.340'),
    Decimal.parse('123456789012345678901234567890.5'),
  ]),
  sample('iterable', 'beam:coder:iterable:v1', coders.iterable(coders.int64), [[], [1n], [1n, 2n, 3n]]),
  sample('map', 'MapType of a row', coders.map(coders.string, coders.int64), [
    new Map(),
    new Map([
      ['a', 1n],
      ['', -1n],
    ]),
  ]),
  sample('row', 'beam:coder:row:v1', person, [
    { name: 'Ada', age: 36, tags: ['x', 'y'] },
    { name: '', age: null, tags: [] },
  ]),
  sample(
    'nested-row',
    'beam:coder:row:v1',
    coders.row({
      id: coders.int64,
      owner: coders.nullable(person),
      others: coders.array(person),
      by: coders.map(coders.string, person),
    }),
    [
      { id: 1n, owner: null, others: [], by: new Map() },
      {
        id: 2n,
        owner: { name: 'B', age: 1, tags: [] },
        others: [{ name: 'C', age: null, tags: ['t'] }],
        by: new Map([['d', { name: 'D', age: 4, tags: [] }]]),
      },
    ],
  ),
  sample(
    'row-with-an-optional-field',
    'beam:coder:row:v1',
    coders.row({ a: coders.string, b: coders.optional(coders.int32) }),
    [
      { a: 'x', b: 1 },
      { a: 'y', b: undefined },
    ],
  ),
  sample('default', 'millrace:coder:value:v1', coders.default(), [
    null,
    undefined,
    0,
    -1.5,
    2n ** 100n,
    'text',
    true,
    new Date(0),
    [1, [2, 'x']],
    { a: 1, b: { c: [null] } },
    new Map<unknown, unknown>([[1, { a: 'b' }]]),
    new Set(['a', 1]),
    Uint8Array.of(1, 2),
    Float64Array.of(1.5, -2),
    {},
    [],
  ]),
  sample('self-contained', 'millrace:coder:self_contained_value:v1', coders.selfContained(), [
    null,
    { a: 1, b: ['x'] },
    new Map([['k', { v: 1n }]]),
  ]),
];

/** The values of `coder` across a stage border by themselves, as values of a group, inside of collections. */
function borders({ name, urn, coder, values }: Sample<unknown>): TopicCase[] {
  return [
    {
      name: `${name}/between-stages`,
      rule: 'Elements are encoded and decoded between two stages',
      source: urn,
      pipeline(p) {
        assertThat(p.create(values as readonly {}[], coder as Coder<{}>).apply(reshuffle())).containsInAnyOrder(
          values as {}[],
        );
      },
    },
    {
      name: `${name}/as-grouped-value`,
      rule: 'Values of a group are encoded nested',
      source: urn,
      pipeline(p) {
        const keyed = p.create(
          values.map((value): KV<string, unknown> => ['k', value]),
          coders.kv(coders.string, coder),
        );
        const again = keyed
          .groupByKey()
          .flatMap('values', ([, group]) => group as Iterable<{}>)
          .withCoder(coder as Coder<{}>);
        assertThat(again).containsInAnyOrder(values as {}[]);
      },
    },
    {
      name: `${name}/inside-of-others`,
      rule: 'A coder may be a component of others: what follows a value is not part of it',
      source: urn,
      pipeline(p) {
        const nested = coders.kv(coders.kv(coder, coders.array(coder)), coders.string);
        const elements = values.map(
          (value): KV<KV<unknown, readonly unknown[]>, string> => [[value, [value, value]], 'end'],
        );
        assertThat(p.create(elements, nested).apply(reshuffle())).containsInAnyOrder(elements);
      },
    },
  ];
}

/** The values of `coder` as keys. */
function keys({ name, urn, coder, values }: Sample<unknown>): TopicCase {
  return {
    name: `${name}/as-key`,
    rule: 'Elements meet when the encodings of their keys are equal, and stay apart when they differ',
    source: urn,
    pipeline(p) {
      const keyed = p.create(
        [...values, ...values].map((value, i): KV<Key, number> => [value as Key, i]),
        coders.kv(coder as Coder<Key>, coders.safeInt),
      );
      const groups = keyed
        .groupByKey()
        .map('indices', ([key, group]): KV<Key, number[]> => [key, [...group].sort((a, b) => a - b)]);
      assertThat(groups).containsInAnyOrder(
        values.map((value, i) => [value as Key, [i, i + values.length]] as KV<Key, number[]>),
      );
    },
  };
}

export const coderCases = topic('coders/standard', 'standard_coders.yaml; StandardCoders', [
  ...DETERMINISTIC.flatMap((each) => [...borders(each), keys(each)]),
  ...OTHERS.flatMap(borders),
]);
