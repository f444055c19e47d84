import assert from 'node:assert/strict';
import { NO_STREAM_FAULTS, type SimulatedStream, type StreamFaults, simulateStream } from './simulate-stream.ts';
import { streamPipelines } from './stream-pipelines.ts';

const names = Object.keys(streamPipelines) as (keyof typeof streamPipelines)[];
const expected = new Map<string, SimulatedStream['contents']>();

/** Faults of a seed: each kind alone, and both at once. */
function faultsOf(seed: number): StreamFaults {
  const kind = Math.floor(seed / names.length) % 3;
  return { kill: kind === 1 ? 0 : 0.01, fail: kind === 2 ? 0 : 0.005 };
}

/** One schedule; fails when what it has delivered differs from the fault-free one. */
export async function checkStreamSeed(seed: number): Promise<SimulatedStream> {
  const name = names[seed % names.length];
  let want = expected.get(name);
  if (want === undefined) {
    want = (await simulateStream(streamPipelines[name], 0, NO_STREAM_FAULTS)).contents;
    assert.ok(want.length > 0, `${name} delivers nothing`);
    expected.set(name, want);
  }
  const result = await simulateStream(streamPipelines[name], seed, faultsOf(seed));
  assert.deepEqual(result.contents, want, `seed ${seed} (${name}) delivered something else than the fault-free run`);
  return result;
}
