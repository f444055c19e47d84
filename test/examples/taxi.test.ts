import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { Pipeline } from 'millrace';
import { type Example, readTfExample } from 'millrace/io';
import taxi from '../../examples/taxi.ts';
import { exampleData, outputFolder } from './output-folder.ts';

const folder = outputFolder();

async function examplesOf(split: string): Promise<Example[]> {
  const p = new Pipeline({ name: 'read back' });
  const found: Example[] = [];
  // In the calling thread a closure over the test's own list works.
  p.apply(readTfExample(join(folder, `Split-${split}`, 'data_tfrecord-*.gz'))).map('collect', (example) =>
    found.push(example),
  );
  await p.run({ threads: 0 });
  return found;
}

function values(examples: readonly Example[], feature: string): (bigint | number | Uint8Array)[] {
  return examples.flatMap((example) => [...(example[feature]?.values ?? [])]);
}

const mean = (numbers: readonly number[]) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

it('writes the trips as tf.Examples in two splits', async () => {
  await taxi.run({ values: { input: exampleData('taxi.csv'), output: folder }, env: {}, threads: 0 });
  const [train, evaluation] = [await examplesOf('train'), await examplesOf('eval')];
  const all = [...train, ...evaluation];
  assert.equal(all.length, 10_000);
  assert.ok(train.length > 6500 && train.length < 6830, `${train.length} in train`);

  // What TensorFlow Data Validation 1.16.1 finds in the same file, floats rounded to 32 bits as in a tf.Example.
  const numbers: readonly (readonly [feature: string, type: string, count: number, mean: number, max: number])[] = [
    ['fare', 'float', 10_000, 12.615511003739574, 175.0500030517578],
    ['tips', 'float', 10_000, 1.204521000188403, 47],
    ['trip_miles', 'float', 10_000, 3.326261998312734, 1710],
    ['trip_seconds', 'float', 9998, 822.2708541708341, 34_980],
    ['dropoff_latitude', 'float', 9607, 41.90319787648164, 42.02122497558594],
    ['dropoff_census_tract', 'float', 7022, 17031350129.380802, 17031980032],
    ['trip_start_hour', 'int64', 10_000, 13.7458, 23],
    ['trip_start_timestamp', 'int64', 10_000, 1408689462.42, 1483116300],
    ['pickup_community_area', 'int64', 10_000, 23.4435, 77],
  ];
  for (const [feature, type, count, average, max] of numbers) {
    assert.ok(
      all.every((example) => example[feature] === undefined || example[feature].type === type),
      feature,
    );
    const found = values(all, feature).map(Number);
    assert.equal(found.length, count, feature);
    assert.ok(Math.abs(mean(found) / average - 1) < 1e-9, `${feature}: ${mean(found)}`);
    assert.equal(Math.max(...found), max, feature);
  }
  const companies = values(all, 'company').map((bytes) => Buffer.from(bytes as Uint8Array).toString());
  assert.equal(companies.length, 6538);
  assert.equal(new Set(companies).size, 56);
  assert.equal(companies.filter((company) => company === 'Taxi Affiliation Services').length, 3423);
  assert.equal(values(all, 'pickup_census_tract').length, 0);
});
