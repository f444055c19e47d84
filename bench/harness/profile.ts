import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from './run-program.ts';
import { runProcess } from './run-program.ts';

/** A V8 profile, as far as it is read here. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

const LINES = 25;

/**
 * Runs a program once under V8's profiler and prints, for each of its threads, the functions that time was spent in.
 * The profiles stay in the folder, for a browser's developer tools.
 */
export async function profile(
  name: string,
  folder: string,
  program: (nodeOptions: readonly string[]) => Program,
): Promise<void> {
  const own = join(folder, name.replaceAll(/\W+/g, '-'));
  rmSync(own, { recursive: true, force: true });
  mkdirSync(own, { recursive: true });
  await runProcess(program(['--cpu-prof', '--cpu-prof-dir', own]));
  for (const file of readdirSync(own).sort()) {
    console.log(`\n${name}: ${join(own, file)}`);
    console.log(selfTimes(JSON.parse(readFileSync(join(own, file), 'utf8'))).join('\n'));
  }
}

/** The functions by the time spent in themselves, most first. */
function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): string[] {
  const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  const times = new Map<string, number>();
  let busy = 0;
  samples.forEach((id, i) => {
    const place = places.get(id) ?? '?';
    if (place.startsWith('(idle)')) return;
    times.set(place, (times.get(place) ?? 0) + timeDeltas[i]);
    busy += timeDeltas[i];
  });
  const sorted = [...times].sort(([, a], [, b]) => b - a).slice(0, LINES);
  return sorted.map(([place, micros]) => {
    const share = ((micros / busy) * 100).toFixed(1);
    return `${(micros / 1e6).toFixed(3).padStart(9)} s ${share.padStart(5)} %  ${place}`;
  });
}

function placeOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const file = url.split('/').slice(-3).join('/');
  return `${functionName === '' ? '(anonymous)' : functionName}${file === '' ? '' : ` ${file}:${lineNumber + 1}`}`;
}
