import { Pipeline } from 'millrace';

const p = new Pipeline({ name: 'remembered', threads: 0 });
p.create([1]).map('print', (n) => console.log(n));
new Pipeline({ name: 'empty' });
const q = new Pipeline({ name: 'forgotten' });
q.create([2]).map('print', (n) => console.log(n));
await p.run();
