import type { RunnerMessage } from '../../sdk/pipeline/runner.ts';

/** What of a runner's message is shown: the fine-grained ones when asked for, of errors the first line, for the job's own says the rest. */
export function messageText({ importance, text }: RunnerMessage, verbose: boolean): string | undefined {
  if (verbose) return importance === 'basic' ? text : `${importance}: ${text}`;
  if (importance === 'debug' || importance === 'detailed') return undefined;
  return importance === 'basic' ? text : `${importance}: ${text.split('\n', 1)[0]}`;
}
