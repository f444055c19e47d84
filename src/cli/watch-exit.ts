import { RunnerError } from '../sdk/errors.ts';
import { EXIT } from './exit-codes.ts';

/** The end of the process, as the command sees it. */
export interface ExitWatch {
  /** Ends the process; that is not the program's doing. */
  leave(exitCode: number): never;
  release(): void;
}

/**
 * Notices when the program ends the process under a running job, with `process.exit()` in one of its functions: that is
 * reported, and no success.
 */
export function watchExit(jobs: { readonly busy: boolean }, report: (error: unknown) => void): ExitWatch {
  let isKnown = false;
  // Node says itself what nobody has caught.
  const caught = (): void => {
    isKnown = true;
  };
  const listener = (exitCode: number): void => {
    if (isKnown || !jobs.busy) return;
    report(
      new RunnerError(
        'PROCESS_ENDED',
        `The program ended the process, with exit code ${exitCode}, while its pipeline ran`,
        {
          hint: 'look for process.exit(): in a function of the pipeline, throw an error instead',
        },
      ),
    );
    if (exitCode === EXIT.ok) process.exitCode = EXIT.failed;
  };
  process.on('exit', listener);
  process.on('uncaughtExceptionMonitor', caught);
  return {
    leave(exitCode) {
      isKnown = true;
      process.exit(exitCode);
    },
    release() {
      process.off('exit', listener);
      process.off('uncaughtExceptionMonitor', caught);
    },
  };
}
