import { parseArgs } from 'node:util';
import { startMeasurement } from '../harness/measurement.ts';

type Answer = readonly [number, number];

/** What plain Node does with a workload when there is no engine. */
export interface Limit {
  /** Bytes, typed arrays and hashes, written for this one job: what an engine can at best come near. */
  fast(input: LimitInput): Answer;
  /** The loop that people write: a line, a split, an object, a Map. */
  naive(input: LimitInput): Promise<Answer>;
}

export interface LimitInput {
  /** Path of an input file. */
  file(name: string): string;
  /** Elements to make up, where the workload reads no file. */
  readonly elements: number;
}

/** Runs one of the two as a program: `node limits/w1-word-count.ts fast --data FOLDER`. */
export async function runLimit(limit: Limit): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { data: { type: 'string', default: '.' }, elements: { type: 'string', default: '0' } },
  });
  const input: LimitInput = { file: (name) => `${values.data}/${name}`, elements: Number(values.elements) };
  const end = startMeasurement();
  end(positionals[0] === 'fast' ? limit.fast(input) : await limit.naive(input));
}
