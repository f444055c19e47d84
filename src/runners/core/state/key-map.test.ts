import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { KeyId } from './key-identity.ts';
import { KeyMap } from './key-map.ts';

const key: fc.Arbitrary<KeyId> = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.bigInt(),
  fc.string({ maxLength: 4 }),
  fc.boolean(),
);

test('a map by key is a Map, before and after it is cut', () => {
  const step = fc.record({ op: fc.constantFrom('set', 'set', 'delete', 'get'), key });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), fc.boolean(), (steps, large) => {
      const map = new KeyMap<number>();
      const model = new Map<KeyId, number>();
      const set = (key: KeyId, value: number) => {
        map.set(key, value);
        model.set(key, value);
      };
      if (large) for (let i = 0; i < 65_500; i++) set(`n${i}`, i);
      for (const [i, { op, key }] of steps.entries()) {
        if (op === 'set') set(key, i);
        else if (op === 'delete') {
          map.delete(key);
          model.delete(key);
        }
        assert.equal(map.get(key), model.get(key));
        assert.equal(map.size, model.size);
      }
      assert.deepEqual([...map.values()].sort(), [...model.values()].sort());
      map.clear();
      assert.deepEqual([map.size, ...map.values()], [0]);
    }),
    { numRuns: 40 },
  );
});

test('whoever goes through the values while the map is cut sees none that has gone', () => {
  const map = new KeyMap<string>();
  for (let i = 0; i < 1 << 16; i++) map.set(i, `${i}`);
  const values = map.values();
  assert.equal(values.next().value, '0');
  map.set(-1, 'one more');
  map.delete(1);
  assert.equal(values.next().done, true);
  assert.equal(new Set(map.values()).size, 1 << 16);
});
