import type { JobProgress } from '../../sdk/pipeline/pipeline-result.ts';

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
  /** Share of all stages' work that is done, each stage counting alike. */
  readonly fraction: number;
  /** A rough estimate, which assumes that the rest is as fast as what is done; `undefined` too early in the job. */
  readonly etaMillis: number | undefined;
}

/** Derives rates from one progress report after another. It reads no clock: the reports carry the time. */
export class ProgressMeter {
  #samples: Sample[] = [{ millis: 0, elements: 0, bytes: 0 }];

  update(progress: JobProgress): Pace {
    const { elapsedMillis, stages } = progress;
    let elements = 0;
    let bytes = 0;
    let done = 0;
    for (const stage of stages) {
      elements += stage.elements;
      bytes += stage.bytes;
      done += stage.state === 'done' ? 1 : stage.fraction;
    }
    const from = elapsedMillis - RATE_WINDOW;
    // One sample from before the window stays, so that the rate covers at least all of it.
    this.#samples = this.#samples.filter((_, i, all) => i === all.length - 1 || all[i + 1].millis > from);
    this.#samples.push({ millis: elapsedMillis, elements, bytes });
    const [oldest] = this.#samples;
    const seconds = (elapsedMillis - oldest.millis) / 1000;
    const fraction = stages.length === 0 ? 0 : done / stages.length;
    return {
      elementsPerSecond: seconds > 0 ? (elements - oldest.elements) / seconds : 0,
      bytesPerSecond: seconds > 0 ? (bytes - oldest.bytes) / seconds : 0,
      fraction,
      etaMillis:
        elapsedMillis < ETA_AFTER_MILLIS || fraction < ETA_AFTER_FRACTION
          ? undefined
          : (elapsedMillis * (1 - fraction)) / fraction,
    };
  }
}
