import { type JobMessage, JobMessageImportance } from '../../model/job-management.ts';
import type { RunnerMessage } from '../../sdk/pipeline/runner.ts';

const IMPORTANCES: ReadonlyMap<JobMessageImportance, RunnerMessage['importance']> = new Map([
  [JobMessageImportance.JOB_MESSAGE_DEBUG, 'debug'],
  [JobMessageImportance.JOB_MESSAGE_DETAILED, 'detailed'],
  [JobMessageImportance.JOB_MESSAGE_WARNING, 'warning'],
  [JobMessageImportance.JOB_MESSAGE_ERROR, 'error'],
]);

export function runnerMessage({ importance, messageText }: JobMessage): RunnerMessage {
  return { importance: IMPORTANCES.get(importance) ?? 'basic', text: messageText };
}
