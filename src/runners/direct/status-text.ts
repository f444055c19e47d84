import type { JobProgress, Resumption, StageProgress } from '../../sdk/pipeline/pipeline-result.ts';

/** Where a job is, for whoever asks what it waits for: a headline and a line per stage, numbered as `explain` does. */
export function statusLines(name: string, progress: JobProgress, now: number): string[] {
  const { state, elapsedMillis, resumed, checkpoint, waitsFor, stages } = progress;
  const head = [
    `${name}: ${state} for ${seconds(elapsedMillis)}`,
    ...(resumed === undefined ? [] : [resumptionText(resumed)]),
    ...(checkpoint === undefined
      ? []
      : [`last checkpoint ${seconds(now - checkpoint.at)} ago, in ${seconds(checkpoint.millis)}`]),
    ...(waitsFor === undefined ? [] : [`waits for ${waitsFor}`]),
  ];
  return [head.join('; '), ...stages.map((stage, i) => `  ${i + 1} ${stage.name}: ${stageText(stage)}`)];
}

/** What a run has begun with: `goes on from checkpoint 17 of 2026-05-01T12:03:11Z`. */
export function resumptionText(resumed: Resumption): string {
  return `goes on from ${checkpointText(resumed)}`;
}

/** Of a run that has begun with the last checkpoint of a job that is done: `nothing was left to do after checkpoint 17 of …`. */
export function endedText(resumed: Resumption): string {
  return `nothing was left to do after ${checkpointText(resumed)}`;
}

function checkpointText({ version, at }: Resumption): string {
  const time = at === undefined ? '' : ` of ${new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z')}`;
  return `checkpoint ${version}${time}`;
}

function stageText(stage: StageProgress): string {
  const { state, watermark, lagMillis, elements, elementsPerSecond, backlog, keys, dropped, waitsFor } = stage;
  return [
    ...(watermark === undefined ? [state] : [`watermark ${watermarkText(watermark)}`]),
    ...(lagMillis === undefined ? [] : [`lag ${seconds(lagMillis)}`]),
    `${elements} element${elements === 1 ? '' : 's'}`,
    ...(elementsPerSecond ? [`${elementsPerSecond}/s`] : []),
    ...(backlog ? [`backlog ${backlog}`] : []),
    ...(keys ? [`${keys} key${keys === 1 ? '' : 's'}`] : []),
    ...(dropped ? [`${dropped} dropped as late`] : []),
    ...(state === 'done' ? [] : [`waits for ${waitsFor ?? 'input'}`]),
  ].join(', ');
}

/** A watermark as ISO; `-` before the first, `end` after the last. */
export function watermarkText(watermark: number): string {
  if (Math.abs(watermark) > 8.64e15) return watermark < 0 ? '-' : 'end';
  return new Date(watermark).toISOString();
}

/** Hours from the first on: nobody divides a lag of days by 3600. */
function seconds(millis: number): string {
  const minutes = Math.floor(millis / 60_000);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${(millis / 1000).toFixed(1)} s`;
}
