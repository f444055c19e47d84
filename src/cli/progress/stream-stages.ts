import { watermarkText } from '../../runners/direct/status-text.ts';
import type { JobProgress, StageProgress } from '../../sdk/pipeline/pipeline-result.ts';
import { formatBytes, formatCount, formatMillis } from './format.ts';

/** Whether a job runs in steps, so that its stages have watermarks. */
export function isStream({ stages }: JobProgress): boolean {
  return stages.some(({ watermark }) => watermark !== undefined);
}

/** What a stage of a stream shows in a column each: watermark, lag, elements, rate, backlog, keys, what came too late. */
export function streamCells(stage: StageProgress): string[] {
  const { watermark, lagMillis, elements, elementsPerSecond, backlog, keys, dropped } = stage;
  return [
    watermark === undefined ? '' : secondsOf(watermarkText(watermark)),
    lagMillis === undefined ? '' : `lag ${formatLag(lagMillis)}`,
    formatCount(elements),
    elementsPerSecond === undefined ? '' : `${formatCount(elementsPerSecond)}/s`,
    backlog ? `backlog ${formatCount(backlog)}` : '',
    keys ? `${formatCount(keys)} key${keys === 1 ? '' : 's'}` : '',
    dropped ? `${formatCount(dropped)} dropped as late` : '',
  ];
}

/** A stage of a stream in one line of words. */
export function streamLine(stage: StageProgress): string {
  const [watermark, lag, elements, rate, ...kept] = streamCells(stage);
  const amount = `${elements} element${stage.elements === 1 ? '' : 's'}`;
  return [`watermark ${watermark}`, lag, amount, rate, ...kept].filter((part) => part !== '').join(', ');
}

/** The last checkpoint: how long ago, what it took, how much a restart reads. */
export function checkpointText({ checkpoint }: JobProgress, now: number = Date.now()): string[] {
  if (checkpoint === undefined) return [];
  const { at, millis, stateBytes } = checkpoint;
  return [
    `checkpoint ${formatMillis(Math.max(0, now - at))} ago in ${formatMillis(millis)}, ${formatBytes(stateBytes)}`,
  ];
}

function secondsOf(watermark: string): string {
  return watermark.replace(/\.\d{3}Z$/, 'Z');
}

/** Watermarks of the future are nothing to wait for. */
function formatLag(millis: number): string {
  return millis < 0 ? `-${formatMillis(-millis)}` : formatMillis(millis);
}
