import { writeFileSync } from 'node:fs';
import { profile } from '../harness/profile.ts';
import { describeMachine } from '../report/machine.ts';
import { printTargets, writeTables } from '../report/markdown.ts';
import { nexmarkMarkdown } from './markdown.ts';
import {
  measureCheckpoints,
  measureFlink,
  measureGenerator,
  measureLatency,
  measureThroughput,
} from './measure-queries.ts';
import { measureKeys, measureRestarts } from './measure-state.ts';
import type { NexmarkOptions } from './options.ts';
import { nexmarkProgram } from './programs.ts';
import { type NexmarkReport, nexmarkTargets } from './report.ts';

const PROFILED = 2_000_000;

/** `npm run bench -- nexmark`, with what the command line says: see README.md in the folder above. */
export async function benchNexmark(options: NexmarkOptions, argv: readonly string[]): Promise<void> {
  if (options.profile !== undefined) return profileQueries(options, options.profile);
  const report = await measure(options, ['npm run bench -- nexmark', ...argv].join(' '));
  printTargets(nexmarkTargets(report), console.log);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  if (options.markdown !== undefined) writeTables(options.markdown, nexmarkMarkdown(report));
}

async function measure(options: NexmarkOptions, command: string): Promise<NexmarkReport> {
  const { parts, runs, seconds } = options;
  const begin = (part: string, title: string): boolean => {
    const wanted = parts.some((each) => each === part);
    if (wanted) console.log(title);
    return wanted;
  };
  const generatorNanos = await measureGenerator(runs);
  console.log(`Generator: ${generatorNanos.toFixed(0)} ns per event`);
  const throughput = begin('throughput', 'Throughput') ? await measureThroughput(options, console.log) : [];
  return {
    machine: describeMachine(parts.includes('flink') ? ['flink'] : []),
    command,
    generatorNanos,
    throughput,
    latency: begin('latency', 'Latency') ? await measureLatency(throughput, seconds, console.log) : [],
    checkpoints: begin('checkpoint', 'Checkpoints') ? await measureCheckpoints(options, console.log) : [],
    restarts: begin('restart', 'Restart') ? await measureRestarts(runs, console.log) : [],
    keys: begin('keys', 'Keys') ? await measureKeys(console.log) : undefined,
    flink: begin('flink', 'Flink') ? await measureFlink(throughput, console.log) : [],
  };
}

async function profileQueries({ queries, events = PROFILED }: NexmarkOptions, folder: string): Promise<void> {
  for (const query of queries) {
    await profile(query, folder, (nodeOptions) => nexmarkProgram('query', { query, events }, nodeOptions));
  }
}
