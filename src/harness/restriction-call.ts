import { PipelineError } from '../sdk/errors.ts';
import { MAIN_OUTPUT, type TransformNode } from '../sdk/graph/graph.ts';
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
import type { OpenRestriction, TaggedOutput } from './bundle-input.ts';
import type { KeyedStep } from './keyed-step.ts';
import type { TransformMetrics } from './metrics-container.ts';
import type { SideInputReader } from './side-input-reader.ts';
import { type CommitCallback, StepContext, type StepEnvironment } from './step-context.ts';
import { notBatch, notBatches, notResume, notTimestamp, tooManyOutputs } from './wrong-results.ts';

type AnySplittable = SplittableDoFn<never, unknown, unknown, unknown>;
type Outcome = IteratorResult<Batch<unknown>, Resume | undefined>;

/** What a call reaches outside of its restriction. */
export interface RestrictionCallEnvironment {
  readonly metrics: TransformMetrics;
  readonly sideInputs: SideInputReader;
  /** What is to be called when the outputs are durable. */
  readonly afterCommit: CommitCallback[];
  /** State and timers of the key and window at hand, of a stateful DoFn. */
  readonly keyed?: Pick<KeyedStep, 'state' | 'timers'> | undefined;
  /** Milliseconds since 1970. */
  now(): number;
}

/** What a call has emitted to additional outputs since its last batch. */
const MAX_TAGGED = 1_000_000;

/** One call of a splittable DoFn's `process`, pulled batch by batch. */
export class RestrictionCall {
  readonly tracker: RestrictionTracker<unknown, unknown>;
  readonly context: SplittableContext<unknown, unknown>;
  /** What has been emitted to additional outputs; whoever takes a batch takes this first. */
  readonly tagged: TaggedOutput[] = [];
  #isOver = false;
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
    const { metrics, sideInputs, afterCommit } = environment;
    const step: StepEnvironment = {
      transform: node.name,
      metrics,
      sides: node.spec?.kind === 'parDo' ? node.spec.sides : {},
      emitters: this.#emitters(node),
      sideInputs,
      afterCommit,
      isOver: () => this.#isOver,
    };
    this.context = new RestrictionContext(step, open, this.tracker, this.#watermark, this.#stop.signal, environment);
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

  /** By tag. */
  #emitters({ name, outputs }: TransformNode): StepEnvironment['emitters'] {
    const emitters: Record<string, StepEnvironment['emitters'][string]> = Object.create(null);
    for (const [tag, collection] of Object.entries(outputs)) {
      if (tag === MAIN_OUTPUT) continue;
      emitters[tag] = (value, timestamp) => {
        if (!isTimestamp(timestamp)) throw notTimestamp(timeOf(timestamp));
        if (this.tagged.length >= MAX_TAGGED) throw tooManyOutputs(name, MAX_TAGGED);
        this.tagged.push({ collection, value, timestamp });
      };
    }
    return emitters;
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
    this.#isOver = true;
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
    this.#isOver = true;
    // A loop that claims on and on comes to its end when a claim is declined.
    this.tracker.trySplit(0);
    this.stop();
    await this.#iterator?.return?.();
  }
}

/** The context of one call. */
class RestrictionContext extends StepContext implements SplittableContext<unknown, unknown> {
  readonly tracker: RestrictionTracker<unknown, unknown>;
  readonly watermark: WatermarkHandle;
  readonly signal: AbortSignal;
  readonly processingTime: () => Timestamp;
  override readonly state: Readonly<Record<string, never>> = {};
  override readonly timers: Readonly<Record<string, never>> = {};

  constructor(
    environment: StepEnvironment,
    { timestamp, window, pane }: OpenRestriction,
    tracker: RestrictionTracker<unknown, unknown>,
    watermark: WatermarkHandle,
    signal: AbortSignal,
    { keyed, now }: RestrictionCallEnvironment,
  ) {
    super(environment);
    this.timestamp = timestamp as Timestamp;
    this.window = window;
    this.pane = pane;
    this.tracker = tracker;
    this.watermark = watermark;
    this.signal = signal;
    this.processingTime = () => now() as Timestamp;
    if (keyed === undefined) return;
    this.state = keyed.state as Readonly<Record<string, never>>;
    this.timers = keyed.timers as Readonly<Record<string, never>>;
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
