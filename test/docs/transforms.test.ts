/** The list of all transforms is complete: what an entry exports is on it, or is known to be something else. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'guides', 'transforms.md'), 'utf8');

/** Exported functions and objects with functions that make no transforms, by entry. Classes and errors are never meant. */
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  millrace: [
    ...['coders', 'decodeFromBytes', 'encodeToBytes', 'offsetRangeCoder', 'registerType'],
    ...['option', 'parsePipelineOptions', 'pipeline', 'nearestName'],
    ...['after', 'timestamp', 'timestamped', 'kv', 'state', 'timer', 'resume'],
    ...['afterAll', 'afterAny', 'afterCount', 'afterEach', 'afterProcessingTime', 'afterSynchronizedProcessingTime'],
    ...['afterWatermark', 'always', 'defaultTrigger', 'never', 'orFinally', 'repeatedly'],
  ],
  'millrace/io': [
    ...['arrowSchemaOf', 'batchOfRows', 'recordBatchCoder', 'rowsOfBatch', 'schemaOfArrow'],
    ...['decodeExample', 'decodeSequenceExample', 'encodeExample', 'encodeSequenceExample', 'exampleFromRow'],
    ...['compressionOf', 'fileRangeCoder', 'fileSystemOf', 'registerFileSystem'],
  ],
  'millrace/io/kafka': [],
  'millrace/io/redis': [],
  'millrace/io/sql': [],
  'millrace/testing': ['closeTo', 'inAnyOrder', 'timestamped'],
  'millrace/portable': ['discoverSchemaTransforms', 'expansionService', 'offer'],
};

/** A function by its name, an object of functions by `object.name` of each. */
function functionsOf(name: string, value: unknown): string[] {
  if (typeof value === 'function') return /^[a-z]/.test(name) ? [name] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([member, each]) => (typeof each === 'function' ? [`${name}.${member}`] : []));
}

for (const [entry, others] of Object.entries(OTHERS)) {
  test(`the list of transforms has those of ${entry}`, async () => {
    const exported = Object.entries((await import(entry)) as Record<string, unknown>);
    const listed = (name: string) => ['`', '`.', '`p.', '`new '].some((before) => guide.includes(`${before}${name}(`));
    const missing = exported
      .filter(([name]) => !others.includes(name))
      .flatMap(([name, value]) => functionsOf(name, value))
      .filter((name) => !listed(name));
    assert.deepEqual(missing, []);
    const names = exported.map(([name]) => name);
    assert.deepEqual(
      others.filter((name) => !names.includes(name)),
      [],
      'no longer exported',
    );
  });
}
