import type { StageProgress } from '../../../sdk/pipeline/pipeline-result.ts';
import type { Bundle } from './bundle.ts';
import type { ChannelContents } from './channel-contents.ts';
import type { RunningShare, StageState } from './stage-state.ts';

/** How far the stages of a job are, in the order of the plan; what is not known of their work yet is estimated. */
export function stageProgress(
  states: readonly StageState[],
  contents: ChannelContents,
  shareOf: (bundle: Bundle) => RunningShare,
): StageProgress[] {
  const known = new Map<StageState, StageProgress & { readonly work: number }>();
  for (const state of states) {
    const progress = state.progress(shareOf);
    const isComplete = state.writers.every((writer) => writer.state === 'done') && state.state !== 'waiting';
    const work = isComplete ? progress.work : Math.max(progress.work, expectedWork(state, contents, known));
    known.set(state, { ...progress, work });
  }
  return [...known.values()];
}

/** What will have come out of the stages before, if the rest of them gives as much as what is done. */
function expectedWork(
  { stage: { input }, writers }: StageState,
  contents: ChannelContents,
  known: ReadonlyMap<StageState, { readonly work: number; readonly fraction: number }>,
): number {
  if (input.kind !== 'channel') return 1;
  let work = 0;
  let done = 0;
  let waiting = 0;
  for (const writer of writers) {
    const progress = known.get(writer);
    if (progress === undefined) continue;
    if (writer.state === 'waiting') waiting += progress.work;
    else {
      work += progress.work;
      done += progress.work * progress.fraction;
    }
  }
  const written = contents.written(input.channel);
  if (writers.every(({ state }) => state === 'done')) return written;
  // Nothing is known of what has not begun: as much may come out as goes in.
  return waiting + (done === 0 || written === 0 ? work - done : (written * work) / done);
}
