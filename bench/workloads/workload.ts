import { parseArgs } from 'node:util';
import type { Counter, DoFn, KV, Pipeline, RunOptions, Window } from 'millrace';
import { startMeasurement } from '../harness/measurement.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '.' },
    elements: { type: 'string', default: '0' },
    threads: { type: 'string', default: '1' },
    memory: { type: 'string' },
    endpoint: { type: 'string' },
  },
});

/** Path of an input file. */
export const input = (name: string): string => `${values.data}/${name}`;

/** Elements to make up, where the workload reads no file. */
export const elements = Number(values.elements);

/** How the command line wants the pipeline run: on this machine's threads, or by a job server that calls this process back. */
export const options: RunOptions =
  values.endpoint === undefined
    ? { threads: Number(values.threads), ...(values.memory === undefined ? {} : { memory: values.memory }) }
    : { runner: 'portable', endpoint: values.endpoint, runnerOptions: { parallelism: 1 } };

/** Counts the pairs and adds up their values, in the counters that {@link runWorkload} reports. */
export function digest<K, W extends Window>(): DoFn<KV<K, number>, never, {}, {}, W> {
  let groups: Counter;
  let total: Counter;
  return {
    startBundle({ metrics }) {
      groups = metrics.counter('groups');
      total = metrics.counter('total');
    },
    process([, value]) {
      groups.inc();
      total.inc(value);
    },
  };
}

/** Runs the pipeline and prints its time with the counters `groups` and `total`. */
export async function runWorkload(pipeline: Pipeline): Promise<void> {
  const end = startMeasurement();
  const { metrics } = await pipeline.run();
  end([metrics.counter('groups'), metrics.counter('total')]);
}
