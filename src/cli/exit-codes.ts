import { MillraceError, RunnerError } from '../sdk/errors.ts';
import { OptionError } from '../sdk/options/option-error.ts';

/** What the command exits with. */
export const EXIT = {
  ok: 0,
  /** The pipeline, or the program that holds it, failed. */
  failed: 1,
  /** The command line is wrong; nothing ran. */
  usage: 2,
  /** Stopped by Ctrl-C. */
  cancelled: 130,
  /** Stopped because nobody reads its output any more, as the system ends other commands of a pipe. */
  unread: 141,
  /** Stopped by SIGTERM. */
  terminated: 143,
} as const;

/** The command line is wrong. */
export class UsageError extends MillraceError {}

/** The exit code that an error means. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError || error instanceof OptionError) return EXIT.usage;
  if (error instanceof RunnerError && error.code === 'CANCELLED') return EXIT.cancelled;
  return EXIT.failed;
}
