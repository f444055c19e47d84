import { PipelineError } from '../sdk/errors.ts';
import type { TransformNode } from '../sdk/graph/graph.ts';
import type { MetricsScope } from '../sdk/metrics/metrics.ts';
import type { RestrictionTracker } from '../sdk/transforms/restriction.ts';
import type {
  Batch,
  Resume,
  SplittableContext,
  SplittableDoFn,
  WatermarkEstimation,
  WatermarkHandle,
} from '../sdk/transforms/splittable-do-fn.ts';
import { MAX_TIMESTAMP, MIN_TIMESTAMP, type Timestamp } from '../sdk/windows/timestamp.ts';
import type { OpenRestriction } from './bundle-input.ts';
import { notBatch, notBatches, notResume, notTimestamp } from './wrong-results.ts';

type AnySplittable = SplittableDoFn<never, unknown, unknown, unknown>;
type Outcome = IteratorResult<Batch<unknown>, Resume | undefined>;

/** What a call reaches outside of its restriction. */
export interface RestrictionCallEnvironment {
  readonly metrics: MetricsScope;
  /** Milliseconds since 1970. */
  now(): number;
  afterBundleCommit(callback: () => void | Promise<void>): void;
}

/** One call of a splittable DoFn's `process`, pulled batch by batch. */
export class RestrictionCall {
  readonly tracker: RestrictionTracker<unknown, unknown>;
  readonly context: SplittableContext<unknown, unknown>;
  readonly #watermark: EstimatedWatermark;
  readonly #stop = new AbortController();
  readonly #start: () => ReturnType<AnySplittable['process']>;
  #iterator: Iterator<Batch<unknown>, unknown> | AsyncIterator<Batch<unknown>, unknown> | undefined;

  /** `watermark` is where an earlier call of the same restriction has left it. */
  constructor(
    node: TransformNode,
    fn: AnySplittable,
    open: OpenRestriction,
    environment: RestrictionCallEnvironment,
    watermark: number = open.timestamp,
  ) {
    this.tracker = fn.restriction.tracker(open.restriction);
    this.#watermark = new EstimatedWatermark(node.name, fn.watermark ?? 'manual', watermark, environment.now);
    this.context = {
      tracker: this.tracker,
      metrics: environment.metrics,
      timestamp: open.timestamp as Timestamp,
      watermark: this.#watermark,
      processingTime: () => environment.now() as Timestamp,
      signal: this.#stop.signal,
      afterBundleCommit: (callback) => environment.afterBundleCommit(callback),
    };
    this.#start = () => fn.process(open.element as never, this.context);
  }

  /** Nothing earlier than this will come out of the restriction. */
  get watermark(): number {
    return this.#watermark.current;
  }

  /** The next batch; or, done, whether the rest of the restriction is to be taken up later. */
  next(): Outcome | Promise<Outcome> {
    if (this.#iterator === undefined) {
      const batches = this.#start();
      if (batches instanceof Promise) return batches.then((settled) => this.#begin(settled));
      return this.#begin(batches);
    }
    const result = this.#iterator.next();
    return result instanceof Promise ? result.then((settled) => this.#take(settled)) : this.#take(result);
  }

  #begin(batches: Iterable<Batch<unknown>> | AsyncIterable<Batch<unknown>>): Outcome | Promise<Outcome> {
    if (typeof batches !== 'object' || batches === null) throw notBatches(kindOf(batches));
    this.#iterator = Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]();
    return this.next();
  }

  #take({ done, value }: IteratorResult<Batch<unknown>, unknown>): Outcome {
    if (done !== true) {
      checkBatch(value, this.context.timestamp);
      this.#watermark.observe(value, this.context.timestamp);
      return { done: false, value };
    }
    const isResume = typeof value === 'object' && value !== null && 'resumeAfterMillis' in value;
    if (isResume) checkDelay(value.resumeAfterMillis);
    // Whoever resumes has not finished; whoever does not must have claimed everything.
    if (!isResume) this.tracker.checkDone();
    return { done: true, value: isResume ? (value as Resume) : undefined };
  }

  /** Tells the call that its rest is taken away. */
  stop(): void {
    this.#stop.abort();
  }

  /** Ends the call before its end: the pipeline is over, or goes back. */
  async close(): Promise<void> {
    // A loop that claims on and on comes to its end when a claim is declined.
    this.tracker.trySplit(0);
    this.stop();
    await this.#iterator?.return?.();
  }
}

class EstimatedWatermark implements WatermarkHandle {
  readonly #transform: string;
  readonly #estimation: WatermarkEstimation;
  readonly #now: () => number;
  #current: number;

  constructor(transform: string, estimation: WatermarkEstimation, current: number, now: () => number) {
    this.#transform = transform;
    this.#estimation = estimation;
    this.#current = current;
    this.#now = now;
  }

  get current(): Timestamp {
    if (this.#estimation === 'wallTime') this.#raise(this.#now());
    return this.#current as Timestamp;
  }

  set(watermark: Timestamp): void {
    if (this.#estimation !== 'manual') {
      throw new PipelineError('WATERMARK_NOT_MANUAL', `'${this.#transform}' sets a watermark that is estimated`, {
        hint: `its DoFn says watermark: '${this.#estimation}'; say 'manual', or leave the setting out`,
      });
    }
    if (!isTimestamp(watermark)) {
      throw new PipelineError('TIMESTAMP_INVALID', `'${this.#transform}' sets the watermark to ${watermark}`);
    }
    this.#raise(watermark);
  }

  observe(batch: Batch<unknown>, timestamp: number): void {
    if (this.#estimation !== 'monotonic') return;
    if ('timestamps' in batch) for (let i = 0; i < batch.timestamps.length; i++) this.#raise(batch.timestamps[i]);
    else if (batch.length > 0) this.#raise(timestamp);
  }

  #raise(watermark: number): void {
    if (watermark > this.#current) this.#current = watermark;
  }
}

/** Whoever takes a batch relies on what its type says. */
function checkBatch(batch: unknown, timestamp: number): asserts batch is Batch<unknown> {
  if (Array.isArray(batch)) {
    if (batch.length > 0 && !isTimestamp(timestamp)) throw notTimestamp(timeOf(timestamp));
    return;
  }
  if (typeof batch !== 'object' || batch === null) throw notBatch(kindOf(batch));
  const { values, timestamps } = batch as { readonly values?: unknown; readonly timestamps?: ArrayLike<number> };
  if (!Array.isArray(values) || typeof timestamps !== 'object' || timestamps === null) {
    throw notBatch(`an object with ${Object.keys(batch).join(', ') || 'no properties'}`);
  }
  if (timestamps.length !== values.length) {
    throw notBatch(`${values.length} values with ${timestamps.length} timestamps`);
  }
  for (let i = 0; i < timestamps.length; i++) {
    if (!isTimestamp(timestamps[i])) throw notTimestamp(timeOf(timestamps[i]));
  }
}

function checkDelay(millis: unknown): void {
  if (typeof millis !== 'number' || !(millis >= 0)) throw notResume(timeOf(millis));
}

function isTimestamp(time: number): boolean {
  return Number.isInteger(time) && time >= MIN_TIMESTAMP && time <= MAX_TIMESTAMP;
}

function timeOf(time: unknown): string {
  return typeof time === 'number' ? String(time) : kindOf(time);
}

/** In place of a value that may be anything, secrets included. */
function kindOf(value: unknown): string {
  return value === null || value === undefined ? String(value) : `a ${typeof value}`;
}
