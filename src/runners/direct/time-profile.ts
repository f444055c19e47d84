import type { ExecutionPlan } from '../core/plan/execution-plan.ts';
import type { WorkerHost } from './worker-host.ts';

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
      if (position === undefined) continue;
      const transform = this.#transformAt(position.stage, position.step);
      if (transform !== undefined) this.millis.set(transform, (this.millis.get(transform) ?? 0) + passed);
    }
  }

  #transformAt(stage: number, step: number): string | undefined {
    const { steps, writes } = this.#plan.stages[stage];
    if (step >= 0) return steps[step]?.transform;
    const channel = writes[-1 - step]?.channel;
    return channel === undefined ? undefined : this.#plan.channels[channel].transform;
  }
}
