import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { prepareInput } from './prepare.ts';

/** Recorded from the first generator of these files, which published figures refer to. */
const SHA256 = {
  'text.txt': 'ca9feda8b04bb06edb4a7d0be73b56b781cd5376dc042071dafff88c8822a281',
  'kv.csv': '43b921bf8527e409b2239f4fd6a287ab185bf47990026294cb69b4d8e8901a3f',
  'users.csv': 'cf21c115609b99897c64079043adffb99613d94700eee7792dc6346d386e6d7c',
  'orders.csv': '404e9c72245d65be58e3440b29ca20c3064e68c45a71ebade941dd9a8987983e',
  'events.csv': '551b738e9581166afa31dc56a2083eb9c9430e9545f32f7023a84af765743dd0',
};

test('input files have the same bytes on every machine', () => {
  const folder = prepareInput(['text', 'keyValues', 'usersAndOrders', 'events'], 0.001);
  for (const [name, expected] of Object.entries(SHA256)) {
    const actual = createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex');
    assert.equal(actual, expected, name);
  }
});
