import type { JobProgress, PipelineResult } from '../../sdk/pipeline/pipeline-result.ts';
import { formatBytes, formatCount, formatMillis } from './format.ts';
import { messageText } from './message-text.ts';
import { type Pace, ProgressMeter } from './progress-meter.ts';
import type { Reporter } from './reporter.ts';
import { checkpointText, isStream, streamLine } from './stream-stages.ts';
import { summaryLines } from './summary.ts';

/** Between two lines about a job in which nothing else happens, in milliseconds. */
const LINE_EVERY = 10_000;

/** Stages of a stream that are printed at once. */
const MAX_STAGES = 50;

/** Whole lines, for logs: when a stage ends, and every ten seconds; of a stream then each stage. */
export function plainReporter(write: (text: string) => void, verbose: boolean): Reporter {
  let meter = new ProgressMeter();
  let lastLine = 0;
  let done = new Set<number>();
  const line = (text: string) => write(`${text}\n`);
  return {
    started(name) {
      meter = new ProgressMeter();
      lastLine = 0;
      done = new Set();
      line(`${name}: started in process ${process.pid}`);
    },
    began: line,
    progress(progress) {
      // What an earlier run has done is no news of this one.
      if (progress.resumed?.isEnded) return;
      const pace = meter.update(progress);
      const { elapsedMillis, stages } = progress;
      let finished = 0;
      for (const [i, stage] of stages.entries()) {
        if (stage.state !== 'done' || done.has(i)) continue;
        done.add(i);
        finished++;
        const plural = stage.elements === 1 ? '' : 's';
        const bytes = stage.watermark === undefined ? `, ${formatBytes(stage.bytes)}` : '';
        const amount = `${formatCount(stage.elements)} element${plural}${bytes}`;
        line(`stage ${i + 1}/${stages.length} done after ${formatMillis(elapsedMillis)}: ${stage.name}, ${amount}`);
      }
      if (finished > 0) lastLine = elapsedMillis;
      if (elapsedMillis - lastLine < LINE_EVERY) return;
      lastLine = elapsedMillis;
      if (progress.runnerState !== undefined) {
        return line(`${progress.runnerState} after ${formatMillis(elapsedMillis)}`);
      }
      if (isStream(progress)) return streamLines(progress, pace).forEach(line);
      const eta = pace.etaMillis === undefined ? '' : `, about ${formatMillis(pace.etaMillis)} left`;
      line(
        `${Math.floor(pace.fraction * 100)} % after ${formatMillis(elapsedMillis)}: ` +
          `${formatCount(pace.elementsPerSecond)} elements/s, ${formatBytes(pace.bytesPerSecond)}/s${eta}`,
      );
    },
    finished: (result: PipelineResult) => summaryLines(result, verbose).forEach(line),
    stopped() {},
    message(message) {
      const text = messageText(message, verbose);
      if (text !== undefined) line(text);
    },
    note: line,
  };
}

function streamLines(progress: JobProgress, pace: Pace): string[] {
  const { elapsedMillis, stages, waitsFor } = progress;
  const head = [
    `after ${formatMillis(elapsedMillis)}: ${formatCount(pace.elementsPerSecond)} elements/s`,
    ...checkpointText(progress),
    ...(waitsFor === undefined ? [] : [`waits for ${waitsFor}`]),
  ];
  const running = [...stages.entries()].filter(([, { state }]) => state !== 'done');
  const lines = running
    .slice(0, MAX_STAGES)
    .map(([i, stage]) => `  stage ${i + 1}/${stages.length} ${stage.name}: ${streamLine(stage)}`);
  if (running.length > MAX_STAGES) lines.push(`  … ${running.length - MAX_STAGES} more stages`);
  return [head.join(', '), ...lines];
}
