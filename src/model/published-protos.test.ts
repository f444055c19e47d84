import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ProtoPackage, readProtoPackages } from '../../scripts/proto-files.ts';

/** Lines of each declaration by `package: declaration`, with the columns that carry no fact left out. */
type Facts = Map<string, readonly string[]>;

function publishedFacts(): Facts {
  const text = readFileSync(join(import.meta.dirname, '../../test/golden/beam-model.txt'), 'utf8');
  const facts = new Map<string, string[]>();
  let packageName = '';
  let lines: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('#') || line === '') continue;
    if (line.startsWith('package ')) packageName = line.slice('package '.length);
    else if (line.startsWith(' ')) lines.push(line.trim());
    else {
      lines = [];
      facts.set(`${packageName}: ${line}`, lines);
    }
  }
  return facts;
}

function ownFacts(packages: readonly ProtoPackage[]): Facts {
  const facts = new Map<string, readonly string[]>();
  for (const { name, messages, enums, services, extensions } of packages) {
    const reservedLine = (reserved: string): string[] => (reserved === '' ? [] : [`reserved ${reserved}`]);
    for (const { name: message, fields, reserved } of messages) {
      const lines = fields.map((field) => `${field.number} ${field.name} ${field.type}`);
      facts.set(`${name}: message ${message}`, [...lines, ...reservedLine(reserved)]);
    }
    for (const { name: type, values, reserved } of enums) {
      const lines = values.map((value) => [value.number, value.name, ...value.options].join(' '));
      facts.set(`${name}: enum ${type}`, [...lines, ...reservedLine(reserved)]);
    }
    for (const { name: service, methods } of services) {
      const side = (isStream: boolean, type: string): string => (isStream ? `stream:${type}` : type);
      const lines = methods.map(
        (method) =>
          `${method.name} ${side(method.requestStream, method.request)} ${side(method.responseStream, method.response)}`,
      );
      facts.set(`${name}: service ${service}`, lines);
    }
    for (const extension of extensions) facts.set(`${name}: extend ${extension}`, []);
  }
  return facts;
}

test('proto/ declares exactly what the published protos declare', () => {
  const published = publishedFacts();
  const own = ownFacts(readProtoPackages());
  assert.ok(published.size > 300, 'the table is there');
  assert.deepEqual([...own.keys()].sort(), [...published.keys()].sort());
  for (const [declaration, lines] of published) assert.deepEqual(own.get(declaration), lines, declaration);
});
