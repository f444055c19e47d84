import { option, pipeline } from 'millrace';

// Runs nothing by itself.
export const sum = pipeline('sum', { numbers: option.number({ default: 10 }) }, (p, { numbers }) => {
  p.create(Array.from({ length: numbers }, (_, i) => i)).parDo('add', {
    process(n, { metrics }) {
      metrics.counter('sum').inc(n);
    },
  });
});
