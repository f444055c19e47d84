/**
 * Fills state, says so when a checkpoint holds it, then goes on with a trickle of events for ever: a process to be killed
 * and started again. Prints `filled` and, at its first output, `output`.
 */
import { writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  afterCount,
  fixed,
  impulse,
  type KV,
  type OffsetRange,
  OffsetRangeTracker,
  offsetRangeCoder,
  Pipeline,
  repeatedly,
  resume,
  splittableParDo,
  state,
  type Timestamp,
  timer,
} from 'millrace';

const { values } = parseArgs({
  options: {
    /** Where the state is: in values, in values with a timer each, or in open windows. */
    kind: { type: 'string', default: 'values' },
    keys: { type: 'string', default: '1000000' },
    /** Characters per key. */
    size: { type: 'string', default: '1000' },
    memory: { type: 'string', default: '1GiB' },
    checkpoints: { type: 'string', default: '.' },
  },
});

const keys = Number(values.keys);
const size = Number(values.size);
const BATCH = 500;
const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 1);

/** Pads a number to the size of a key's state. */
function content(n: number): string {
  return String(n).padEnd(size, 'x');
}

const said = new Set<string>();

/** Said once: afterwards there is nothing new about it. */
function say(what: string): void {
  if (said.has(what)) return;
  said.add(what);
  writeSync(1, `${what}\n`);
}

const p = new Pipeline({
  name: 'large-state',
  threads: 0,
  memory: values.memory,
  checkpointDir: values.checkpoints,
  checkpointInterval: '2s',
});
const pairs = p.apply(impulse()).apply(
  splittableParDo('Keys', {
    unbounded: true,
    watermark: 'monotonic',
    restriction: {
      coder: offsetRangeCoder,
      initial: (): OffsetRange => ({ start: 0, end: Number.MAX_SAFE_INTEGER }),
      tracker: (range: OffsetRange) => new OffsetRangeTracker(range),
    },
    *process(_: Uint8Array, { tracker, afterBundleCommit }) {
      let n = tracker.current().start;
      // A trickle ends its call after each batch, so the first one comes when the filling has gone through.
      if (n >= keys) afterBundleCommit(() => say('filled'));
      for (;;) {
        const last = n + BATCH - 1;
        if (!tracker.tryClaim(last)) return undefined;
        const batch: KV<number, string>[] = [];
        const timestamps: Timestamp[] = [];
        for (; n <= last; n++) {
          // After the filling, each event finds the state of an earlier one.
          batch.push([n % keys, content(n)]);
          timestamps.push((START + Math.floor((n / keys) * 1000)) as Timestamp);
        }
        yield { values: batch, timestamps };
        if (n >= keys) return resume('10ms');
      }
    },
  }),
);

switch (values.kind) {
  case 'values':
    pairs.parDo('Keep', {
      state: { last: state.value<string>() },
      process([, next]: KV<number, string>, { state }) {
        if (state.last.read() !== undefined) say('output');
        state.last.write(next);
      },
    });
    break;
  case 'timers':
    pairs.parDo('Keep', {
      state: { last: state.value<string>() },
      timers: { end: timer.eventTime() },
      process([, next]: KV<number, string>, { state, timers }) {
        if (state.last.read() !== undefined) say('output');
        state.last.write(next);
        timers.end.set((START + DAY) as Timestamp);
      },
      onTimer: { end: () => [] },
    });
    break;
  case 'windows':
    pairs
      .window(fixed('1d'), { trigger: repeatedly(afterCount(2)), allowedLateness: '0s', accumulation: 'accumulating' })
      .groupByKey()
      .parDo('See', { process: () => say('output') });
    break;
  default:
    throw new Error(`there is no state of kind ${values.kind}`);
}
await p.run();
