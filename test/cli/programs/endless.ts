import { setTimeout } from 'node:timers/promises';
import { pipeline, reshuffle } from 'millrace';

/** Runs for minutes unless it is cancelled. The elements are large, so that few of them make a block. */
export default pipeline('endless', {}, (p) => {
  const large = Array.from({ length: 500 }, (_, i) => `${i} ${'x'.repeat(100_000)}`);
  p.create(large)
    .apply(reshuffle())
    .parDo('wait', {
      concurrency: 1,
      async process(text) {
        console.log('waiting');
        await setTimeout(200);
        return [text.length];
      },
    });
});
