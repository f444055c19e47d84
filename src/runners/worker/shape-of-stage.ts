import type { StageShape } from '../../harness/stage-shape.ts';
import type { ExecutionPlan, Stage } from '../core/plan/execution-plan.ts';

/** A stage of the plan as the harness compiles it; its sinks are numbered as its writes. */
export function shapeOfStage(plan: ExecutionPlan, stage: Stage): StageShape {
  const sinks = stage.writes.map(({ channel, collection }, sink) => ({
    channel: plan.channels[channel],
    collection,
    sink,
  }));
  const input = stage.input.kind === 'channel' ? plan.channels[stage.input.channel] : undefined;
  return {
    root: stage.root,
    steps: stage.steps,
    sinks: sinks
      .filter(({ channel }) => channel.kind !== 'restrictions')
      .map(({ channel, collection, sink }) => ({ collection, sink, transform: channel.transform })),
    splits: sinks
      .filter(({ channel }) => channel.kind === 'restrictions')
      .map(({ channel, collection, sink }) => ({ transform: channel.transform, input: collection, sink })),
    source: input?.kind === 'restrictions' ? input.transform : undefined,
  };
}
