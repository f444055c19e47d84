/**
 * Takes in numbers over HTTP, each once, and writes them to files. Says the port it listens on; ends when -1 comes. Arguments: the port,
 * output folder, checkpoint folder.
 */
import { join } from 'node:path';
import { afterCount, deduplicate, globalWindows, Pipeline, repeatedly } from 'millrace';
import { httpSource, writeText } from 'millrace/io';

const [, , port, output, checkpointDir] = process.argv;
const p = new Pipeline({ threads: 0, checkpointDir, checkpointInterval: '20ms' });
const ended = Promise.withResolvers<void>();
p.apply(httpSource<number>({ port: Number(port), onListening: (address) => console.log(address.port) }))
  .apply(deduplicate({ duration: '1h' }))
  .filter('NotTheEnd', (n) => {
    if (n < 0) ended.resolve();
    return n >= 0;
  })
  .map('Line', String)
  .window(globalWindows(), { trigger: repeatedly(afterCount(5)), accumulation: 'discarding' })
  .apply(writeText(join(output, 'out')));
const job = await p.start();
await ended.promise;
await job.drain();
