// A function that never returns, in a job that is cancelled. Arguments: how it does not return, threads.
import { Pipeline } from 'millrace';

const [how, threads = '1'] = process.argv.slice(2);
const abort = new AbortController();
const p = new Pipeline({ threads: Number(threads), signal: abort.signal });
p.create([1]).map('stay', (n) => {
  console.log('inside');
  if (how === 'busy') for (;;);
  return new Promise<number>(() => n);
});
const job = await p.start();
// Elements are counted while their bundle runs, so that is when the function has been called.
const timer = setInterval(() => {
  if (job.progress().stages[0].elements > 0) abort.abort(new Error('enough'));
}, 10);
try {
  await job.wait();
} catch (error) {
  console.log((error as { code: string }).code);
}
clearInterval(timer);
