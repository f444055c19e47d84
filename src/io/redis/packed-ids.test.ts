import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { packIds, unpackIds } from './packed-ids.ts';

test('ids come back as they were packed', () => {
  const sequence = fc.oneof(
    fc.bigInt({ min: 0n, max: 5n }),
    fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 5n }),
    fc.bigInt({ min: 2n ** 64n - 3n, max: 2n ** 64n - 1n }),
  );
  const id = fc.tuple(fc.constantFrom('0', '1', '17', '1700000000000', '18446744073709551615'), sequence);
  fc.assert(
    fc.property(fc.array(id, { maxLength: 12 }), (parts) => {
      const ids = parts.map(([millis, number]) => `${millis}-${number}`);
      assert.deepEqual(unpackIds(packIds(ids)), ids);
      assert.deepEqual(unpackIds(`${packIds(ids)} ${packIds(ids)}`), [...ids, ...ids]);
    }),
  );
});

test('those of one millisecond are one word', () => {
  assert.equal(packIds(['5-0', '5-1', '5-2', '6-3', '7-0', '7-2']), '5-0+2 6-3 7-0 7-2');
  assert.equal(packIds(['1-9007199254740990', '1-9007199254740991', '1-9007199254740992']).split(' ').length, 2);
  assert.deepEqual(unpackIds(''), []);
});
