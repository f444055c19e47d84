import type { JobProgress, StageProgress } from '../../sdk/pipeline/pipeline-result.ts';
import { formatBytes, formatClock, formatCount } from './format.ts';
import type { Pace } from './progress-meter.ts';
import { checkpointText, isStream, streamCells } from './stream-stages.ts';

const BAR_CELLS = 12;
/** Eighths of a cell. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const MARKS = { waiting: '·', running: '▸', done: '✓' } as const;

/**
 * The live picture of a job, as lines without styles: a headline and one line per stage, numbered as `explain` does. Of a
 * stream, which has no end to measure against, a stage shows watermark, lag, elements, rate and backlog.
 *
 * @param rows most lines, @param columns most characters of a line
 */
export function liveView(name: string, progress: JobProgress, pace: Pace, rows: number, columns: number): string[] {
  const { stages } = progress;
  const endless = isStream(progress);
  const head = headline(name, progress, pace);
  const shown = choose(stages, Math.max(1, rows - 2));
  const hidden = stages.length - shown.length;
  const cells = shown.map(endless ? streamCells : stageCells);
  const numbers = new Map(stages.map((stage, i) => [stage, String(i + 1).padStart(String(stages.length).length)]));
  const widths = cells[0]?.map((_, i) => Math.max(...cells.map((row) => row[i].length))) ?? [];
  const lines = cells.map((row, i) => {
    const figures = row.flatMap((cell, column) => (widths[column] === 0 ? [] : [cell.padStart(widths[column])]));
    const start = `${MARKS[shown[i].state]} ${numbers.get(shown[i])} ${endless ? '' : `${bar(shown[i])} `}`;
    return `${start}${figures.join('  ')}  ${shown[i].name}`;
  });
  if (hidden > 0) lines.push(`  … ${hidden} more stage${hidden === 1 ? '' : 's'}`);
  return [head, ...lines].map((line) => truncate(line, columns));
}

function headline(name: string, progress: JobProgress, pace: Pace): string {
  const { elapsedMillis } = progress;
  if (progress.runnerState !== undefined) return `${name}  ${progress.runnerState}  ${formatClock(elapsedMillis)}`;
  const share = [
    `${Math.floor(pace.fraction * 100)} %`,
    `${formatCount(pace.elementsPerSecond)} elements/s`,
    `${formatBytes(pace.bytesPerSecond)}/s`,
    ...(pace.etaMillis === undefined ? [] : [`ETA ${formatClock(pace.etaMillis)}`]),
  ];
  const endless = [
    `${formatCount(pace.elementsPerSecond)} elements/s`,
    ...checkpointText(progress),
    ...(progress.waitsFor === undefined ? [] : [`waits for ${progress.waitsFor}`]),
  ];
  return [`${name}  ${formatClock(elapsedMillis)}`, ...(isStream(progress) ? endless : share)].join('  ');
}

/** Running stages first when there is not room for all, in the order of the plan. */
function choose(stages: readonly StageProgress[], room: number): readonly StageProgress[] {
  if (stages.length <= room) return stages;
  const rank = { running: 0, waiting: 1, done: 2 } as const;
  const picked = new Set([...stages].sort((a, b) => rank[a.state] - rank[b.state]).slice(0, Math.max(1, room - 1)));
  return stages.filter((stage) => picked.has(stage));
}

function stageCells(stage: StageProgress): string[] {
  const { state, fraction, elements, bytes, bundlesDone, bundlesTotal } = stage;
  return [
    `${state === 'done' ? 100 : Math.floor(fraction * 100)} %`,
    formatCount(elements),
    bytes === 0 ? '' : formatBytes(bytes),
    bundlesTotal === 0 ? '' : `${bundlesDone}/${bundlesTotal}`,
  ];
}

function bar({ state, fraction }: StageProgress): string {
  const eighths = Math.round((state === 'done' ? 1 : Math.min(1, Math.max(0, fraction))) * BAR_CELLS * 8);
  const full = '█'.repeat(Math.floor(eighths / 8));
  return (full + EIGHTHS[eighths % 8]).padEnd(BAR_CELLS, '░');
}

function truncate(line: string, columns: number): string {
  return line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`;
}
