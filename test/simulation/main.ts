import { parseArgs } from 'node:util';
import { checkSeed } from './check-seed.ts';
import { checkStreamSeed } from './streams/check-stream-seed.ts';

/**
 * Runs schedules by seed: `npm run simulate -- --seeds 2000`, or one of them again: `--seed 17`. With `--streams`, those of
 * pipelines that run in steps.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    seed: { type: 'string' },
    from: { type: 'string', default: '1' },
    streams: { type: 'boolean', default: false },
  },
});
const from = Number(values.seed ?? values.from);
const count = values.seed === undefined ? Number(values.seeds) : 1;
const started = performance.now();
let failed = 0;
let events = 0;
let crashes = 0;
for (let seed = from; seed < from + count; seed++) {
  try {
    const result = values.streams ? await checkStreamSeed(seed) : await checkSeed(seed);
    events += result.events;
    crashes += 'kills' in result ? result.kills : result.crashes;
    if (values.seed !== undefined) console.log(`seed ${seed}: ${result.events} events, digest ${result.digest}`);
  } catch (error) {
    failed++;
    console.error(`seed ${seed}: ${error instanceof Error ? error.stack : String(error)}`);
  }
  if ((seed - from + 1) % 200 === 0) console.log(`${seed - from + 1} schedules, ${failed} failed`);
}
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(`${count} schedules, ${events} events, ${crashes} crashes, ${seconds} s`);
console.log(`${count - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
