/**
 * The first step of a TFX pipeline on taxi trips: text to typed rows, rows to tf.Examples in TFRecord files, two thirds
 * for training and one third for evaluation. TensorFlow reads the files as they are.
 *
 *     npm run millrace -- run examples/taxi.ts --input examples/data/taxi.csv --output out/taxi
 */
import { option, partition, pipeline } from 'millrace';
import { exampleFromRow, readCsv, writeTfExample } from 'millrace/io';

/** Integers of 64 bits become int64 features, floats float features and strings bytes features; null is no feature. */
const schema = {
  pickup_community_area: 'bigint',
  fare: 'float',
  trip_start_month: 'bigint',
  trip_start_hour: 'bigint',
  trip_start_day: 'bigint',
  trip_start_timestamp: 'bigint',
  pickup_latitude: 'float',
  pickup_longitude: 'float',
  dropoff_latitude: 'float?',
  dropoff_longitude: 'float?',
  trip_miles: 'float',
  pickup_census_tract: 'string?',
  dropoff_census_tract: 'float?',
  payment_type: 'string',
  company: 'string?',
  trip_seconds: 'float?',
  dropoff_community_area: 'float?',
  tips: 'float',
} as const;

/** A number from 0 to n − 1 that depends on nothing but the text (FNV-1a), so that a row is always in the same split. */
function bucket(text: string, n: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % n;
}

export default pipeline(
  'taxi',
  {
    input: option.string({ help: 'CSV files with the columns of the Chicago taxi data' }),
    output: option.string({ help: 'folder to write Split-train and Split-eval to' }),
  },
  (p, { input, output }) => {
    const { train, evaluation } = p
      .apply(readCsv(input, { schema }))
      .apply(
        partition('split', ['train', 'evaluation'], (trip) =>
          bucket(Object.values(trip).join(), 3) < 2 ? 'train' : 'evaluation',
        ),
      );
    train
      .map('train examples', (trip) => exampleFromRow(trip))
      .apply('write train', writeTfExample(`${output}/Split-train/data_tfrecord`, { suffix: '.gz' }));
    evaluation
      .map('eval examples', (trip) => exampleFromRow(trip))
      .apply('write eval', writeTfExample(`${output}/Split-eval/data_tfrecord`, { suffix: '.gz' }));
  },
);
