import { READING } from '../../harness/stage-code.ts';
import type { ExecutionPlan, Stage } from '../core/plan/execution-plan.ts';
import type { WorkerHost, WorkerPosition } from './worker-host.ts';

/**
 * Time per transform by sampling: each look at a worker adds the time since the last one to the transform it is at.
 * Exact enough for the question where the time goes, and free for the workers.
 */
export class TimeProfile {
  readonly millis = new Map<string, number>();
  readonly #plan: ExecutionPlan;
  #last = performance.now();

  constructor(plan: ExecutionPlan) {
    this.#plan = plan;
  }

  sample(workers: Iterable<WorkerHost>): void {
    const now = performance.now();
    const passed = now - this.#last;
    this.#last = now;
    for (const { position } of workers) {
      const transform = position === undefined ? undefined : this.transformAt(position);
      if (transform !== undefined) this.#add(transform, passed);
    }
  }

  /**
   * Adds the time of a bundle that nobody could look at, for it ran in this thread: shared out among reading, steps and
   * writing by the elements that each has seen.
   */
  share(id: number, millis: number, elements: Readonly<Record<string, number>>): void {
    const { input, root, steps, writes } = this.#plan.stages[id];
    const seen: [transform: string, elements: number][] = steps.map((step) => [
      step.transform,
      elements[step.input] ?? 0,
    ]);
    const channels = writes.map((write) => [write.channel, elements[write.collection] ?? 0]);
    if (input.kind === 'channel') channels.push([input.channel, elements[root] ?? 0]);
    for (const [channel, count] of channels) seen.push([this.#plan.channels[channel].transform, count]);
    const all = seen.reduce((sum, [, count]) => sum + count, 0);
    if (all === 0) return;
    for (const [transform, count] of seen) this.#add(transform, (millis * count) / all);
  }

  #add(transform: string, millis: number): void {
    this.millis.set(transform, (this.millis.get(transform) ?? 0) + millis);
  }

  /** The transform that a worker is at. */
  transformAt(position: WorkerPosition): string | undefined {
    return transformAt(this.#plan, position);
  }
}

/** The transform at which a stage is. */
export function transformAt(
  { stages, channels }: ExecutionPlan,
  { stage: id, step }: WorkerPosition,
): string | undefined {
  const stage = stages[id];
  const channel = channelAt(stage, step);
  if (channel !== undefined) return channels[channel].transform;
  if (step < stage.steps.length) return stage.steps[step]?.transform;
  // Past the steps come the splittable transforms at the border, in the order of their channels.
  const borders = stage.writes.filter((write) => channels[write.channel].kind === 'restrictions');
  const border = borders[step - stage.steps.length];
  return border === undefined ? undefined : channels[border.channel].transform;
}

/** The channel being read or written, if it is neither a step's turn. */
function channelAt({ input, writes }: Stage, step: number): number | undefined {
  if (step === READING) return input.kind === 'channel' ? input.channel : undefined;
  return step < 0 ? writes[-1 - step]?.channel : undefined;
}
