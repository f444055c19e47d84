import { Pipeline } from 'millrace';

const p = new Pipeline();
p.create([1]).map('fail', () => {
  throw new Error('nobody awaits this');
});
void p.run({ threads: 0, maxAttempts: 1 });
