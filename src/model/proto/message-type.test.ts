import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CoderError } from '../../sdk/errors.ts';
import type { Init, MessageType } from './message-type.ts';
import { protoPackage } from './proto-package.ts';
import { UNKNOWN_FIELDS } from './unknown-fields.ts';

// The encodings below are from protobuf's own description of its wire format, or follow from it by hand.

const proto = protoPackage('millrace.test');

const Color = proto.enumeration('Color', { UNSPECIFIED: 0, RED: 1, BLUE: -1 });

interface Numbers {
  int32: number;
  int64: bigint;
  uint32: number;
  uint64: bigint;
  sint32: number;
  sint64: bigint;
  fixed32: number;
  fixed64: bigint;
  sfixed32: number;
  sfixed64: bigint;
  float: number;
  double: number;
  bool: boolean;
  color: number;
}

const Numbers = proto.message<Numbers>(
  'Numbers',
  `1 int32 int32
  2 int64 int64
  3 uint32 uint32
  4 uint64 uint64
  5 sint32 sint32
  6 sint64 sint64
  7 fixed32 fixed32
  8 fixed64 fixed64
  9 sfixed32 sfixed32
  10 sfixed64 sfixed64
  11 float float
  12 double double
  13 bool bool
  14 color enum:Color`,
);

interface Node {
  name: string;
  data: Uint8Array;
  packed: number[];
  tags: string[];
  children: Node[];
  byName: Record<string, Node>;
  counts: Record<string, bigint>;
  parent?: Node;
  rank?: number;
  text?: string;
  nested?: Node;
}

const Node = proto.message<Node>(
  'Node',
  `1 name string
  2 data bytes
  3 packed repeated int32
  4 tags repeated string
  5 children repeated Node
  6 by_name map<string,Node>
  7 counts map<string,int64>
  8 parent Node
  9 rank optional int32
  10 text string oneof:kind
  1000 nested .millrace.test.Node oneof:kind`,
);

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}

/** Checks the encoding, and that decoding it gives the complete message back. */
function checkEncoding<T extends object>(type: MessageType<T>, message: Init<T>, encoding: string): void {
  assert.equal(hex(type.encode(message)), encoding.replaceAll(' ', ''));
  assert.deepEqual(type.decode(bytes(encoding)), type.create(message));
}

function checkCode(code: string, body: () => unknown): void {
  assert.throws(body, (error) => error instanceof CoderError && error.code === code);
}

test('numbers have the published encodings', () => {
  checkEncoding(Numbers, { int32: 150 }, '08 9601');
  checkEncoding(Numbers, { int32: -2 }, '08 feffffffffffffffff01');
  checkEncoding(Numbers, { int32: -0x80000000 }, '08 80808080f8ffffffff01');
  checkEncoding(Numbers, { int64: -1n }, '10 ffffffffffffffffff01');
  checkEncoding(Numbers, { int64: -(2n ** 63n) }, '10 80808080808080808001');
  checkEncoding(Numbers, { int64: 2n ** 63n - 1n }, '10 ffffffffffffffff7f');
  checkEncoding(Numbers, { int64: 2n ** 31n }, '10 8080808008');
  checkEncoding(Numbers, { uint32: 0xffffffff }, '18 ffffffff0f');
  checkEncoding(Numbers, { uint64: 2n ** 64n - 1n }, '20 ffffffffffffffffff01');
  checkEncoding(Numbers, { sint32: -1 }, '28 01');
  checkEncoding(Numbers, { sint32: 1 }, '28 02');
  checkEncoding(Numbers, { sint32: 0x7fffffff }, '28 feffffff0f');
  checkEncoding(Numbers, { sint32: -0x80000000 }, '28 ffffffff0f');
  checkEncoding(Numbers, { sint64: -(2n ** 63n) }, '30 ffffffffffffffffff01');
  checkEncoding(Numbers, { fixed32: 0xdeadbeef }, '3d efbeadde');
  checkEncoding(Numbers, { fixed64: 0xdeadbeefn }, '41 efbeadde00000000');
  checkEncoding(Numbers, { sfixed32: -2 }, '4d feffffff');
  checkEncoding(Numbers, { sfixed64: -2n }, '51 feffffffffffffff');
  checkEncoding(Numbers, { float: 1.5 }, '5d 0000c03f');
  checkEncoding(Numbers, { double: 1.5 }, '61 000000000000f83f');
  checkEncoding(Numbers, { double: Number.NaN }, '61 000000000000f87f');
  checkEncoding(Numbers, { bool: true }, '68 01');
  checkEncoding(Numbers, { color: Color.BLUE }, '70 ffffffffffffffffff01');
});

test('what is the default is not written, and -0 is not the default', () => {
  checkEncoding(Numbers, { int32: 0, int64: 0n, float: 0, double: 0, bool: false, color: Color.UNSPECIFIED }, '');
  checkEncoding(Numbers, { int64: 0, uint64: undefined }, '');
  checkEncoding(Node, { name: '', data: new Uint8Array(0), packed: [], tags: [], byName: {} }, '');
  checkEncoding(Numbers, { double: -0 }, '61 0000000000000080');
});

test('an int64 may be given as a safe integer', () => {
  assert.deepEqual(
    Numbers.create({ int64: -5, uint64: 2 ** 53 - 1 }),
    Numbers.create({ int64: -5n, uint64: 2n ** 53n - 1n }),
  );
});

test('strings, bytes, lists, maps and messages have the published encodings', () => {
  checkEncoding(Node, { name: 'testing' }, '0a 07 74657374696e67');
  checkEncoding(Node, { name: 'ü😀' }, '0a 06 c3bc f09f9880');
  checkEncoding(Node, { name: '\ufffd\ufeff\0' }, '0a 07 efbfbd efbbbf 00');
  checkEncoding(Node, { data: bytes('00ff') }, '12 02 00ff');
  checkEncoding(Node, { packed: [3, 270, 86942] }, '1a 06 03 8e02 9ea705');
  checkEncoding(Node, { tags: ['', 'b'] }, '22 00 22 01 62');
  checkEncoding(Node, { children: [{}, { name: 'a' }] }, '2a 00 2a 03 0a0161');
  checkEncoding(Node, { byName: { b: {}, a: { name: 'a' } } }, '32 08 0a0161 1203 0a0161 32 05 0a0162 1200');
  checkEncoding(Node, { counts: { a: 0n, b: 1n } }, '3a 05 0a0161 1000 3a 05 0a0162 1001');
  checkEncoding(Node, { parent: {} }, '42 00');
});

test('an optional field and a member of a oneof are written where they are set, be it to the default', () => {
  checkEncoding(Node, { rank: 0 }, '48 00');
  checkEncoding(Node, { text: '' }, '52 00');
  checkEncoding(Node, { nested: {} }, 'c23e 00');
});

test('the number of a field decides its place', () => {
  checkEncoding(Node, { nested: { rank: 1 }, name: 'a', packed: [1] }, '0a0161 1a0101 c23e 02 4801');
});

test('lengths of two bytes and more', () => {
  for (const length of [127, 128, 16383, 16384, 2097152]) {
    const message = { name: 'x'.repeat(length), children: [{ data: new Uint8Array(length) }] };
    assert.deepEqual(Node.decode(Node.encode(message)), Node.create(message));
  }
});

test('wherever the buffer has to grow', () => {
  const large = new Uint8Array(3 << 20);
  for (let length = 4000; length < 4100; length++) {
    Node.encode({ data: large });
    const message = { nested: { data: new Uint8Array(length), rank: 1, packed: [1] }, name: 'a', rank: 2 };
    const grown = Node.encode(message);
    // The second time there is room from the start.
    assert.deepEqual(grown, Node.encode(message), `${length}`);
  }
});

test('repeated numbers are read packed or not, and in several pieces', () => {
  assert.deepEqual(Node.decode(bytes('18 01 1a02 0203 18 04')).packed, [1, 2, 3, 4]);
});

test('of a field that comes twice the last counts; messages are merged', () => {
  assert.equal(Node.decode(bytes('0a0161 0a0162')).name, 'b');
  assert.deepEqual(
    Node.decode(bytes('42 05 0a0161 4801 42 05 0a0162 1801')).parent,
    Node.create({ name: 'b', rank: 1, packed: [1] }),
  );
  assert.deepEqual(Object.entries(Node.decode(bytes('3a05 0a0161 1001 3a05 0a0161 1002')).counts), [['a', 2n]]);
});

test('of a oneof the last member counts', () => {
  assert.deepEqual(Node.decode(bytes('5201 61 c23e00')), Node.create({ nested: {} }));
  assert.deepEqual(Node.decode(bytes('c23e00 5201 61')), Node.create({ text: 'a' }));
  assert.deepEqual(Node.decode(bytes('c23e03 0a0161 c23e02 4801')), Node.create({ nested: { name: 'a', rank: 1 } }));
});

test('a map entry without key or value has the default', () => {
  assert.deepEqual(Object.entries(Node.decode(bytes('3a00')).counts), [['', 0n]]);
  assert.deepEqual(Object.entries(Node.decode(bytes('3204 0a026162')).byName), [['ab', Node.create()]]);
});

test('any string is a key', () => {
  const byName = Object.fromEntries(['__proto__', 'constructor', '10', '9', ''].map((key) => [key, { name: key }]));
  const decoded = Node.decode(Node.encode({ byName })).byName;
  assert.deepEqual(Object.keys(decoded).sort(), Object.keys(byName).sort());
  for (const key of Object.keys(byName)) assert.equal(decoded[key].name, key);
  assert.equal(Node.create().byName.toString, undefined);
});

test('fields that a type does not know survive, nested ones too', () => {
  const Older = proto.message<{ name: string; children: { name: string }[] }>(
    'Older',
    '1 name string\n5 children repeated Older',
  );
  const newer = Node.encode({ name: 'a', packed: [1, 2], children: [{ name: 'b', rank: 7 }], nested: {} });
  const older = Older.decode(newer);
  assert.equal(older.children[0].name, 'b');
  assert.deepEqual(Node.decode(Older.encode(older)), Node.decode(newer));
  assert.deepEqual(Node.decode(Older.encode({ ...older, name: 'z' })), { ...Node.decode(newer), name: 'z' });
});

test('a field with another wire type than its own counts as unknown', () => {
  const decoded = Node.decode(bytes('0801 0a0161'));
  assert.equal(decoded.name, 'a');
  assert.equal(hex((decoded as unknown as Record<symbol, Uint8Array>)[UNKNOWN_FIELDS]), '0801');
});

test('a number too long for its field loses its high bits, as in every implementation', () => {
  assert.equal(Numbers.decode(bytes('08 ffffffff1f')).int32, -1);
  assert.equal(Numbers.decode(bytes('18 ffffffff1f')).uint32, 0xffffffff);
  assert.equal(Numbers.decode(bytes('68 80808080808080808001')).bool, true);
});

test('values of the wrong type are refused and named', () => {
  const refused: readonly [Init<Node> & Init<Numbers>, RegExp][] = [
    [{ name: 1 as unknown as string }, /millrace\.test\.Node\.name must be a string, not number 1/],
    [{ name: '\ud800' }, /name must be well-formed Unicode/],
    [{ byName: { '\ud800': {} } }, /by_name must be well-formed Unicode/],
    [{ data: 'a' as unknown as Uint8Array }, /data must be a Uint8Array, not string a/],
    [{ packed: [1.5] }, /packed must be an integer from -2147483648 to 2147483647, not number 1.5/],
    [{ packed: [2 ** 31] }, /packed must be an integer/],
    [{ packed: 1 as unknown as number[] }, /packed must be an array/],
    [{ tags: [undefined as unknown as string] }, /tags must be a string, not undefined/],
    [{ children: [null as unknown as Node] }, /children must be millrace\.test\.Node, not null/],
    [{ byName: 'a' as unknown as Record<string, Node> }, /by_name must be an object/],
    [{ counts: { a: 2n ** 63n } }, /counts must be a bigint from -9223372036854775808 to 9223372036854775807/],
    [{ counts: { a: 2 ** 53 } }, /counts must be a bigint/],
    [{ parent: [] as unknown as Node }, /parent must be millrace\.test\.Node/],
    [{ text: 'a', nested: {} }, /millrace\.test\.Node has both text and nested/],
  ];
  for (const [message, pattern] of refused) {
    assert.throws(
      () => Node.encode(message),
      (error) => error instanceof CoderError && error.code === 'PROTO_BAD_VALUE' && pattern.test(error.message),
    );
  }
  for (const message of [
    { uint32: -1 },
    { uint64: -1n },
    { sint32: 2 ** 31 },
    { color: 0.5 },
    { float: '1' },
    { bool: 0 },
  ]) {
    checkCode('PROTO_BAD_VALUE', () => Numbers.encode(message as Init<Numbers>));
  }
});

test('a message that was encoded keeps nothing of the scratch memory', () => {
  const first = Node.encode({ name: 'first' });
  const copy = Uint8Array.from(first);
  Node.encode({ name: 'other' });
  assert.deepEqual(first, copy);
});

test('a getter may encode another message in between', () => {
  const message = {
    name: 'a',
    get data(): Uint8Array {
      return Node.encode({ name: 'inner' });
    },
  };
  assert.equal(hex(Node.encode(message)), '0a01611207 0a05696e6e6572'.replace(' ', ''));
});

test('malformed bytes are refused', () => {
  checkCode('PROTO_TRUNCATED', () => Node.decode(bytes('0a02 61')));
  checkCode('PROTO_TRUNCATED', () => Node.decode(bytes('0a')));
  checkCode('PROTO_TRUNCATED', () => Node.decode(bytes('0a ffffffffffffffffff01')));
  checkCode('PROTO_TRUNCATED', () => Node.decode(bytes('0a 8080808010')));
  checkCode('PROTO_TRUNCATED', () => Node.decode(bytes('4203 0a0261')));
  checkCode('PROTO_TRUNCATED', () => Numbers.decode(bytes('3d 010203')));
  checkCode('PROTO_TRUNCATED', () => Node.decode(bytes('1a02 ffff')));
  checkCode('PROTO_MALFORMED', () => Numbers.decode(bytes('08 ffffffffffffffffffff01')));
  checkCode('PROTO_MALFORMED', () => Node.decode(bytes('00 01')));
  checkCode('PROTO_MALFORMED', () => Node.decode(bytes('0f')));
  checkCode('PROTO_MALFORMED', () => Node.decode(bytes('0c')));
  checkCode('PROTO_MALFORMED', () => Node.decode(bytes('8b01 9401')));
  checkCode('PROTO_MALFORMED', () => Node.decode(bytes('8a8080808080808080 01')));
  checkCode('PROTO_BAD_UTF8', () => Node.decode(bytes('0a01 ff')));
  checkCode('PROTO_BAD_UTF8', () => Node.decode(bytes('2203 eda080')));
});

test('nesting is bounded, for writing and for reading, groups included', () => {
  const chain = (depth: number): Init<Node> => (depth === 0 ? {} : { parent: chain(depth - 1) });
  assert.deepEqual(Node.decode(Node.encode(chain(100))), Node.create(chain(100)));
  checkCode('PROTO_TOO_DEEP', () => Node.encode(chain(101)));
  let deep = new Uint8Array(0);
  for (let i = 0; i < 101; i++) deep = new Uint8Array(Buffer.concat([bytes('42'), lengthOf(deep), deep]));
  checkCode('PROTO_TOO_DEEP', () => Node.decode(deep));
  checkCode('PROTO_TOO_DEEP', () => Node.decode(bytes('8301'.repeat(5000))));
});

function lengthOf(message: Uint8Array): Uint8Array {
  return message.length < 128
    ? Uint8Array.of(message.length)
    : Uint8Array.of((message.length & 127) | 128, message.length >> 7);
}

test('groups, which proto3 does not have, are skipped and kept', () => {
  const decoded = Node.decode(bytes('a301 0801 a301 a401 a401 0a0161'));
  assert.equal(decoded.name, 'a');
  assert.equal(hex(Node.encode(decoded)), '0a0161a3010801a301a401a401');
});
