import type { JobProgress, StageProgress } from '../../sdk/pipeline/pipeline-result.ts';

/** Rates are those of the last this many milliseconds. */
const RATE_WINDOW = 5000;
/** Before this many milliseconds, or this share of the work, a remaining time would be a guess. */
const ETA_AFTER_MILLIS = 1000;
const ETA_AFTER_FRACTION = 0.02;

interface Sample {
  readonly millis: number;
  readonly elements: number;
  readonly bytes: number;
}

/** How fast a job is and how long it may still take. */
export interface Pace {
  readonly elementsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Share of the work that is done, each stage counting by the time that it takes; it never goes back. */
  readonly fraction: number;
  /** A rough estimate, which assumes that the rest is as fast as what is done; `undefined` too early in the job. */
  readonly etaMillis: number | undefined;
}

/** Derives rates from one progress report after another. It reads no clock: the reports carry the time. */
export class ProgressMeter {
  #samples: Sample[] = [{ millis: 0, elements: 0, bytes: 0 }];
  readonly #costs = new StageCosts();
  #fraction = 0;

  update(progress: JobProgress): Pace {
    const { elapsedMillis, stages } = progress;
    let elements = 0;
    let bytes = 0;
    for (const stage of stages) {
      elements += stage.elements;
      bytes += stage.bytes;
    }
    const from = elapsedMillis - RATE_WINDOW;
    // One sample from before the window stays, so that the rate covers at least all of it.
    this.#samples = this.#samples.filter((_, i, all) => i === all.length - 1 || all[i + 1].millis > from);
    this.#samples.push({ millis: elapsedMillis, elements, bytes });
    const [oldest] = this.#samples;
    const seconds = (elapsedMillis - oldest.millis) / 1000;
    const { done, left } = this.#costs.update(progress);
    if (done > 0) this.#fraction = Math.max(this.#fraction, done / (done + left));
    const isEarly = elapsedMillis < ETA_AFTER_MILLIS || this.#fraction < ETA_AFTER_FRACTION || stages.length === 0;
    const isEndless = stages.some(({ watermark, state }) => watermark !== undefined && state !== 'done');
    return {
      elementsPerSecond: seconds > 0 ? (elements - oldest.elements) / seconds : 0,
      bytesPerSecond: seconds > 0 ? (bytes - oldest.bytes) / seconds : 0,
      fraction: this.#fraction,
      etaMillis: isEarly || isEndless ? undefined : left,
    };
  }
}

/** What the stages cost, in milliseconds: measured where one has run, else by the work in it, else as the average one. */
class StageCosts {
  readonly #spent: number[] = [];
  readonly #ended = new Set<number>();
  #last = 0;

  /** The time that the job's work has taken and that which it will still take. */
  update({ elapsedMillis, stages }: JobProgress): { readonly done: number; readonly left: number } {
    this.#share(elapsedMillis - this.#last, stages);
    this.#last = elapsedMillis;
    let millis = 0;
    let work = 0;
    for (const [i, stage] of stages.entries()) {
      millis += this.#spent[i];
      work += (stage.work ?? 0) * shareOf(stage);
    }
    const known = stages.map((stage, i) => this.#cost(stage, this.#spent[i], work > 0 ? millis / work : undefined));
    const costs = known.filter((cost) => cost !== undefined);
    const average = costs.reduce((sum, cost) => sum + cost, 0) / Math.max(1, costs.length);
    let done = 0;
    let left = 0;
    for (const [i, stage] of stages.entries()) {
      const cost = known[i] ?? average;
      done += cost * shareOf(stage);
      left += cost * (1 - shareOf(stage));
    }
    return { done, left };
  }

  /** Gives the time since the last report to the stages that have run in it. */
  #share(passed: number, stages: readonly StageProgress[]): void {
    const active: number[] = [];
    for (const [i, { state }] of stages.entries()) {
      this.#spent[i] ??= 0;
      if (state === 'running' || (state === 'done' && !this.#ended.has(i))) active.push(i);
      if (state === 'done') this.#ended.add(i);
    }
    for (const i of active) this.#spent[i] += passed / active.length;
  }

  #cost(stage: StageProgress, spent: number, millisPerWork: number | undefined): number | undefined {
    if (stage.state === 'done') return spent;
    if (stage.fraction >= ETA_AFTER_FRACTION) return spent / stage.fraction;
    if (stage.work === undefined || millisPerWork === undefined) return undefined;
    return Math.max(spent, stage.work * millisPerWork);
  }
}

function shareOf({ state, fraction }: StageProgress): number {
  return state === 'done' ? 1 : fraction;
}
