import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutPartitions, cutParts } from './bundle-cuts.ts';
import type { ChannelOutput } from './messages.ts';

const MIB = 1024 * 1024;

function output(...sizes: number[]): ChannelOutput {
  const parts = sizes.map((size) => `part of ${size}`);
  return { channel: 0, parts, sizes, memoryBytes: 0, bytes: 0, files: [] };
}

const sizesOf = (kind: 'blocks' | 'restrictions', outputs: readonly ChannelOutput[], workers: number): number[] =>
  cutParts(kind, outputs, workers).map(({ size }) => size);

test('restrictions of some megabytes make one bundle per worker, and keep their order', () => {
  const outputs = [output(4 * MIB, 4 * MIB, 4 * MIB), output(4 * MIB)];
  const cuts = cutParts('restrictions', outputs, 2);
  assert.deepEqual(
    cuts.map(({ source }) => source),
    [outputs[0].parts.slice(0, 2), [outputs[0].parts[2], outputs[1].parts[0]]].map((parts) => ({
      kind: 'restrictions',
      parts,
      sizes: [4 * MIB, 4 * MIB],
    })),
  );
});

test('a bundle of restrictions is no larger than what may be lost with it, until there are several for each worker', () => {
  const parts = (megabytes: number) => [output(...new Array<number>(megabytes / 16).fill(16 * MIB))];
  assert.deepEqual(
    sizesOf('restrictions', parts(192), 1),
    [64, 64, 64].map((size) => size * MIB),
  );
  assert.deepEqual(sizesOf('restrictions', parts(1024), 2), new Array<number>(8).fill(128 * MIB));
});

test('blocks make several bundles per worker; small neighbours share one, a large one stays alone', () => {
  assert.deepEqual(sizesOf('blocks', [output(...new Array<number>(8).fill(10))], 2), new Array<number>(8).fill(10));
  assert.deepEqual(sizesOf('blocks', [output(1, 1, 1, 1), output(100, 1, 1)], 1), [4, 100, 2]);
  assert.deepEqual(sizesOf('blocks', [], 2), []);
});

test('a partition without content makes no bundle', () => {
  assert.deepEqual(cutPartitions([0, 5, 0, 1]), [
    { source: { kind: 'partition', partition: 1 }, size: 5 },
    { source: { kind: 'partition', partition: 3 }, size: 1 },
  ]);
});
