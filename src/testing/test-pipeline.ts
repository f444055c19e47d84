import { type Job, Pipeline, type PipelineResult, type RunOptions, UserCodeError } from '../sdk/index.ts';
import { assertionsOf } from './assertion-registry.ts';
import { expectRun, noteRun } from './unrun-assertions.ts';

/**
 * A pipeline for tests: runs in the calling thread, in strict mode, with one attempt, unless told otherwise; and `run`
 * fails when an assertion was not evaluated. When it has assertions and was never run, the process says so at its end and
 * fails: the exit code is 1. On a portable runner only strict mode is its own.
 */
export class TestPipeline extends Pipeline {
  constructor(options: RunOptions & { readonly name?: string } = {}) {
    const here: RunOptions = options.runner === 'portable' ? {} : { threads: 0, maxAttempts: 1 };
    super({ name: 'test', strict: true, ...here, ...options });
    expectRun(assertionsOf(this));
  }

  /**
   * Runs the pipeline to its end.
   *
   * @throws UserCodeError when an assertion does not hold (`ASSERTION_FAILED`), was begun and states nothing
   *   (`ASSERTION_INCOMPLETE`), or was not evaluated (`ASSERTION_NOT_RUN`)
   */
  override async run(options: RunOptions = {}): Promise<PipelineResult> {
    const assertions = assertionsOf(this);
    noteRun(assertions);
    for (const { name, counters } of assertions) {
      if (counters.length > 0) continue;
      throw new UserCodeError('ASSERTION_INCOMPLETE', `${name} states nothing`, {
        hint: 'say what the collection holds: containsInAnyOrder(…), isEqualTo(…), isEmpty(), countIs(…), satisfies(…)',
      });
    }
    const result = await super.run(options);
    for (const { name, counters } of assertions) {
      if (counters.some((counter) => result.metrics.counter(counter) === 0)) {
        throw new UserCodeError('ASSERTION_NOT_RUN', `${name} was never evaluated, though the pipeline is done`);
      }
    }
    return result;
  }

  override start(options: RunOptions = {}): Promise<Job> {
    noteRun(assertionsOf(this));
    return super.start(options);
  }
}
