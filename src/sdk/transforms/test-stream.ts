import type { Coder } from '../coders/coder.ts';
import { defaultCoder } from '../coders/default-coder.ts';
import { PipelineError } from '../errors.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import type { PTransform } from '../pipeline/p-transform.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { type Duration, durationMillis, MAX_TIMESTAMP, MIN_TIMESTAMP, type Timestamp } from '../windows/timestamp.ts';
import { TimestampedValue, timestamped } from './timestamped-value.ts';

/** One thing that happens in a test stream; the next one follows when the pipeline has nothing left to do. */
export type TestStreamEvent =
  | {
      readonly kind: 'elements';
      readonly values: readonly unknown[];
      readonly timestamps: readonly Timestamp[];
    }
  | { readonly kind: 'watermark'; readonly to: Timestamp }
  | { readonly kind: 'processingTime'; readonly byMillis: number };

/**
 * An unbounded collection that a test plays by script (Beam's TestStream): elements, watermark and processing time. A
 * pipeline with test streams has no other processing time than theirs. Each method gives a new stream.
 */
export class TestStream<T> implements PTransform<Pipeline, PCollection<T>> {
  readonly name = 'TestStream';
  readonly #coder: Coder<T> | undefined;
  readonly #events: readonly TestStreamEvent[];
  readonly #watermark: Timestamp;

  constructor(
    coder: Coder<T> | undefined,
    events: readonly TestStreamEvent[] = [],
    watermark: Timestamp = MIN_TIMESTAMP,
  ) {
    this.#coder = coder;
    this.#events = events;
    this.#watermark = watermark;
  }

  /** Adds elements at once; those without a time of their own have the stream's watermark for a timestamp. */
  addElements(...elements: readonly (T | TimestampedValue<T>)[]): TestStream<T> {
    const stamped = elements.map((each) =>
      each instanceof TimestampedValue ? each : timestamped(each, this.#watermark),
    );
    return this.#with({
      kind: 'elements',
      values: stamped.map(({ value }) => value),
      timestamps: stamped.map(({ timestamp }) => timestamp),
    });
  }

  /**
   * Promises that no element before this time will come any more.
   *
   * @throws PipelineError `TEST_STREAM_INVALID` when the watermark does not rise
   */
  advanceWatermarkTo(to: Timestamp): TestStream<T> {
    if (!(to > this.#watermark) || to > MAX_TIMESTAMP) {
      throw new PipelineError(
        'TEST_STREAM_INVALID',
        `The watermark of a test stream cannot go from ${this.#watermark} to ${to}`,
      );
    }
    return this.#with({ kind: 'watermark', to }, to);
  }

  /** Ends the stream: all windows close. */
  advanceWatermarkToInfinity(): TestStream<T> {
    return this.advanceWatermarkTo(MAX_TIMESTAMP);
  }

  /** Lets time pass in the whole pipeline. */
  advanceProcessingTime(by: Duration): TestStream<T> {
    return this.#with({ kind: 'processingTime', byMillis: durationMillis(by) });
  }

  #with(event: TestStreamEvent, watermark = this.#watermark): TestStream<T> {
    return new TestStream(this.#coder, [...this.#events, event], watermark);
  }

  /** A stream that was not brought to its end is ended by the runner when its script is over. */
  expand(pipeline: Pipeline): PCollection<T> {
    const coder = (this.#coder ?? defaultCoder) as Coder<unknown>;
    return pipeline.primitive(undefined, { kind: 'testStream', events: this.#events }, { main: coder })
      .main as PCollection<T>;
  }
}

/** Begins the script of a test stream. */
export function testStream<T>(coder?: Coder<T>): TestStream<T> {
  return new TestStream(coder);
}
