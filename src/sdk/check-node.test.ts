import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkNode, OLDEST_NODE } from './check-node.ts';

test('an old Node is told so, a new one passes', () => {
  for (const version of ['18.20.1', '20.20.2', '22.9.0', '22.17.1']) {
    assert.throws(() => checkNode(version), { code: 'NODE_TOO_OLD' }, version);
  }
  for (const version of ['22.18.0', '22.20.0', '24.0.0', '25.1.0-nightly2026', '100.2.0']) checkNode(version);
  checkNode();
});

test('it is the version that package.json asks for', () => {
  const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  assert.equal(engines.node, `>=${OLDEST_NODE}`);
});
