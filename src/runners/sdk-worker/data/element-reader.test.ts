import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeElements } from '../../../../test/support/fn-stage.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { globalWindowCoder } from '../../../sdk/coders/window-coders.ts';
import { WindowedValueCoder } from '../../../sdk/coders/windowed-value-coder.ts';
import { coders } from '../../../sdk/index.ts';
import { ElementReader, type PortCoder } from './element-reader.ts';

const bytes = coders.bytes as Coder<unknown>;
const coder = new WindowedValueCoder(bytes, globalWindowCoder) as unknown as PortCoder;

/** All that comes out when the chunks come one by one, or several at once. */
function read(encoded: Uint8Array, size: number, atOnce: number): unknown[] {
  const reader = new ElementReader(coder);
  const values: unknown[] = [];
  for (let at = 0, i = 1; at < encoded.length; at += size, i++) {
    reader.push(encoded.slice(at, at + size));
    if (i % atOnce === 0 || at + size >= encoded.length) values.push(...(reader.next(10_000)?.block.values ?? []));
  }
  assert.ok(reader.waiting === 0);
  return values;
}

function element(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 7) & 0xff);
}

test('elements come whole, wherever chunks end', () => {
  const lengths = [0, 1, 5, 300, 2, 1000, 0, 70, 4000, 3];
  const elements = lengths.map(element);
  const encoded = encodeElements(bytes, elements);
  for (const size of [1, 2, 3, 7, 64, 1000, 5000, 100_000]) {
    for (const atOnce of [1, 2, 5, 1000]) assert.deepEqual(read(encoded, size, atOnce), elements, `${size} ${atOnce}`);
  }
});

test('an element in very many chunks is copied a few times, not once per chunk', () => {
  const elements = [element(4 * 1024 * 1024, 1), element(10, 2)];
  // Once per chunk would be 130 GB.
  assert.deepEqual(read(encodeElements(bytes, elements), 64, 1), elements);
});
