import type { Coder } from '../sdk/coders/coder.ts';
import { CombineFailure } from '../sdk/combine/combine-failure.ts';
import type { CombineFn } from '../sdk/combine/combine-fn.ts';
import { PipelineError } from '../sdk/errors.ts';
import { type Graph, MAIN_OUTPUT, type TransformNode } from '../sdk/graph/graph.ts';
import { isStateful } from '../sdk/state/check-stateful.ts';
import type { FailedElement } from '../sdk/transforms/element-fn.ts';
import type { ElementSink } from '../sdk/transforms/element-sink.ts';
import type { SplittableDoFn } from '../sdk/transforms/splittable-do-fn.ts';
import type { KV } from '../sdk/values.ts';
import type { PaneInfo } from '../sdk/windows/pane-info.ts';
import type { Window } from '../sdk/windows/window.ts';
import { AsyncSteps, iteratorResult } from './async-steps.ts';
import { KeyedContext, type KeyedStep } from './keyed-step.ts';
import { TransformMetrics } from './metrics-container.ts';
import type { SideInputReader } from './side-input-reader.ts';
import { type RestrictionPart, splitRestriction } from './split-restriction.ts';
import { collectionsOf, stageCode } from './stage-code.ts';
import { StageFailures } from './stage-failures.ts';
import type { SinkShape, StageShape } from './stage-shape.ts';
import { type CommitCallback, StepContext, type StepEnvironment } from './step-context.ts';
import { checkCoder, markElement, watch } from './strict-checks.ts';
import { notIterable, notPartition, notTimestamp, notWindows } from './wrong-results.ts';

/** Asynchronous calls of one step under way at once, unless the DoFn says otherwise. */
const DEFAULT_CONCURRENCY = 16;

/** Moves over groups one after another; what `next` moved to is in the fields. */
interface GroupCursor {
  next(): boolean;
  readonly key: unknown;
  readonly timestamp: number;
  readonly window: Window;
}

/** Groups with all their values. */
export interface GroupReader extends GroupCursor {
  readonly values: Iterable<unknown>;
}

/** Groups combined to one value each. */
export interface CombinedReader extends GroupCursor {
  readonly value: unknown;
}

export type { CommitCallback } from './step-context.ts';

type Emit = (element: unknown, timestamp: number, window: Window, pane: PaneInfo) => void;

/** The generated functions of a stage. The loops return early when asynchronous steps are full. */
export interface GeneratedStage {
  bind(sinks: readonly ElementSink[]): void;
  /** Feeds `values[start..end)`, all with the same timestamp, window and pane; returns where it stopped. */
  elements(
    values: readonly unknown[],
    start: number,
    end: number,
    timestamp: number,
    window: Window,
    pane: PaneInfo,
  ): number;
  /** The same with columns where timestamp, window or pane differ from element to element. */
  columns(
    values: readonly unknown[],
    start: number,
    end: number,
    timestamps: number | ArrayLike<number>,
    windows: Window | readonly Window[],
    panes: PaneInfo | readonly PaneInfo[],
  ): number;
  /** Feeds groups, at most so many; true when it stopped before the end. */
  groups(reader: GroupReader, pane: PaneInfo, most: number): boolean;
  combined(reader: CombinedReader, pane: PaneInfo, most: number): boolean;
  readonly emitters: Readonly<Record<string, Emit>>;
}

/** What a stage needs besides the graph. */
export interface StageEnvironment {
  now(): number;
  readonly strict: boolean;
  /** Whether error messages leave elements out. */
  readonly redactErrors: boolean;
  /** Slot 0 always holds the step at work, for a sampler in another thread. */
  readonly currentStep: Int32Array;
  /** Memory for the counts of elements per collection; another thread may look at it. Own memory when too small. */
  readonly counts?: Float64Array;
  /** Asked between two slices of the input: a promise when the event loop should have its turn. */
  breathe?(): Promise<void> | undefined;
  /** Waits before a restriction is taken up again; where absent it is taken up at once. */
  sleep?(millis: number): Promise<void>;
}

/** A fused stage, compiled for this worker. */
export class StageProgram {
  readonly code: GeneratedStage;
  readonly async = new AsyncSteps();
  readonly failures: StageFailures;
  /** Elements per collection, in the order of `collections`. */
  readonly counts: Float64Array;
  readonly collections: readonly string[];
  /** What the bundle at hand asks to be told when its outputs are durable. */
  readonly afterCommit: CommitCallback[] = [];
  /** User metrics of the bundle at hand. */
  metrics: ReadonlyMap<string, TransformMetrics> = new Map();
  /** What the contexts of the stateful step have in common, in the bundle at hand. */
  keyedEnvironment: StepEnvironment | undefined;
  #sideInputs: SideInputReader = NO_SIDE_INPUTS;
  /** With what its timers and expiring windows emit to. */
  readonly #statefulSource:
    | { readonly node: TransformNode; readonly emitters: Readonly<Record<string, Emit>> }
    | undefined;
  /** The transforms whose functions are called, as failures number them: the steps, the splits, and the source past them all. */
  readonly names: readonly string[];
  readonly #now: () => number;

  /** @param keyed state and timers for the stateful step, or for the stateful source, if there is one */
  constructor(graph: Graph, shape: StageShape, environment: StageEnvironment, keyed?: KeyedStep) {
    const called = [...shape.steps, ...shape.splits].map(({ transform }) => transform);
    const nodes = called.map((name) => graph.transforms.get(name) as TransformNode);
    // What comes out of the source's own calls is no step's; its timers are named as one past them all.
    const names = shape.source === undefined ? called : [...called, shape.source];
    this.failures = new StageFailures(graph, names, environment.redactErrors);
    this.collections = collectionsOf(graph, shape);
    const counts = environment.counts?.subarray(0, this.collections.length);
    this.counts = counts?.length === this.collections.length ? counts : new Float64Array(this.collections.length);
    this.names = names;
    this.#now = environment.now;

    const coders = new Map(shape.sinks.map(({ sink, collection }) => [sink, graph.collections.get(collection)?.coder]));
    const writes = new Map(shape.sinks.map((each) => [each.sink, each]));
    const { failures } = this;
    const runtime = {
      fail: (step: number, error: unknown, element: unknown) => failures.fail(step, error, element),
      deadLetter: (
        step: number,
        error: unknown,
        element: unknown,
        timestamp: number,
        window: Window,
        pane: PaneInfo,
        emit: (failed: FailedElement<unknown>, timestamp: number, window: Window, pane: PaneInfo) => void,
      ) => failures.deadLetter(step, error, element, timestamp, window, pane, emit),
      result: iteratorResult,
      iterator: (step: number, iterable: Iterable<unknown>, element: unknown) =>
        failures.guard(step, element, () => iterable[Symbol.iterator]()),
      asyncIterator: (step: number, iterable: AsyncIterable<unknown>, element: unknown) =>
        failures.guard(step, element, () => iterable[Symbol.asyncIterator]()),
      notIterable: (result: unknown) => notIterable(failures.show(result)),
      notTimestamp: (result: unknown) => notTimestamp(failures.show(result)),
      notPartition: (result: unknown) => notPartition(failures.show(result)),
      notWindows: (result: unknown) => notWindows(failures.show(result)),
      sinkFailed: (sink: number, error: unknown, element: unknown) => {
        const write = writes.get(sink) as SinkShape;
        failures.sinkFailed(blamedFor(graph, write, element), error, element);
      },
      stable: (sink: number, element: unknown) => checkCoder(coders.get(sink) as Coder<unknown>, element),
      collect: (result: unknown) => failures.collect(result),
      context: (step: number, emitters: Readonly<Record<string, Emit>>, late: Emit | undefined) => {
        const { name, spec } = nodes[step];
        const environment = this.#environmentOf(nodes[step], emitters);
        if (!isStateful(spec)) return new StepContext(environment);
        if (keyed === undefined) throw new Error(`No state is provided for ${name}`);
        this.keyedEnvironment = environment;
        keyed.onLate = late;
        return new KeyedContext(environment, keyed);
      },
      mark: markElement,
      watch,
    };
    const functions = nodes.map((node, i) => (i < shape.steps.length ? functionOf(node) : splitterOf(node)));
    const limits = nodes.map(concurrencyOf);
    const source = stageCode(graph, shape, { strict: environment.strict });
    this.code = instantiate(source, shape.root)(
      functions,
      limits,
      runtime,
      this.async,
      this.counts,
      environment.currentStep,
    );
    const entering = graph.transforms.get(shape.source ?? '');
    if (keyed !== undefined && entering !== undefined && isStateful(entering.spec)) {
      this.#statefulSource = { node: entering, emitters: taggedEmitters(entering, this.code) };
    }
  }

  /** A bundle begins: nothing of another one is left. */
  begin(sinks: readonly ElementSink[], sideInputs: SideInputReader): void {
    this.async.reset();
    this.counts.fill(0);
    this.afterCommit.length = 0;
    // Anew, and not emptied: a call of an earlier bundle that goes on must not count for this one.
    this.metrics = new Map(this.names.map((name) => [name, new TransformMetrics(name, this.#now)]));
    this.#sideInputs = sideInputs;
    this.code.bind(sinks);
    const source = this.#statefulSource;
    if (source !== undefined) this.keyedEnvironment = this.#environmentOf(source.node, source.emitters);
  }

  #environmentOf({ name, spec }: TransformNode, emitters: Readonly<Record<string, Emit>>): StepEnvironment {
    const { generation } = this.async;
    return {
      transform: name,
      metrics: this.metrics.get(name) as TransformMetrics,
      sides: spec?.kind === 'parDo' ? spec.sides : {},
      emitters,
      sideInputs: this.#sideInputs,
      afterCommit: this.afterCommit,
      isOver: () => this.async.generation !== generation,
    };
  }
}

function taggedEmitters({ outputs }: TransformNode, code: GeneratedStage): Readonly<Record<string, Emit>> {
  const emitters: Record<string, Emit> = Object.create(null);
  for (const [tag, id] of Object.entries(outputs)) if (tag !== MAIN_OUTPUT) emitters[tag] = code.emitters[id];
  return emitters;
}

const NO_SIDE_INPUTS: SideInputReader = {
  view(transform, local) {
    throw new PipelineError('SIDE_INPUT_CLOSED', `Side input '${local}' of '${transform}' is read outside of a bundle`);
  },
};

type Instantiate = (...context: unknown[]) => GeneratedStage;

function instantiate(source: string, root: string): Instantiate {
  try {
    // The trailing name shows up in stack traces and profiles.
    const label = encodeURIComponent(root);
    return new Function(
      'F',
      'L',
      'X',
      'Q',
      'C',
      'T',
      `${source}\n//# sourceURL=millrace-stage/${label}`,
    ) as Instantiate;
  } catch (cause) {
    throw new PipelineError('CODE_GENERATION', 'The fused stage could not be compiled', {
      cause,
      hint: 'Millrace generates code for each stage: run node without --disallow-code-generation-from-strings',
    });
  }
}

/**
 * Who is named when an element cannot be written: a combine, whose CombineFn may have failed; a grouping that was given no
 * pair, which only its caller can know; or else the transform that made what its coder cannot write.
 */
function blamedFor(graph: Graph, { collection, transform }: SinkShape, element: unknown): TransformNode {
  const reader = graph.transforms.get(transform) as TransformNode;
  const kind = reader.spec?.kind;
  const isPair = Array.isArray(element) && element.length === 2;
  if (kind === 'combinePerKey' || (kind === 'groupByKey' && !isPair)) return reader;
  const producer = graph.collections.get(collection)?.producer ?? transform;
  return graph.transforms.get(producer) as TransformNode;
}

/** The value that the generated step calls. */
function functionOf({ spec, name }: TransformNode): unknown {
  if (spec?.kind === 'window') return spec.windowing.windowFn;
  if (spec?.kind === 'combineGroupedValues') return combineGrouped(spec.fn);
  if (spec?.kind === 'parDo') return spec.fn.fn;
  if (spec?.kind === 'flatten') return undefined;
  throw new Error(`Transform ${name} has no function`);
}

function combineGrouped(
  fn: CombineFn<unknown, unknown, unknown>,
): (element: KV<unknown, Iterable<unknown>>) => unknown {
  return ([key, values]) => {
    let accumulator = fn.create();
    for (const value of values) {
      try {
        accumulator = fn.add(accumulator, value);
      } catch (cause) {
        throw CombineFailure.adding(cause, key, value);
      }
    }
    return [key, fn.extract(accumulator)];
  };
}

function splitterOf({ spec, name }: TransformNode): (element: unknown) => Promise<RestrictionPart[]> {
  if (spec?.kind !== 'parDo' || spec.fn.kind !== 'splittable') throw new Error(`Transform ${name} is not splittable`);
  const { restriction } = spec.fn.fn as SplittableDoFn<unknown, unknown, unknown, unknown>;
  return async (element) => splitRestriction(restriction, element, await restriction.initial(element));
}

function concurrencyOf({ spec }: TransformNode): number {
  if (spec?.kind !== 'parDo') return DEFAULT_CONCURRENCY;
  if (isStateful(spec)) return 1;
  const { fn } = spec;
  const declared = fn.kind === 'doFn' ? fn.fn.concurrency : fn.concurrency;
  return Math.max(1, declared ?? DEFAULT_CONCURRENCY);
}
