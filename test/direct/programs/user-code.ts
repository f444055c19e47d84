// User functions that go wrong in one way or another; the first argument says which.
import { existsSync, writeFileSync } from 'node:fs';
import { isMainThread, parentPort } from 'node:worker_threads';
import { Pipeline, reshuffle } from 'millrace';

const [what, marker = '', tempDir] = process.argv.slice(2);

/** True for the first caller on any thread. */
function isFirst(): boolean {
  if (existsSync(marker)) return false;
  writeFileSync(marker, '');
  return true;
}

const actions: Record<string, (n: number) => unknown> = {
  fine: (n) => n,
  'exit-once': (n) => (n === 7 && isFirst() ? process.exit(5) : n),
  'exit-always': (n) => (n === 7 ? process.exit(5) : n),
  poison: (n) => {
    if (n === 7) throw new RangeError('seven');
    return n;
  },
  // In small pieces: V8 ends the whole process when a single allocation goes far beyond the limit.
  heap: (n) => {
    let hoard: object | undefined;
    while (n === 7) hoard = { before: hoard };
    return hoard ?? n;
  },
  'floating-rejection': (n) => {
    if (n === 7) void Promise.reject(new Error('nobody waits'));
    return n;
  },
  'late-throw': (n) => {
    if (n !== 7) return n;
    setTimeout(() => {
      throw new Error('from a timer');
    }, 1);
    return new Promise(() => setInterval(() => {}, 1000));
  },
  'uses-parent-port': (n) => {
    for (const message of [null, 'ready', { type: 'ready' }, { type: 'done', bundle: 0 }])
      parentPort?.postMessage(message);
    parentPort?.removeAllListeners();
    parentPort?.close();
    return n;
  },
  'log-everything': (n) => {
    console.log(`element ${n}`);
    return n;
  },
};

if (isMainThread) process.on('warning', (warning) => console.error(`warning: ${warning.message}`));
const p = new Pipeline({ threads: 2, tempDir, maxAttempts: what === 'heap' ? 1 : 4 });
p.create(Array.from({ length: 20 }, (_, i) => i))
  .apply(reshuffle())
  .map('act', actions[what])
  .parDo('count', {
    process(_n, { metrics }) {
      metrics.counter('seen').inc();
    },
  });
try {
  const { metrics } = await p.run();
  console.log(JSON.stringify({ seen: metrics.counter('seen') }));
} catch (error) {
  const { name, code, summary, context } = error as { name: string; code: string; summary: string; context: object };
  console.log(JSON.stringify({ name, code, summary, context }));
}
