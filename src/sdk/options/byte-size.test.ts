import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseByteSize } from './byte-size.ts';

it('sizes are read with and without units', () => {
  const sizes: readonly (readonly [text: string, bytes: number | undefined])[] = [
    ['0', 0],
    ['1048576', 1048576],
    ['64KiB', 65536],
    ['64 kib', 65536],
    ['512MiB', 536870912],
    ['512Mi', 536870912],
    ['1.5GB', 1_500_000_000],
    ['2k', 2000],
    ['3 b', 3],
    ['1TiB', 1024 ** 4],
    ['', undefined],
    ['MiB', undefined],
    ['-1', undefined],
    ['1e6', undefined],
    ['1 PiB', undefined],
    ['9999999TiB', undefined],
  ];
  for (const [text, bytes] of sizes) assert.equal(parseByteSize(text), bytes, text);
});
