import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeFromBytes, encodeToBytes } from './coder.ts';
import { defaultCoder } from './default-coder.ts';
import { ShapeTable, shapeId, shapeTable } from './shape-table.ts';

/** Two names with the same hash, found by trying. */
const TWINS = ['wUPXTq', 'mVvoEz'] as const;

function define(table: ShapeTable, names: readonly string[]) {
  let node = table.root;
  for (const name of names) {
    const next = table.step(node, name);
    if (next === undefined) return undefined;
    node = next;
  }
  return table.shapeAt(node);
}

test('a shape is its names in order', () => {
  const table = new ShapeTable();
  const ab = define(table, ['a', 'b']);
  assert.equal(define(table, ['a', 'b']), ab);
  assert.notEqual(define(table, ['b', 'a']), ab);
  assert.notEqual(shapeId(['ab']), shapeId(['a', 'b']));
  assert.deepEqual(ab?.names, ['a', 'b']);
  assert.equal(table.get(shapeId(['a', 'b'])), ab);
});

test('definitions since a mark make another table know the shapes', () => {
  const from = new ShapeTable();
  define(from, ['a']);
  const mark = from.mark();
  define(from, ['b', 'c']);
  define(from, ['a']);
  assert.deepEqual(from.export(mark), [['b', 'c']]);
  const to = new ShapeTable();
  to.import(from.export());
  to.import(from.export(mark));
  assert.deepEqual(to.get(shapeId(['b', 'c'])).names, ['b', 'c']);
  assert.equal(define(to, ['b', 'c']), to.get(shapeId(['b', 'c'])), 'an imported shape is used for encoding too');
  assert.deepEqual(to.export(), [['a'], ['b', 'c']]);
});

test('of two shapes with one id the second is written inline', () => {
  const [first, second] = TWINS;
  assert.equal(shapeId([first]), shapeId([second]));
  const values = [{ [first]: 1 }, { [second]: 2 }, { [first]: 3 }, { [second]: 4 }];
  const encoded = values.map((value) => encodeToBytes(defaultCoder, value));
  assert.deepEqual(
    encoded.map((bytes) => bytes[0]),
    [0xf0, 0xf1, 0xf0, 0xf1],
  );
  assert.deepEqual(
    encoded.map((bytes) => decodeFromBytes(defaultCoder, bytes)),
    values,
  );
});

test('importing a shape that means another one here is an error', () => {
  const table = new ShapeTable();
  define(table, [TWINS[0]]);
  assert.throws(() => table.import([[TWINS[1]]]), { code: 'CODER_SHAPE_COLLISION' });
});

test('the table is bounded: field names may be data', () => {
  const table = new ShapeTable();
  for (let i = 0; i < 100_000; i++) define(table, [`user-${i}`]);
  assert.ok(table.mark() <= 4096);
  assert.equal(define(table, ['user-99999']), undefined);
  assert.equal(
    define(
      table,
      Array.from({ length: 200 }, (_, i) => `f${i}`),
    ),
    undefined,
  );
  assert.notEqual(define(table, ['user-1']), undefined);
});

test('an unknown id is a typed error', () => {
  assert.throws(() => new ShapeTable().get(5), { code: 'CODER_UNKNOWN_SHAPE' });
  assert.throws(() => shapeTable.get(5), { code: 'CODER_UNKNOWN_SHAPE' });
});
