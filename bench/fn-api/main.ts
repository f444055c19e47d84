import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { profile } from '../harness/profile.ts';
import { type Program, runProcess } from '../harness/run-program.ts';
import { describeMachine } from '../report/machine.ts';
import { printTargets, writeTables } from '../report/markdown.ts';
import type { FnApiOptions } from './options.ts';
import { type FnApiReport, fnApiMarkdown, fnApiTargets, type HarnessRun } from './report.ts';
import type { ShapeName } from './shapes.ts';

/** `npm run bench -- fn-api`, with what the command line says: see README.md in the folder above. */
export async function benchFnApi(options: FnApiOptions, argv: readonly string[]): Promise<void> {
  const { shapes, bundles, runs } = options;
  if (options.profile !== undefined) {
    for (const shape of shapes) {
      await profile(shape, options.profile, (nodeOptions) => harnessProgram(shape, bundles, nodeOptions));
    }
    return;
  }
  const found = shapes.map((shape) => ({ shape, runs: [] as HarnessRun[] }));
  for (let round = 0; round < runs; round++) {
    for (const { shape, runs } of found) {
      const { output } = await runProcess(harnessProgram(shape, bundles));
      const run = JSON.parse(output.trimEnd().split('\n').at(-1) ?? '') as HarnessRun;
      runs.push(run);
      console.log(`  ${shape.padEnd(10)} ${line(run)}`);
    }
  }
  const report: FnApiReport = {
    machine: describeMachine([]),
    command: ['npm run bench -- fn-api', ...argv].join(' '),
    shapes: found,
  };
  printTargets(fnApiTargets(report), console.log);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  if (options.markdown !== undefined) writeTables(options.markdown, fnApiMarkdown(report), 'fn-api');
}

function harnessProgram(shape: ShapeName, bundles: number, nodeOptions: readonly string[] = []): Program {
  const script = join(import.meta.dirname, 'harness-program.ts');
  return { command: process.execPath, arguments: [...nodeOptions, script, shape, String(bundles)] };
}

function line({ elementsPerSecond, threadMicros, stateCallsPerSecond, roundTripMicros }: HarnessRun): string {
  const cells = [
    `${(elementsPerSecond / 1000).toFixed(0)} k elements/s`,
    `processor ${threadMicros.toFixed(2)} µs each`,
  ];
  if (roundTripMicros !== undefined) {
    cells.push(`${(stateCallsPerSecond / 1000).toFixed(1)} k state calls/s`, `${roundTripMicros.toFixed(0)} µs a call`);
  }
  return cells.join(', ');
}
