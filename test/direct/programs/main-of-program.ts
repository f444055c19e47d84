import { isMainThread } from 'node:worker_threads';
import { result } from './named-program.ts';

if (!isMainThread) throw new Error('the main program is no business of workers');
console.log(result.metrics.counter('sum'));
