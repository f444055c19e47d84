import { isMainThread } from 'node:worker_threads';
import { Pipeline } from 'millrace';

const p = new Pipeline({ threads: 2 });
p.create([1]).map('use', (n) => n);
if (process.argv[2] === 'exits' && !isMainThread) process.exit(3);
if (process.argv[2] === 'throws' && !isMainThread) throw new Error('no port is free');
if (isMainThread) await p.run();
