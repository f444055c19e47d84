import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReached } from '../report/targets.ts';
import { parseFnApiOptions } from './options.ts';
import { type FnApiReport, fnApiMarkdown, fnApiTargets } from './report.ts';
import { MESSAGE_ELEMENTS, SHAPE_NAMES, SHAPES } from './shapes.ts';

const run = (elementsPerSecond: number) => ({
  elementsPerSecond,
  bestElementsPerSecond: elementsPerSecond * 2,
  threadMicros: 0.5,
  stateCallsPerSecond: 0,
  roundTripMicros: undefined,
});
const report: FnApiReport = {
  machine: { date: '2030-01-02', processor: 'P', cores: 2, memoryBytes: 2 ** 34, system: 'S', versions: ['V 1'] },
  command: 'npm run bench -- fn-api',
  shapes: [{ shape: 'map', runs: [run(900_000), run(350_000), run(500_000)] }],
};

test('the run in the middle is held against the target', () => {
  const [target] = fnApiTargets(report);
  assert.deepEqual([target.value, isReached(target)], [500, true]);
  assert.match(fnApiMarkdown(report), /\| map of strings \| 500 \| 1800 \| 3 \| 0.50 \|/);
});

test('bundles are whole messages', () => {
  for (const name of SHAPE_NAMES) {
    const { elements, message } = SHAPES[name]();
    assert.equal(elements % MESSAGE_ELEMENTS, 0);
    assert.equal(message(0).length, MESSAGE_ELEMENTS);
  }
});

test('shapes are chosen by name', () => {
  assert.deepEqual(parseFnApiOptions(['--shapes', 'combine,map'])?.shapes, ['map', 'combine']);
  assert.throws(() => parseFnApiOptions(['--shapes', 'join']), /--shapes knows map, kv, stateful, combine, not join/);
  assert.throws(() => parseFnApiOptions(['--runs', '0']), /--runs must be a whole number/);
});
