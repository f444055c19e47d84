import { Pipeline } from 'millrace';

const p = new Pipeline({ name: 'forgotten' });
p.create([1]).map('print', (n) => console.log(n));
