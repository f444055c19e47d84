import { RunnerError } from '../../../sdk/errors.ts';

/** Why a signal was aborted, in words. */
export function abortReason(signal: AbortSignal | undefined): string {
  const reason: unknown = signal?.reason;
  return reason instanceof RunnerError ? reason.summary : reason instanceof Error ? reason.message : String(reason);
}
