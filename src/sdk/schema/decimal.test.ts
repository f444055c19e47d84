import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Decimal } from './decimal.ts';

test('decimals in writing', () => {
  const texts: Readonly<Record<string, string>> = {
    '0': '0',
    '-0.00': '0.00',
    '+1': '1',
    '.5': '0.5',
    '5.': '5',
    '100.123': '100.123',
    '-0.001': '-0.001',
    '1e3': '1000',
    '1.5e3': '1500',
    '1.5E-3': '0.0015',
    '0e5': '0',
  };
  for (const [text, plain] of Object.entries(texts)) assert.equal(Decimal.parse(text).toString(), plain);
  assert.deepEqual(Decimal.parse('1.50'), new Decimal(150n, 2));
  assert.equal(JSON.stringify({ d: Decimal.parse('1.50') }), '{"d":"1.50"}');
  for (const wrong of ['', '.', '-', 'e5', '1e', '0x10', '1,5', ' 1', 'NaN', '1e9999999999']) {
    assert.throws(() => Decimal.parse(wrong), { code: 'DECIMAL_INVALID' }, wrong);
  }
  assert.throws(() => new Decimal(1n, 0.5), { code: 'DECIMAL_INVALID' });
  assert.throws(() => new Decimal(1n, 2 ** 31), { code: 'DECIMAL_INVALID' });
});

test('what is written is read, and is the number', () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.integer({ min: -40, max: 40 }), (unscaled, scale) => {
      const decimal = new Decimal(unscaled, scale);
      const back = Decimal.parse(decimal.toString());
      assert.equal(back.unscaled * 10n ** BigInt(80 - back.scale), unscaled * 10n ** BigInt(80 - scale));
      assert.equal(decimal.toNumber(), Number(decimal.toString()));
    }),
    { seed: 5, numRuns: 300 },
  );
});

test('a huge scale makes no huge string', () => {
  assert.equal(new Decimal(5n, 0x7fffffff).toString(), '5e-2147483647');
  assert.equal(new Decimal(-5n, -0x80000000).toString(), '-5e2147483648');
});
