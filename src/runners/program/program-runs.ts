import type { PipelineResult } from '../../sdk/pipeline/pipeline-result.ts';
import type { PlainError } from '../core/coordination/messages.ts';
import { plainError } from '../core/coordination/plain-error.ts';
import { type PlainResult, plainOf } from '../core/job/job-result.ts';

/** How a run of the program ended. */
export type EarlierRun = { readonly result: PlainResult } | { readonly error: PlainError };

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
