import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coders, fixed, globalWindows, type Window, type WindowFn } from '../../sdk/index.ts';
import { GLOBAL_WINDOWING } from '../../sdk/windows/global-windows.ts';
import { coderSignature, signatureOf } from './engine-checkpoint.ts';
import { signatureDifference } from './signature-difference.ts';

const kv = coders.kv(coders.string, coders.int64);
const windowing = (windowFn: unknown) => ({ ...GLOBAL_WINDOWING, windowFn: windowFn as WindowFn<Window> });
const minutes = signatureOf({ coder: kv as never, windowing: windowing(fixed('1m')) });

test('says in which parts signatures differ', () => {
  const twoMinutes = signatureOf({ coder: kv as never, windowing: windowing(fixed('2m')) });
  assert.equal(signatureDifference(minutes, twoMinutes), 'windows fixed(1m) → fixed(2m)');
  const accumulators = `, accumulators ${coderSignature(coders.int64 as never)}`;
  assert.equal(
    signatureDifference(`${minutes}${accumulators}, by window`, `${twoMinutes}${accumulators}`),
    'windows fixed(1m) → fixed(2m)',
  );
  const whole = signatureOf({ coder: coders.string as never, windowing: windowing(globalWindows()) });
  assert.match(
    signatureDifference(`${minutes}${accumulators}`, whole),
    /^elements kv<.*> → \S+; windows fixed\(1m\) → the global window; accumulators \S+ → none$/,
  );
});

test('shows checksums where nothing else differs', () => {
  const other = minutes.replace(/\([0-9a-f]{8}\)$/, '(00000000)');
  assert.match(signatureDifference(minutes, other), /^windows fixed\(1m\) \(.{8}\) → fixed\(1m\) \(00000000\)$/);
});

test('says nothing of what has other parts', () => {
  assert.equal(signatureDifference('restrictions a (00000000)', 'restrictions b (00000000)'), '');
  assert.equal(signatureDifference(minutes, ''), '');
  assert.equal(signatureDifference(minutes, `${minutes}, by window`), '');
});
