import type { JobProgress, PipelineResult } from '../../sdk/pipeline/pipeline-result.ts';
import type { RunnerMessage } from '../../sdk/pipeline/runner.ts';

/** Shows a job to whoever started the command. One reporter serves all jobs of a program, one after the other. */
export interface Reporter {
  started(name: string): void;
  /** How the job has begun, in words: with a checkpoint, or anew. */
  began(text: string): void;
  progress(progress: JobProgress): void;
  /** The job has ended well. */
  finished(result: PipelineResult): void;
  /** The job has failed or was cancelled; the error itself is printed elsewhere. */
  stopped(): void;
  /** A portable runner says something about the job. */
  message(message: RunnerMessage): void;
  /** Something the user should know now. */
  note(text: string): void;
}

/** Shows nothing but notes. */
export function quietReporter(write: (text: string) => void): Reporter {
  return {
    started() {},
    began() {},
    progress() {},
    finished() {},
    stopped() {},
    message() {},
    note: (text) => write(`${text}\n`),
  };
}
