import type { StageProgress } from '../../sdk/pipeline/pipeline-result.ts';
import { MAX_TIMESTAMP } from '../../sdk/windows/timestamp.ts';
import type { StageUnit } from '../stream/stage-unit.ts';
import type { StreamEngine } from '../stream/stream-engine.ts';

/** Rates are those of the last this many milliseconds. */
const RATE_WINDOW = 5000;
/** What has not moved for so many milliseconds is worth a word. */
const STALL_MILLIS = 60_000;

interface Sample {
  readonly millis: number;
  /** By stage. */
  readonly elements: readonly number[];
}

/**
 * How far each stage of an engine is; there is no end to measure against, so the watermark tells. It is asked now and
 * then with the time, so that it can tell rates, and when nothing moves any more.
 */
export class StreamProgress {
  #samples: Sample[] = [];
  #seen = '';
  /** When something has moved last. */
  #movedAt: number;
  #told = false;

  /** `millis` is the time from a clock that does not jump. */
  constructor(millis: number) {
    this.#movedAt = millis;
  }

  /** Looks at the engine. True when nothing has moved for a minute, once until it moves again. */
  look(engine: StreamEngine, millis: number): boolean {
    const { elements } = engine.counts;
    const sample = { millis, elements: engine.units.map((unit) => elementsOf(unit, engine)) };
    const from = millis - RATE_WINDOW;
    // One sample from before the window stays, so that the rate covers at least all of it.
    this.#samples = this.#samples.filter((_, i, all) => i === all.length - 1 || all[i + 1].millis > from);
    this.#samples.push(sample);
    let all = 0;
    for (const count of elements.values()) all += count;
    const seen = `${all} ${engine.units.map(({ outputWatermark }) => outputWatermark).join(' ')}`;
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#movedAt = millis;
      this.#told = false;
    }
    if (this.#told || millis - this.#movedAt < STALL_MILLIS) return false;
    this.#told = true;
    return true;
  }

  /** @param now milliseconds since 1970 */
  stages(engine: StreamEngine, now: number, functionAtWork: () => string | undefined): StageProgress[] {
    return engine.units.map((unit, i) => {
      const { stage, outputWatermark: watermark } = unit;
      const isDone = watermark === MAX_TIMESTAMP;
      const lag = engine.hasVirtualTime ? undefined : lagOf(watermark, now);
      const isAtWork = unit === engine.atWork;
      // What a stage keeps is only whole between its turns.
      const keys = isAtWork ? undefined : unit.keys;
      const rate = this.#rate(i);
      const waitsFor = isDone ? undefined : isAtWork ? functionAtWork() : unit.waitsFor();
      return {
        name: stage.name,
        state: isDone ? 'done' : 'running',
        fraction: isDone ? 1 : 0,
        elements: elementsOf(unit, engine),
        bytes: 0,
        bundlesDone: 0,
        bundlesTotal: 0,
        watermark,
        ...(lag === undefined ? {} : { lagMillis: lag }),
        ...(rate === undefined ? {} : { elementsPerSecond: rate }),
        backlog: isDone ? 0 : unit.backlog,
        ...(keys === undefined ? {} : { keys }),
        ...(unit.tooLate > 0 ? { dropped: unit.tooLate } : {}),
        ...(waitsFor === undefined ? {} : { waitsFor }),
      };
    });
  }

  #rate(stage: number): number | undefined {
    const oldest = this.#samples[0];
    const newest = this.#samples.at(-1);
    if (oldest === undefined || newest === undefined || newest.millis <= oldest.millis) return undefined;
    const more = newest.elements[stage] - oldest.elements[stage];
    // Counts go back with the pipeline, to its last checkpoint.
    return Math.max(0, Math.round((more * 1000) / (newest.millis - oldest.millis)));
  }
}

function elementsOf({ stage }: StageUnit, { counts }: StreamEngine): number {
  return counts.elements.get(stage.root) ?? 0;
}

/** Of watermarks that are dates. */
function lagOf(watermark: number, now: number): number | undefined {
  return Math.abs(watermark) <= 8.64e15 ? now - watermark : undefined;
}
