import { option, Pipeline, parsePipelineOptions } from 'millrace';

const { values, run } = parsePipelineOptions(process.argv.slice(2), { times: option.integer({ default: 2 }) });
const p = new Pipeline({ name: 'script', ...run });
p.create([1, 2, 3]).map('times', (n) => {
  console.log(n * values.times);
  return n * values.times;
});
const result = await p.run();
console.log(result.state);
