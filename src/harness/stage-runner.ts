import { CoderError, MillraceError, UserCodeError } from '../sdk/errors.ts';
import type { Graph, TransformNode } from '../sdk/graph/graph.ts';
import type { MetricCells } from '../sdk/metrics/metric-cells.ts';
import { isStateful, statefulDoFn } from '../sdk/state/check-stateful.ts';
import type { DoFn, TimestampedOutput } from '../sdk/transforms/do-fn.ts';
import type { ElementSink } from '../sdk/transforms/element-sink.ts';
import type { Resume, SplittableDoFn } from '../sdk/transforms/splittable-do-fn.ts';
import { NO_FIRING, ON_TIME_AND_ONLY_FIRING, type PaneInfo } from '../sdk/windows/pane-info.ts';
import { MAX_TIMESTAMP, MIN_TIMESTAMP } from '../sdk/windows/timestamp.ts';
import type { Window } from '../sdk/windows/window.ts';
import {
  type BundleInput,
  type ElementBlock,
  elementBlock,
  type NextBlock,
  type OpenRestriction,
  type RestrictionReader,
  type TaggedOutput,
} from './bundle-input.ts';
import type { DoFnLives } from './do-fn-lives.ts';
import type { KeyedStep } from './keyed-step.ts';
import type { TransformMetrics } from './metrics-container.ts';
import { RestrictionCall } from './restriction-call.ts';
import type { SideInputReader } from './side-input-reader.ts';
import { READING } from './stage-code.ts';
import { type StageEnvironment, StageProgram } from './stage-program.ts';
import type { StageShape } from './stage-shape.ts';
import type { CommitCallback, StepEnvironment } from './step-context.ts';
import { pictureOf } from './strict-checks.ts';
import { type TimerCallOptions, TimerCalls } from './timer-calls.ts';
import { notOutput } from './wrong-results.ts';

/** Says whether to go on. */
export interface Cancellation {
  throwIfAborted(): void;
}

/** What the runner plugs in for one bundle. */
export interface BundlePorts {
  readonly input: BundleInput;
  /** By sink number; closed by the runner after the bundle. */
  readonly sinks: readonly ElementSink[];
  readonly sideInputs: SideInputReader;
  /** Asked between blocks; throws when the job is cancelled. An AbortSignal is one. */
  readonly signal?: Cancellation | undefined;
}

/** What a bundle counted. */
export interface BundleReport {
  /** Elements per collection. */
  readonly elements: Readonly<Record<string, number>>;
  readonly metrics: Readonly<Record<string, MetricCells>>;
}

/** Most elements or groups between two looks at whether to go on. */
const MAX_SLICE = 8192;
/** Time for calls of a bundle that has failed. */
const STRAGGLER_MILLIS = 5000;

/** Runs the bundles of one stage on one worker, one at a time. */
export class StageRunner {
  readonly #program: StageProgram;
  readonly #doFns: readonly {
    readonly step: number;
    readonly node: TransformNode;
    readonly fn: DoFn<never, unknown>;
  }[];
  readonly #source:
    | { readonly node: TransformNode; readonly fn: SplittableDoFn<never, unknown, unknown, unknown> }
    | undefined;
  /** The transform whose outputs enter the stage. */
  readonly #root: TransformNode;
  readonly #environment: StageEnvironment;
  readonly #lives: DoFnLives;
  /** Elements or groups taken before the event loop may have its turn: fewer of slow ones. */
  #slice = 1;
  #cancelled: { readonly error: unknown } | undefined;
  /** Of the splittable DoFn whose restrictions enter the stage. */
  #call: RestrictionCall | undefined;
  /** Strict mode: the DoFns' fields as the bundle found them. */
  readonly #pictures = new Map<string, string>();

  readonly #timerCalls: TimerCallOptions | undefined;

  /** `keyed` provides for the stateful DoFn that is the first step, or whose restrictions enter. */
  constructor(graph: Graph, shape: StageShape, environment: StageEnvironment, lives: DoFnLives, keyed?: KeyedStep) {
    this.#environment = environment;
    this.#lives = lives;
    this.#program = new StageProgram(graph, shape, environment, keyed);
    if (keyed !== undefined) this.#timerCalls = timerCalls(graph, shape.source, this.#program, keyed, environment);
    this.#root = graph.transforms.get(graph.collections.get(shape.root)?.producer as string) as TransformNode;
    this.#doFns = shape.steps.flatMap(({ transform }, step) => {
      const node = graph.transforms.get(transform) as TransformNode;
      const fn = node.spec?.kind === 'parDo' && node.spec.fn.kind === 'doFn' ? node.spec.fn.fn : undefined;
      return fn === undefined ? [] : [{ step, node, fn }];
    });
    const node = shape.source === undefined ? undefined : (graph.transforms.get(shape.source) as TransformNode);
    if (node?.spec?.kind === 'parDo' && node.spec.fn.kind === 'splittable') {
      this.#source = { node, fn: node.spec.fn.fn };
    }
  }

  /** Runs one bundle. @throws what made it fail; the stage is ready for another bundle then. */
  async run(ports: BundlePorts): Promise<BundleReport> {
    const program = this.#program;
    program.begin(ports.sinks, ports.sideInputs);
    this.#cancelled = undefined;
    try {
      await this.#setup();
      await this.#startBundle();
      await this.#feed(ports);
      await program.async.settle(true);
      await this.#finishBundle();
      return this.report();
    } catch (error) {
      program.async.reset();
      await this.#stragglers();
      throw error;
    } finally {
      program.async.reset();
    }
  }

  /** What the last bundle asked to be told when its outputs are durable. */
  takeAfterCommit(): readonly CommitCallback[] {
    return this.#program.afterCommit.splice(0);
  }

  /** Makes the running bundle fail where it waits for asynchronous calls, and ends the call of a splittable DoFn. */
  cancel(error: unknown): void {
    this.#cancelled = { error };
    this.#program.async.abort(error);
    this.#call?.close().catch(() => {});
  }

  /**
   * Calls of a bundle that has failed may go on and leave something in their DoFn, where the next bundle would take it for its
   * own: it waits for them, if not for ever.
   */
  async #stragglers(): Promise<void> {
    const { sleep } = this.#environment;
    const holds = this.#doFns.some(({ fn }) => fn.startBundle !== undefined || fn.finishBundle !== undefined);
    if (!holds || sleep === undefined || this.#cancelled !== undefined) return;
    const { quiet } = this.#program.async;
    // The sleep goes on when the race is over, and keeps the process alive.
    if (quiet !== undefined) await Promise.race([quiet, sleep(STRAGGLER_MILLIS)]);
  }

  async #setup(): Promise<void> {
    const { failures } = this.#program;
    for (const { step, fn } of this.#doFns) await this.#lives.setUp(fn, (error) => failures.attribute(step, error));
    const source = this.#source;
    if (source !== undefined) await this.#lives.setUp(source.fn, (error) => failures.attributeTo(source.node, error));
  }

  async #startBundle(): Promise<void> {
    for (const { step, fn, node } of this.#doFns) {
      if (this.#environment.strict) this.#pictures.set(node.name, pictureOf(fn));
      await this.#guard(step, () => fn.startBundle?.({ metrics: this.#metricsOf(node.name) }));
    }
  }

  /** In topological order: what one DoFn emits at its end still reaches the next before that one's end. */
  async #finishBundle(): Promise<void> {
    for (const { step, fn, node } of this.#doFns) {
      const outputs = await this.#guard(step, () => fn.finishBundle?.({ metrics: this.#metricsOf(node.name) }));
      try {
        await this.#emit(node, outputs ?? []);
      } catch (error) {
        throw this.#blame(node, error);
      }
      await this.#program.async.settle(true);
      if (this.#environment.strict && this.#pictures.get(node.name) !== pictureOf(fn)) {
        throw this.#program.failures.attribute(
          step,
          new UserCodeError('STATE_BETWEEN_BUNDLES', 'The DoFn keeps state of one bundle for the next', {
            final: true,
            hint: 'a bundle may run again on another worker: reset the fields in startBundle or finishBundle',
          }),
        );
      }
    }
  }

  async #emit(node: TransformNode, outputs: Iterable<TimestampedOutput<unknown>>): Promise<void> {
    const { async, code, failures } = this.#program;
    const emit = code.emitters[node.outputs.main];
    if (typeof outputs !== 'object') throw failures.attributeTo(node, notOutput(failures.show(outputs)));
    for (const output of outputs) {
      if (!isOutput(output)) throw failures.attributeTo(node, notOutput(failures.show(output)));
      emit(output.value, output.timestamp, output.window, NO_FIRING);
      if (async.full) await async.settle(false);
    }
  }

  /** What fails outside of a step may be user code too: an iterator, a coder, a CombineFn or WindowFn that merges. */
  #blame(node: TransformNode, error: unknown): unknown {
    if (error instanceof MillraceError && !(error instanceof CoderError)) return error;
    return this.#program.failures.attributeTo(node, error);
  }

  async #guard<T>(step: number, call: () => T | Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw this.#program.failures.attribute(step, error);
    }
  }

  #metricsOf(name: string): TransformMetrics {
    return this.#program.metrics.get(name) as TransformMetrics;
  }

  async #feed(ports: BundlePorts): Promise<void> {
    try {
      await this.#feedAll(ports);
    } catch (error) {
      throw this.#blame(this.#root, error);
    }
  }

  async #feedAll({ input, sideInputs, signal }: BundlePorts): Promise<void> {
    switch (input.kind) {
      case 'restrictions':
        for (let next = await input.reader.next(); next !== undefined; next = await input.reader.next()) {
          await this.#read(next, input.reader, sideInputs, signal);
        }
        return;
      case 'outputs':
        await this.#tagged(input.tagged, input.block);
        await this.#elements(input.block, signal);
        return;
      case 'blocks':
        for (let block = await this.#next(input); block !== undefined; block = await this.#next(input)) {
          await this.#elements(block, signal);
        }
        return;
      case 'keyed':
        for (let block = await input.next(); block !== undefined; block = await input.next()) {
          if (block === 'due') await this.#fireTimers(signal);
          else await this.#elements(block, signal);
        }
        await this.#fireTimers(signal);
        return;
      default: {
        const { code } = this.#program;
        const pane = ON_TIME_AND_ONLY_FIRING;
        while (
          input.kind === 'groups'
            ? code.groups(input.reader, pane, this.#slice)
            : code.combined(input.reader, pane, this.#slice)
        ) {
          await this.#pause(signal);
        }
      }
    }
  }

  async #fireTimers(signal: Cancellation | undefined): Promise<void> {
    // One thing at a time: a timer's handler sees what all elements have left.
    await this.#program.async.settle(true);
    if (this.#timerCalls === undefined) throw new Error('Timers of a stage without a stateful transform');
    const calls = new TimerCalls(this.#timerCalls, this.#program.keyedEnvironment as StepEnvironment);
    await calls.run(() => this.#pause(signal));
  }

  #next(input: Extract<BundleInput, { kind: 'blocks' }>): NextBlock {
    this.#environment.currentStep[0] = READING;
    return input.next();
  }

  /** Between two pieces of the input: looks whether to go on, and waits while asynchronous steps are full. */
  async #pause(signal: Cancellation | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#program.async.full) await this.#program.async.settle(false);
    const breath = this.#environment.breathe?.();
    if (breath === undefined) this.#slice = Math.min(MAX_SLICE, this.#slice * 2);
    else {
      this.#slice = Math.max(1, this.#slice >>> 2);
      await breath;
    }
  }

  /** Takes a block in slices: as many elements at once as take about the time that the event loop may wait. */
  async #elements({ values, timestamps, windows, panes }: ElementBlock, signal?: Cancellation): Promise<void> {
    const { code } = this.#program;
    const same = typeof timestamps === 'number' && !Array.isArray(windows) && !Array.isArray(panes);
    let i = 0;
    do {
      const end = Math.min(values.length, i + this.#slice);
      i = same
        ? code.elements(values, i, end, timestamps, windows as Window, panes as PaneInfo)
        : code.columns(values, i, end, timestamps, windows, panes);
      await this.#pause(signal);
    } while (i < values.length);
  }

  /** What has been emitted to additional outputs, in the window of the block. */
  async #tagged(tagged: readonly TaggedOutput[], { windows, panes }: ElementBlock): Promise<void> {
    const { async, code } = this.#program;
    for (const { collection, value, timestamp } of tagged) {
      code.emitters[collection](value, timestamp, windows as Window, panes as PaneInfo);
      if (async.full) await async.settle(false);
    }
  }

  /** Reads a restriction to its end, through all its calls. */
  async #read(
    open: OpenRestriction,
    reader: RestrictionReader,
    sideInputs: SideInputReader,
    signal?: Cancellation,
  ): Promise<void> {
    const source = this.#source;
    if (source === undefined) throw new Error('Restrictions enter a stage without a splittable transform');
    let restriction = open.restriction;
    let watermark = Math.max(open.watermark ?? open.timestamp, open.timestamp);
    try {
      for (;;) {
        const call = new RestrictionCall(
          source.node,
          source.fn,
          { ...open, restriction },
          {
            metrics: this.#metricsOf(source.node.name),
            sideInputs,
            afterCommit: this.#program.afterCommit,
            now: this.#environment.now,
          },
          watermark,
        );
        reader.onCall?.(call);
        const later = await this.#readCall(call, open, reader, signal);
        const rest = later === undefined ? undefined : call.tracker.trySplit(0);
        if (later === undefined || rest === undefined) return;
        call.tracker.checkDone();
        if (reader.onResume !== undefined) {
          return reader.onResume(rest.residual, later.resumeAfterMillis, call.watermark);
        }
        restriction = rest.residual;
        watermark = call.watermark;
        signal?.throwIfAborted();
        await this.#environment.sleep?.(later.resumeAfterMillis);
      }
    } catch (error) {
      throw this.#program.failures.attributeTo(source.node, error, open.element);
    }
  }

  async #readCall(
    call: RestrictionCall,
    { window, pane }: OpenRestriction,
    reader: RestrictionReader,
    signal: Cancellation | undefined,
  ): Promise<Resume | undefined> {
    const { currentStep } = this.#environment;
    const { tracker, context } = call;
    this.#call = call;
    try {
      for (;;) {
        currentStep[0] = READING;
        const { done, value } = await call.next();
        if (this.#cancelled !== undefined) throw this.#cancelled.error;
        const block = elementBlock(done === true ? [] : value, context.timestamp, window, pane);
        if (call.tagged.length > 0) await this.#tagged(call.tagged.splice(0), block);
        if (done === true) return value;
        await this.#elements(block, signal);
        const { completed, remaining } = tracker.progress();
        reader.onProgress(completed, remaining);
        const fraction = reader.splitWanted();
        if (fraction === undefined) continue;
        const split = tracker.trySplit(fraction);
        if (split !== undefined) reader.onSplit(split.primary, split.residual);
      }
    } catch (error) {
      await call.close();
      throw error;
    } finally {
      this.#call = undefined;
    }
  }

  /** Lets the running bundle emit no more until `room` is settled: who takes its outputs is behind. */
  hold(room: Promise<void>): void {
    this.#program.async.hold(room);
  }

  /** What the bundle at hand, or the last one, has counted so far. */
  report(): BundleReport {
    const elements: Record<string, number> = Object.create(null);
    this.#program.collections.forEach((id, i) => {
      elements[id] = this.#program.counts[i];
    });
    // Any name is allowed, `constructor` and `__proto__` too.
    const metrics: Record<string, MetricCells> = Object.create(null);
    for (const [name, container] of this.#program.metrics) {
      const cells = container.snapshot();
      if (cells !== undefined) metrics[name] = cells;
    }
    return { elements, metrics };
  }
}

function timerCalls(
  graph: Graph,
  source: string | undefined,
  program: StageProgram,
  keyed: KeyedStep,
  { currentStep }: StageEnvironment,
): TimerCallOptions {
  const nodes = program.names.map((name) => graph.transforms.get(name) as TransformNode);
  const step = source === undefined ? nodes.findIndex(({ spec }) => isStateful(spec)) : nodes.length - 1;
  const fn = statefulDoFn(nodes[step]?.spec);
  if (fn === undefined) throw new Error('State is provided for a stage without a stateful transform');
  return { program, node: nodes[step], step, fn, keyed, currentStep };
}

function isOutput({ timestamp, window }: Partial<TimestampedOutput<unknown>> = {}): boolean {
  const isTime =
    Number.isInteger(timestamp) && Number(timestamp) >= MIN_TIMESTAMP && Number(timestamp) <= MAX_TIMESTAMP;
  return isTime && typeof window === 'object' && window !== null;
}
