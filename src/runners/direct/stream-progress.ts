import type { StageProgress } from '../../sdk/pipeline/pipeline-result.ts';
import { MAX_TIMESTAMP } from '../../sdk/windows/timestamp.ts';
import type { StreamEngine } from '../stream/stream-engine.ts';

/** How far each stage is; there is no end to measure against, so the watermark tells. */
export function stageProgress(engine: StreamEngine): StageProgress[] {
  return engine.units.map(({ stage, inputWatermark, outputWatermark }) => {
    const isDone = outputWatermark === MAX_TIMESTAMP;
    return {
      name: stage.name,
      state: isDone ? 'done' : 'running',
      fraction: isDone ? 1 : 0,
      elements: engine.counts.elements.get(stage.root) ?? 0,
      bytes: 0,
      bundlesDone: 0,
      bundlesTotal: 0,
      watermark: inputWatermark,
    };
  });
}
