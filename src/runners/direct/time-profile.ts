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
      if (transform !== undefined) this.millis.set(transform, (this.millis.get(transform) ?? 0) + passed);
    }
  }

  /** The transform that a worker is at. */
  transformAt({ stage: id, step }: WorkerPosition): string | undefined {
    const stage = this.#plan.stages[id];
    const channel = channelAt(stage, step);
    if (channel !== undefined) return this.#plan.channels[channel].transform;
    if (step < stage.steps.length) return stage.steps[step]?.transform;
    // Past the steps come the splittable transforms at the border, in the order of their channels.
    const borders = stage.writes.filter((write) => this.#plan.channels[write.channel].kind === 'restrictions');
    const border = borders[step - stage.steps.length];
    return border === undefined ? undefined : this.#plan.channels[border.channel].transform;
  }
}

/** The channel being read or written, if it is neither a step's turn. */
function channelAt({ input, writes }: Stage, step: number): number | undefined {
  if (step === READING) return input.kind === 'channel' ? input.channel : undefined;
  return step < 0 ? writes[-1 - step]?.channel : undefined;
}
