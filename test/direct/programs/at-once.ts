// Two pipelines run at the same time.
import { Pipeline } from 'millrace';

function counting(name: string, count: number): Pipeline {
  const p = new Pipeline({ threads: 1 });
  p.create(Array.from({ length: count }, (_, i) => i)).parDo(name, {
    process(_n, { metrics }) {
      metrics.counter('seen').inc();
    },
  });
  return p;
}

const results = await Promise.all([counting('a', 10).run(), counting('b', 20).run()]);
console.log(JSON.stringify(results.map(({ metrics }) => metrics.counter('seen'))));
