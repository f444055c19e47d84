import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertThat, TestPipeline } from '../../testing/index.ts';
import { Regex } from '../index.ts';

test('regular expressions pick, replace and split', async () => {
  const p = new TestPipeline();
  const lines = p.create(['a=1, b=22', 'b=3', 'none']);
  assertThat(lines.apply(Regex.matches(/(\w)=(\d+)/, 2))).containsInAnyOrder(['3']);
  assertThat(lines.apply(Regex.matches(/none|b/))).containsInAnyOrder(['none']);
  assertThat(lines.apply(Regex.find(/(?<name>\w)=(\d+)/g, 'name'))).containsInAnyOrder(['a', 'b']);
  assertThat(lines.apply(Regex.findAll(/\d+/y))).containsInAnyOrder(['1', '22', '3']);
  assertThat(lines.apply(Regex.findAll(/(x)|\w=/, 1))).isEmpty();
  assertThat(lines.apply(Regex.replaceAll(/(\w)=/, '$1:'))).containsInAnyOrder(['a:1, b:22', 'b:3', 'none']);
  assertThat(p.create(['a,,b']).apply(Regex.split(/,/))).containsInAnyOrder(['a', 'b']);
  assertThat(p.create(['a,,b']).apply(Regex.split(/,/, { empty: true }))).containsInAnyOrder(['a', '', 'b']);
  await p.run();
});

test('a string is no regular expression', () => {
  assert.throws(() => Regex.find('a' as never), { code: 'REGEX_INVALID' });
});
