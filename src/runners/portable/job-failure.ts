import { JobState } from '../../model/job-management.ts';
import { MillraceError, RunnerError, summaryOf } from '../../sdk/errors.ts';
import type { RunnerMessage, RunOptions } from '../../sdk/pipeline/runner.ts';

/** Errors of the runner, and failures of functions, that are remembered of a job: the last ones. */
const MAX_KEPT = 20;
/** Characters of a runner's error that are shown: some send whole stacks of theirs. */
const MAX_TEXT = 4000;

/** How calls to a server end that is gone, or is there and answers nothing. */
const LOST: ReadonlySet<string> = new Set(['RPC_UNAVAILABLE', 'RPC_DEADLINE_EXCEEDED']);

/** Gathers what goes wrong in a job, and says at its end what it failed of. */
export class JobFailure {
  readonly #messages: string[] = [];
  readonly #failures: unknown[] = [];
  #final: MillraceError | undefined;
  #onFinal: (() => void) | undefined;

  message({ importance, text }: RunnerMessage): void {
    if (importance === 'error') keep(this.#messages, text);
  }

  /** A bundle has failed in this process. The runner may try it again. */
  failed(error: unknown): void {
    keep(this.#failures, error);
    if (!(error instanceof MillraceError) || error.context.final !== true || this.#final !== undefined) return;
    this.#final = error;
    this.#onFinal?.();
  }

  /** A failure that would be the same again, whatever the runner tries. */
  get final(): MillraceError | undefined {
    return this.#final;
  }

  /** Calls back when there is such a failure, now or later. */
  whenFinal(callback: () => void): void {
    this.#onFinal = callback;
    if (this.#final !== undefined) callback();
  }

  /**
   * The error of a failed job: that of the user's function where this process has seen it and the runner speaks of it, else
   * the runner's own words.
   */
  error(jobId: string): unknown {
    const said = this.#messages.join('\n');
    const own = this.#failures.findLast((failure) => said === '' || said.includes(firstLine(failure)));
    if (own !== undefined) return own;
    const text =
      said === '' ? 'The runner does not say why' : said.length > MAX_TEXT ? `${said.slice(0, MAX_TEXT)}…` : said;
    const cause = this.#failures.at(-1);
    return new RunnerError('JOB_FAILED', `The job has failed on its runner: ${text}`, {
      resource: `job ${jobId}`,
      hint: "the runner's log may say more",
      ...(cause === undefined ? {} : { cause }),
    });
  }
}

/** What the failure of watching a job means. @returns RunnerError `RUNNER_LOST`, or another error as it is */
export function watchFailure(error: unknown, jobId: string, { environment, environmentConfig }: RunOptions): unknown {
  if (!(error instanceof RunnerError) || !LOST.has(error.code)) return error;
  const look = "look whether the runner is alive, and in the runner's log";
  const pool = `; from its machines it must reach the worker pool at ${environmentConfig}`;
  return new RunnerError('RUNNER_LOST', `The runner was lost while job ${jobId} ran`, {
    hint: environment === 'external' ? look + pool : look,
    cause: error,
  });
}

function keep<T>(list: T[], item: T): void {
  list.push(item);
  if (list.length > MAX_KEPT) list.shift();
}

function firstLine(error: unknown): string {
  return summaryOf(error).split('\n', 1)[0];
}

/** A state as Beam's other clients print it. */
export function stateName(state: JobState): string {
  return Object.entries(JobState).find(([, value]) => value === state)?.[0] ?? 'UNSPECIFIED';
}
