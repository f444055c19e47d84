import assert from 'node:assert/strict';
import { pipelines } from './pipelines.ts';
import { type Faults, NO_FAULTS, type Simulated, simulate } from './simulate.ts';

const names = Object.keys(pipelines) as (keyof typeof pipelines)[];
const expected = new Map<string, Simulated['counters']>();

/** Faults of a seed: each kind alone, and all at once. */
function faultsOf(seed: number): Faults {
  const all: Faults = { lose: 0.1, repeat: 0.2, diskError: 0.02, crashEvery: 150 };
  const kind = Math.floor(seed / names.length) % 5;
  if (kind === 0) return all;
  const one = (['lose', 'repeat', 'diskError', 'crashEvery'] as const)[kind - 1];
  return { ...NO_FAULTS, [one]: all[one] };
}

/** One schedule; fails when its result differs from the fault-free one. */
export async function checkSeed(seed: number): Promise<Simulated> {
  const name = names[seed % names.length];
  let want = expected.get(name);
  if (want === undefined) {
    const calm = await simulate(pipelines[name], 0, NO_FAULTS);
    if (calm.outcome.error !== undefined) throw calm.outcome.error;
    want = calm.counters;
    expected.set(name, want);
  }
  const result = await simulate(pipelines[name], seed, faultsOf(seed));
  if (result.outcome.error !== undefined) throw result.outcome.error;
  assert.deepEqual(result.counters, want, `seed ${seed} (${name}) gave another result than the fault-free run`);
  return result;
}
