/** Its teardown ends when a signal comes: by then all work is done. */
import { once } from 'node:events';
import { pipeline } from 'millrace';

export default pipeline('slow teardown', {}, (p) => {
  p.create([1]).parDo('work', {
    process: () => [],
    async teardown() {
      const signal = once(process, 'SIGINT');
      console.log('tearing down');
      const alive = setInterval(() => {}, 1000);
      await signal;
      clearInterval(alive);
    },
  });
});
