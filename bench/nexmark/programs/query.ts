/** One Nexmark query over a stream of events, as fast as it goes or at a rate: what `npm run bench -- nexmark` starts. */
import { parseArgs } from 'node:util';
import { type DoFn, type PCollection, Pipeline, type RunOptions, type Window } from 'millrace';
import { type NexmarkQuery, queries } from '../../../examples/nexmark/queries/index.ts';
import { readNexmark } from '../../../examples/nexmark/source.ts';
import { startMeasurement } from '../../harness/measurement.ts';
import { LatencyHistogram } from './latency-histogram.ts';

const { values } = parseArgs({
  options: {
    query: { type: 'string', default: 'q0' },
    events: { type: 'string', default: '1000000' },
    /** Events per second of event time; with `--paced`, of time. */
    rate: { type: 'string', default: '10000' },
    paced: { type: 'boolean', default: false },
    /** Milliseconds after whose end latencies count. */
    warmup: { type: 'string', default: '0' },
    checkpoints: { type: 'string' },
  },
});

/** Windows of ten seconds begin and end with the stream. */
const ALIGNMENT = 10_000;
const SATURATED_START = Date.UTC(2026, 0, 1);

const name = values.query as keyof typeof queries;
const query: NexmarkQuery | undefined = queries[name];
if (query === undefined) throw new Error(`there is no query ${values.query}`);
const start = values.paced ? Math.ceil((Date.now() + 1000) / ALIGNMENT) * ALIGNMENT : SATURATED_START;
const countFrom = start + Number(values.warmup);
/** The step at the stream's end gives out everything there is, as none does before. */
const countUntil = start + (Number(values.events) / Number(values.rate) - 1) * 1000;

const latencies = new LatencyHistogram();
let outputs = 0;
let times = 0;

/** Counts; in real time, by how much each result comes after its timestamp, when its last event could come. */
function sink(): DoFn<unknown, never> {
  if (!values.paced) {
    return {
      process(_, { timestamp }) {
        outputs++;
        times += timestamp % 1000;
      },
    };
  }
  return {
    process(_, { timestamp }) {
      outputs++;
      const latency = performance.timeOrigin + performance.now() - timestamp;
      if (timestamp >= countFrom && timestamp <= countUntil) latencies.add(latency);
    },
  };
}

const options: RunOptions =
  values.checkpoints === undefined ? {} : { checkpointDir: values.checkpoints, checkpointInterval: '10s' };
const p = new Pipeline({ name: `nexmark-${name}`, threads: 0, ...options });
const events = p.apply(
  readNexmark({ start, rate: Number(values.rate), events: Number(values.events), realTime: values.paced }),
);
(query(events) as PCollection<unknown, Window>).parDo('Sink', sink());

const end = startMeasurement();
await p.run();
end([outputs, times], values.paced ? { latency: latencies.summary() } : {});
