import { UserCodeError } from '../sdk/errors.ts';
import type { Graph, TransformNode } from '../sdk/graph/graph.ts';
import type { MetricCells } from '../sdk/metrics/metric-cells.ts';
import type { DoFn, SplittableDoFn, TimestampedOutput } from '../sdk/transforms/do-fn.ts';
import type { ElementSink } from '../sdk/transforms/element-sink.ts';
import { NO_FIRING, ON_TIME_AND_ONLY_FIRING, type PaneInfo } from '../sdk/windows/pane-info.ts';
import type { Timestamp } from '../sdk/windows/timestamp.ts';
import type { Window } from '../sdk/windows/window.ts';
import { TransformMetrics } from './metrics-container.ts';
import type { SideInputReader } from './side-input-reader.ts';
import { type CombinedReader, type GroupReader, type StageEnvironment, StageProgram } from './stage-program.ts';
import type { StageShape } from './stage-shape.ts';
import { pictureOf } from './strict-checks.ts';

/** Elements with their columns; a column that is the same for all is a single value. */
export interface ElementBlock {
  readonly values: readonly unknown[];
  readonly timestamps: number | ArrayLike<number>;
  readonly windows: Window | readonly Window[];
  readonly panes: PaneInfo | readonly PaneInfo[];
}

/** What enters the stage in one bundle. */
export type BundleInput =
  | { readonly kind: 'blocks'; next(): ElementBlock | undefined }
  | { readonly kind: 'groups'; readonly reader: GroupReader }
  | { readonly kind: 'combined'; readonly reader: CombinedReader }
  | {
      readonly kind: 'restriction';
      /** The splittable transform. */
      readonly transform: string;
      readonly element: unknown;
      readonly restriction: unknown;
      readonly timestamp: number;
      readonly window: Window;
      readonly pane: PaneInfo;
      /** Asked between batches: a fraction of the rest to keep when the runner wants to have the other part back. */
      splitWanted(): number | undefined;
      /** Hands the runner the part that was given away. */
      onSplit(primary: unknown, residual: unknown): void;
      /** Told how much is done and how much is left, between batches. */
      onProgress(completed: number, remaining: number): void;
    };

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
  readonly #sourceMetrics: TransformMetrics | undefined;
  readonly #environment: StageEnvironment;
  #ready = false;

  /** `source` is the splittable transform whose restrictions enter the stage. */
  constructor(graph: Graph, shape: StageShape, environment: StageEnvironment, source?: string) {
    this.#environment = environment;
    this.#program = new StageProgram(graph, shape, environment);
    this.#doFns = shape.steps.flatMap(({ transform }, step) => {
      const node = graph.transforms.get(transform) as TransformNode;
      const fn = node.spec?.kind === 'parDo' && node.spec.fn.kind === 'doFn' ? node.spec.fn.fn : undefined;
      return fn === undefined ? [] : [{ step, node, fn }];
    });
    const node = source === undefined ? undefined : (graph.transforms.get(source) as TransformNode);
    if (node?.spec?.kind === 'parDo' && node.spec.fn.kind === 'splittable') {
      this.#source = { node, fn: node.spec.fn.fn };
      this.#sourceMetrics = new TransformMetrics(node.name, environment.now);
    }
  }

  /** Runs one bundle. @throws what made it fail; the stage is ready for another bundle then. */
  async run(ports: BundlePorts): Promise<BundleReport> {
    const program = this.#program;
    program.async.reset();
    program.counts.fill(0);
    for (const metrics of program.metrics.values()) metrics.take();
    this.#sourceMetrics?.take();
    program.sideInputs = ports.sideInputs;
    program.code.bind(ports.sinks);
    try {
      await this.#setup();
      await this.#startBundle();
      await this.#feed(ports);
      await program.async.settle(true);
      await this.#finishBundle();
      return this.#report();
    } catch (error) {
      program.async.reset();
      throw error;
    }
  }

  async #setup(): Promise<void> {
    if (this.#ready) return;
    for (const { step, fn } of this.#doFns) await this.#guard(step, () => fn.setup?.());
    await this.#source?.fn.setup?.();
    this.#ready = true;
  }

  async #startBundle(): Promise<void> {
    for (const { step, fn, node } of this.#doFns) {
      if (this.#environment.strict) this.#pictures.set(node.name, pictureOf(fn));
      await this.#guard(step, () => fn.startBundle?.({ metrics: this.#metricsOf(node.name) }));
    }
  }

  readonly #pictures = new Map<string, string>();

  /** In topological order: what one DoFn emits at its end still reaches the next before that one's end. */
  async #finishBundle(): Promise<void> {
    for (const { step, fn, node } of this.#doFns) {
      const outputs = await this.#guard(step, () => fn.finishBundle?.({ metrics: this.#metricsOf(node.name) }));
      const emit = this.#program.code.emitters[node.outputs.main];
      for (const output of (outputs ?? []) as Iterable<TimestampedOutput<unknown>>) {
        emit(output.value, output.timestamp, output.window, NO_FIRING);
        if (this.#program.async.full) await this.#program.async.settle(false);
      }
      await this.#program.async.settle(true);
      if (this.#environment.strict && this.#pictures.get(node.name) !== pictureOf(fn)) {
        throw this.#program.failures.attribute(
          step,
          new UserCodeError('STATE_BETWEEN_BUNDLES', 'The DoFn keeps state of one bundle for the next', {
            hint: 'a bundle may run again on another worker: reset the fields in startBundle or finishBundle',
          }),
        );
      }
    }
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

  async #feed({ input, signal }: BundlePorts): Promise<void> {
    if (input.kind === 'restriction') return this.#read(input, signal);
    if (input.kind !== 'blocks') {
      const { code } = this.#program;
      const pane = ON_TIME_AND_ONLY_FIRING;
      while (input.kind === 'groups' ? code.groups(input.reader, pane) : code.combined(input.reader, pane)) {
        signal?.throwIfAborted();
        await this.#program.async.settle(false);
      }
      return;
    }
    for (let block = input.next(); block !== undefined; block = input.next()) {
      signal?.throwIfAborted();
      await this.#elements(block);
    }
  }

  async #elements({ values, timestamps, windows, panes }: ElementBlock): Promise<void> {
    const { code, async } = this.#program;
    const same = typeof timestamps === 'number' && !Array.isArray(windows) && !Array.isArray(panes);
    for (let i = 0; i < values.length; ) {
      i = same
        ? code.elements(values, i, values.length, timestamps, windows as Window, panes as PaneInfo)
        : code.columns(values, i, values.length, timestamps, windows, panes);
      if (async.full) await async.settle(false);
    }
  }

  async #read(input: Extract<BundleInput, { kind: 'restriction' }>, signal?: Cancellation): Promise<void> {
    const source = this.#source;
    if (source === undefined) throw new Error(`Stage has no splittable transform ${input.transform}`);
    const { fn } = source;
    const { code, async } = this.#program;
    try {
      const tracker = fn.restriction.tracker(input.restriction);
      const context = {
        tracker,
        metrics: this.#sourceMetrics as TransformMetrics,
        timestamp: input.timestamp as Timestamp,
      };
      const batches = await fn.process(input.element as never, context);
      for await (const batch of batches) {
        signal?.throwIfAborted();
        for (let i = 0; i < batch.length; ) {
          i = code.elements(batch, i, batch.length, context.timestamp, input.window, input.pane);
          if (async.full) await async.settle(false);
        }
        const { completed, remaining } = tracker.progress();
        input.onProgress(completed, remaining);
        const fraction = input.splitWanted();
        if (fraction === undefined) continue;
        const split = tracker.trySplit(fraction);
        if (split !== undefined) input.onSplit(split.primary, split.residual);
      }
      tracker.checkDone();
    } catch (error) {
      throw this.#program.failures.attributeTo(source.node, error, input.element);
    }
  }

  #report(): BundleReport {
    const elements: Record<string, number> = {};
    this.#program.collections.forEach((id, i) => {
      elements[id] = this.#program.counts[i];
    });
    const metrics: Record<string, MetricCells> = {};
    const all = [...this.#program.metrics];
    if (this.#source !== undefined) all.push([this.#source.node.name, this.#sourceMetrics as TransformMetrics]);
    for (const [name, container] of all) {
      const cells = container.take();
      if (cells !== undefined) metrics[name] = cells;
    }
    return { elements, metrics };
  }

  /** Ends the DoFns' lives; all of them, even when one fails. */
  async teardown(): Promise<void> {
    if (!this.#ready) return;
    this.#ready = false;
    const failures: unknown[] = [];
    for (const { step, fn } of this.#doFns) {
      await this.#guard(step, () => fn.teardown?.()).catch((error) => failures.push(error));
    }
    await Promise.resolve(this.#source?.fn.teardown?.()).catch((error) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}
