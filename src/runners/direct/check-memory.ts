import { PipelineError } from '../../sdk/errors.ts';
import type { ExecutionPlan } from '../core/plan/execution-plan.ts';
import type { RunSettings } from './run-settings.ts';

/** What a grouping or a stored collection needs of the budget per thread: an eighth of it is its buffer. */
const BYTES_PER_WRITE = 128 * 1024;

/**
 * A stage that fills many groupings at once divides its memory among them; with too little for each, what is sorted and
 * merged again and again are a few elements.
 *
 * @throws PipelineError `MEMORY_TOO_SMALL`
 */
export function checkMemory({ stages }: ExecutionPlan, { memory, threads }: RunSettings): void {
  const widest = stages.reduce((a, b) => (b.writes.length > a.writes.length ? b : a), stages[0]);
  if (widest === undefined) return;
  const needed = widest.writes.length * Math.max(1, threads) * BYTES_PER_WRITE;
  if (needed <= memory) return;
  const mebibytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  throw new PipelineError(
    'MEMORY_TOO_SMALL',
    `Stage ${widest.id + 1} writes ${widest.writes.length} groupings or collections at once, for which a memory budget of ${mebibytes(memory)} is too small`,
    {
      hint: `at least ${mebibytes(needed)} on ${Math.max(1, threads)} thread${threads > 1 ? 's' : ''}: raise the option memory, or use fewer threads. millrace explain shows the stages`,
    },
  );
}
