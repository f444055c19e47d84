/** Asks for less memory than there may be. */
import { Pipeline } from 'millrace';

const p = new Pipeline();
p.create([1]).map('never', () => console.log('has run'));
await p.run({ memory: 10 });
