import type { PipelineResult } from '../../sdk/pipeline/pipeline-result.ts';
import { plainError } from '../core/coordination/plain-error.ts';
import { plainOf } from '../core/job/job-result.ts';
import type { EarlierRun } from './worker-start.ts';

const ended: (EarlierRun | undefined)[] = [];
let runs = 0;

/** One run of this thread's program. */
export interface ProgramRun {
  /** Counted from 0. */
  readonly number: number;
  /** How the runs before it have ended; `undefined` for those that have not. */
  readonly earlier: readonly (EarlierRun | undefined)[];
  /** Records how the run ended, which workers of later runs are told. */
  ended(result: PipelineResult): void;
  failed(error: unknown): void;
}

/** Counts a run. To be called first thing in each, also in one that fails at once: workers count the calls of `run()`. */
export function countRun(): ProgramRun {
  const number = runs++;
  return {
    number,
    get earlier() {
      return Array.from({ length: number }, (_, run) => ended[run]);
    },
    ended(result) {
      ended[number] = { result: plainOf(result) };
    },
    failed(error) {
      ended[number] = { error: plainError(error) };
    },
  };
}
