import { Pipeline } from 'millrace';

// Takes no options itself: those of the runner on the command line still count, unless the code says otherwise.
const p = new Pipeline({ name: 'plain' });
p.create([1]).map('print', (n) => {
  console.log('plain', n);
  return n;
});
p.run({ strict: undefined });
