// Each thread has its own clock, so each builds another pipeline.
import { Pipeline } from 'millrace';

const p = new Pipeline({ threads: 2 });
p.create([Date.now()]).map('use', (time) => time);
await p.run();
