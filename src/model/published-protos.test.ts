import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { generateModel, OUTPUT } from '../../scripts/generate-model.ts';
import { type ProtoPackage, readProtoPackages } from '../../scripts/proto-files.ts';
import { type ModelFacts, publishedModelFacts } from '../../test/support/model-facts.ts';

function ownFacts(packages: readonly ProtoPackage[]): ModelFacts {
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
  const published = publishedModelFacts();
  const own = ownFacts(readProtoPackages());
  assert.ok(published.size > 300, 'the table is there');
  assert.deepEqual([...own.keys()].sort(), [...published.keys()].sort());
  for (const [declaration, lines] of published) assert.deepEqual(own.get(declaration), lines, declaration);
});

test('src/model/generated is what scripts/generate-model.ts writes from proto/', () => {
  const expected = generateModel();
  assert.deepEqual(readdirSync(OUTPUT).sort(), [...expected.keys()].sort());
  for (const [file, text] of expected) {
    const isCurrent = readFileSync(join(OUTPUT, file), 'utf8') === text;
    assert.ok(isCurrent, `${file} is out of date: run node scripts/generate-model.ts`);
  }
});
