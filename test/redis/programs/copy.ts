/** Copies one stream to another for ever, exactly once: `copy.ts PORT FROM TO CHECKPOINTS [GROUP]`. */
import { readRedisStream, writeRedisStream } from '../../../src/io/redis/index.ts';
import { Pipeline } from '../../../src/sdk/index.ts';

const [port, from, to, checkpointDir, group] = process.argv.slice(2);
const connection = { port: Number(port) };
const pipeline = new Pipeline({ name: 'copy' });
pipeline
  .apply(
    readRedisStream({
      connection,
      streams: from,
      start: 'earliest',
      interval: '5ms',
      batchSize: 40,
      ...(group === undefined ? {} : { group: { name: group, consumer: 'copier' } }),
    }),
  )
  .map('Message', ({ fields }) => ({ fields: { copy: fields.n } }))
  .apply(writeRedisStream({ connection, stream: to, delivery: { exactlyOnce: 'copier' } }));
await pipeline.run({ threads: 0, checkpointDir, checkpointInterval: '20ms' });
