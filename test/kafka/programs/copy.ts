/** Copies one topic to another for ever, exactly once: `copy.ts BROKER FROM TO CHECKPOINTS`. */

import { readKafka, writeKafka } from '../../../src/io/kafka/index.ts';
import { coders, Pipeline } from '../../../src/sdk/index.ts';

const [brokers, from, to, checkpointDir] = process.argv.slice(2);
const connection = { brokers };
const pipeline = new Pipeline({ name: 'copy' });
pipeline
  .apply(
    readKafka({
      connection,
      topics: from,
      start: 'earliest',
      key: coders.string,
      value: coders.string,
      maxBytes: 10_000,
    }),
  )
  .map('Message', ({ key, value }) => ({ key, value: `copy of ${value}` }))
  .apply(
    writeKafka({
      connection,
      topic: to,
      key: coders.string,
      value: coders.string,
      delivery: { exactlyOnce: `copy-to-${to}`, shards: 2 },
    }),
  );
await pipeline.run({ threads: 0, checkpointDir, checkpointInterval: '200ms' });
