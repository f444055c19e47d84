import { statusLines } from '../runners/direct/status-text.ts';
import { askRunning } from './attached.ts';
import { EXIT } from './exit-codes.ts';
import { plainProgress } from './progress/json-reporter.ts';
import type { Terminal } from './terminal.ts';

/** Prints how far the pipelines of another process are, and what they wait for. @returns the exit code */
export async function explainRunning(target: string, json: boolean, { stdout }: Terminal): Promise<number> {
  for await (const answer of askRunning(target, 'progress')) {
    if (answer.answer !== 'progress') continue;
    for (const { progress, ...job } of answer.jobs) {
      stdout.write(
        json
          ? `${JSON.stringify({ ...job, ...plainProgress(progress) })}\n`
          : `${statusLines(job.name, progress, Date.now()).join('\n')}\n`,
      );
    }
  }
  return EXIT.ok;
}
