import type { JobProgress, PipelineResult } from '../../sdk/pipeline/pipeline-result.ts';
import type { Output } from '../terminal.ts';
import { liveView } from './live-view.ts';
import { messageText } from './message-text.ts';
import { ProgressMeter } from './progress-meter.ts';
import type { Reporter } from './reporter.ts';
import { summaryLines } from './summary.ts';

const MAX_ROWS = 16;
const CLEAR_LINE = '\u001b[2K';
const CLEAR_BELOW = '\u001b[J';

/** A stream whose `write` can be replaced, as those of `process` can. */
interface Patchable {
  write: unknown;
}

/**
 * Redraws the picture of a job in place on a terminal.
 *
 * @param terminal where it draws
 * @param others streams that the user's program may write to: before each of their writes the picture is taken away,
 *   so that the two do not mix, and it is drawn again below with the next report.
 */
export function liveReporter(terminal: Output, others: readonly Output[], verbose: boolean): Reporter {
  let name = '';
  let meter = new ProgressMeter();
  let drawn = 0;
  let restore: (() => void) | undefined;
  const write = terminal.write.bind(terminal);

  const clear = (): void => {
    if (drawn > 0) write(`\u001b[${drawn}A\r${CLEAR_BELOW}`);
    drawn = 0;
  };
  const draw = (progress: JobProgress): void => {
    const pace = meter.update(progress);
    const rows = Math.min(MAX_ROWS, (terminal.rows ?? 24) - 1);
    const lines = liveView(name, progress, pace, rows, terminal.columns ?? 80);
    const up = drawn > 0 ? `\u001b[${drawn}A\r` : '';
    write(`${up}${lines.map((line) => `${CLEAR_LINE}${line}\n`).join('')}${CLEAR_BELOW}`);
    drawn = lines.length;
  };
  const end = (): void => {
    clear();
    restore?.();
    restore = undefined;
  };
  const note = (text: string): void => {
    clear();
    write(`${text}\n`);
  };
  return {
    started(pipelineName) {
      name = pipelineName;
      meter = new ProgressMeter();
      restore ??= interceptWrites(new Set([terminal, ...others]), clear);
    },
    began: note,
    progress: draw,
    finished(result: PipelineResult) {
      end();
      write(`${name}: ${summaryLines(result, verbose).join('\n')}\n`);
    },
    stopped: end,
    message(message) {
      const text = messageText(message, verbose);
      if (text !== undefined) note(text);
    },
    note,
  };
}

/** Calls `before` ahead of every write to the streams and every warning, until the returned function is called. */
function interceptWrites(streams: ReadonlySet<Output>, before: () => void): () => void {
  const undo = [...streams].map((stream) => {
    const patchable = stream as Patchable;
    const original = patchable.write as (...args: unknown[]) => unknown;
    const patched = function (this: unknown, ...args: unknown[]): unknown {
      before();
      return original.apply(stream, args);
    };
    patchable.write = patched;
    return () => {
      if (patchable.write === patched) patchable.write = original;
    };
  });
  // Node prints warnings past the streams' `write`.
  process.prependListener('warning', before);
  undo.push(() => process.off('warning', before));
  return () => {
    for (const action of undo) action();
  };
}
