import { watermarkText } from '../../runners/direct/status-text.ts';
import type { JobProgress } from '../../sdk/pipeline/pipeline-result.ts';
import type { Reporter } from './reporter.ts';

/** One JSON object a line, each with an `event`: `start`, `progress`, `result`, `message`, `note`; errors add one of their own. */
export function jsonReporter(write: (text: string) => void): Reporter {
  const emit = (event: string, body: object) => write(`${JSON.stringify({ event, ...body })}\n`);
  return {
    started: (pipeline) => emit('start', { pipeline }),
    // The reports of its progress say the same.
    began() {},
    progress: (progress) => emit('progress', plainProgress(progress)),
    finished: ({ state, millis, resumed, metrics }) =>
      emit('result', { state, millis, resumed, metrics: { user: metrics.user, transforms: metrics.transforms } }),
    stopped() {},
    message: ({ importance, text }) => emit('message', { importance, text }),
    note: (text) => emit('note', { text }),
  };
}

/** Watermarks as ISO, `-` or `end`: the numbers of Beam's first and last time mean nothing to other programs. */
export function plainProgress({ stages, ...job }: JobProgress): object {
  return {
    ...job,
    stages: stages.map((stage) =>
      stage.watermark === undefined ? stage : { ...stage, watermark: watermarkText(stage.watermark) },
    ),
  };
}
