/**
 * State of many keys in little memory, and how soon a killed process goes on:
 *
 *     node bench/micro/state-size.ts count|combine [keys] [--memory 512MiB] [--no-checkpoints] [--value-bytes 100] [--restart]
 *
 * Every key is written once and one in five again. Reports the greatest resident memory, the rate and the longest
 * checkpoint. With `--restart` the process is killed when all keys are there and another one goes on: reported is the time
 * from its start to its first output.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  count,
  fixed,
  impulse,
  type KV,
  type OffsetRange,
  OffsetRangeTracker,
  offsetRangeCoder,
  type PCollection,
  Pipeline,
  resume,
  type SplittableDoFn,
  splittableParDo,
  state,
  timestamp,
} from '../../src/sdk/index.ts';

const BATCH = 8192;

const startedAt = Date.now() - process.uptime() * 1000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'no-checkpoints': { type: 'boolean', default: false },
    'value-bytes': { type: 'string', default: '0' },
    memory: { type: 'string', default: '512MiB' },
    restart: { type: 'boolean', default: false },
    /** Internal: the folder to go on in, and what to do when all keys are there. */
    folder: { type: 'string' },
    'at-end': { type: 'string', default: 'end' },
  },
});
const [what = 'count', keyCount = '10000000'] = positionals;
const keys = Number(keyCount);
const elements = Math.floor(keys * 1.2);
const padding = 'x'.repeat(Number(values['value-bytes']));
const folder = values.folder ?? fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-state-size-'));

function keyOf(i: number): string {
  // Spread: neighbours in time are none in the log.
  return `key-${(i * 7_368_787) % keys}`;
}

let position = 0;
let peak = 0;
let exhausted: () => void = () => {};

const source: SplittableDoFn<Uint8Array, OffsetRange, number, KV<string, string>> = {
  unbounded: true,
  watermark: 'monotonic',
  restriction: {
    coder: offsetRangeCoder,
    initial: () => ({ start: 0, end: Number.MAX_SAFE_INTEGER }),
    tracker: (range) => new OffsetRangeTracker(range),
    truncate: () => undefined,
  },
  *process(_, { tracker }) {
    for (let at = tracker.current().start; ; at += BATCH) {
      if (at >= elements) {
        if (values['at-end'] === 'wait') {
          // One more key, so that there is something to put out.
          if (!tracker.tryClaim(at)) return undefined;
          position = at + 1;
          yield { values: [[keyOf(at), padding]], timestamps: [timestamp(0)] };
          return resume('10ms');
        }
        exhausted();
        return resume('100ms');
      }
      const last = Math.min(at + BATCH, elements) - 1;
      if (!tracker.tryClaim(last)) return undefined;
      const batch: KV<string, string>[] = [];
      for (let i = at; i <= last; i++) batch.push([keyOf(i), padding]);
      position = last + 1;
      yield { values: batch, timestamps: batch.map((_each, i) => timestamp(at + i)) };
      // 'at' moves on from the batch.
      at = last + 1 - BATCH;
    }
  },
};

function build(p: Pipeline, put: (key: string) => void): void {
  const all = p.apply(impulse()).apply(splittableParDo('keys', source)) as PCollection<KV<string, string>>;
  if (what === 'count') {
    all
      .parDo('count', {
        state: { n: state.value<number>(), text: state.value<string>() },
        *process([key, text], { state: { n, text: last } }) {
          n.write((n.read() ?? 0) + 1);
          if (text !== '') last.write(text);
          yield key;
        },
      })
      .map('put', put);
  } else {
    all
      .window(fixed('365d'))
      .combinePerKey(count())
      .map('put', ([key]) => put(key));
  }
}

async function run(): Promise<void> {
  const p = new Pipeline({ name: 'state-size' });
  const enough = Promise.withResolvers<void>();
  let first: number | undefined;
  build(p, () => {
    first ??= Date.now();
    if (values['at-end'] === 'wait') enough.resolve();
  });
  exhausted = () => enough.resolve();
  const sample = setInterval(() => {
    const { rss, heapTotal, heapUsed, external } = process.memoryUsage();
    peak = Math.max(peak, rss);
    if (process.env.VERBOSE !== undefined) {
      const mb = [rss, heapTotal, heapUsed, external].map((n) => Math.round(n / 1e6)).join(' ');
      console.log(`${((Date.now() - startedAt) / 1000).toFixed(0)} s, ${position} elements: ${mb} MB`);
    }
  }, 1000);
  const begun = performance.now();
  const checkpoints = values['no-checkpoints'] ? {} : { checkpointDir: folder };
  let longest = 0;
  const job = await p.start({
    memory: values.memory,
    threads: 0,
    ...checkpoints,
    onProgress: ({ checkpoint }) => {
      longest = Math.max(longest, checkpoint?.millis ?? 0);
    },
  });
  await Promise.race([enough.promise, job.wait()]);
  clearInterval(sample);
  if (values['at-end'] === 'wait') {
    const { user, system } = process.cpuUsage();
    console.log(
      `${what}: first output ${(first ?? 0) - Math.round(startedAt)} ms after the start of the process, ${Math.round((user + system) / 1000)} ms of CPU`,
    );
    process.kill(process.pid, 'SIGKILL');
  }
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage();
  const highest = Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync('/proc/self/status', 'latin1'))?.[1] ?? 0) / 1024;
  console.log(
    `${what}: ${elements} elements of ${keys} keys in ${seconds.toFixed(1)} s, ${((user + system) / 1e6).toFixed(1)} s of CPU; ` +
      `resident at most ${Math.round(highest)} MiB; longest checkpoint ${longest} ms`,
  );
  if (values['at-end'] === 'kill') process.kill(process.pid, 'SIGKILL');
  await job.cancel();
}

function again(atEnd: string): void {
  const args = [import.meta.filename, ...process.argv.slice(2).filter((each) => each !== '--restart')];
  spawnSync(process.execPath, [...process.execArgv, ...args, '--folder', folder, '--at-end', atEnd], {
    stdio: 'inherit',
  });
}

try {
  if (!values.restart) await run();
  else {
    again('kill');
    const bytes = fs.readdirSync(folder).reduce((sum, name) => sum + fs.statSync(path.join(folder, name)).size, 0);
    console.log(`${Math.round(bytes / 1e6)} MB in the folder`);
    again('wait');
  }
} finally {
  if (values.folder === undefined) fs.rmSync(folder, { recursive: true, force: true });
}
