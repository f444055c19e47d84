/**
 * Follows a file and writes its lines to a file for every few of them. Says the name of each when it is in place. Arguments: the
 * file, output folder, checkpoint folder, time without lines after which it ends.
 */
import { join } from 'node:path';
import { afterCount, type Duration, globalWindows, Pipeline, repeatedly } from 'millrace';
import { tailText, writeText } from 'millrace/io';

const [, , file, output, checkpointDir, stopAfterIdle] = process.argv;
const p = new Pipeline({ threads: 0, checkpointDir, checkpointInterval: '20ms' });
p.apply(tailText(file, { interval: '2ms', stopAfterIdle: stopAfterIdle as Duration }))
  .window(globalWindows(), { trigger: repeatedly(afterCount(7)), accumulation: 'discarding' })
  .apply(writeText(join(output, 'out')))
  .map('Say', ({ path }) => console.log(path));
await p.run();
