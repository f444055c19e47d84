import { type Coder, checkCoder } from '../coders/coder.ts';
import { PipelineError } from '../errors.ts';
import { type Graph, LATE_OUTPUT, MAIN_INPUT, MAIN_OUTPUT, type TransformSpec } from '../graph/graph.ts';
import { GraphBuilder } from '../graph/graph-builder.ts';
import { handsOutLate } from '../graph/hands-out-late.ts';
import { checkPipelineOptions, checkRunOptions } from '../options/run-options.ts';
import { create } from '../transforms/create.ts';
import { createTimestamped } from '../transforms/create-timestamped.ts';
import type { TimestampedValue } from '../transforms/timestamped-value.ts';
import type { AnyElement } from '../values.ts';
import { GLOBAL_WINDOWING } from '../windows/global-windows.ts';
import { lateWindowing } from '../windows/late-windowing.ts';
import type { GlobalWindow, Window } from '../windows/window.ts';
import type { WindowingStrategy } from '../windows/windowing-strategy.ts';
import { PCollection } from './p-collection.ts';
import type { POutput, PTransform } from './p-transform.ts';
import type { Job, PipelineResult } from './pipeline-result.ts';
import { observer, type RunOptions, startPipeline } from './runner.ts';

/**
 * A graph of transforms under construction, and its run. Transforms that need no input (`create`, `readText`) are
 * applied to the pipeline itself.
 */
export class Pipeline {
  readonly name: string;
  readonly options: RunOptions;
  readonly #builder = new GraphBuilder();
  readonly #cleanUps: (() => Promise<void>)[] = [];

  constructor(options: RunOptions & { readonly name?: string } = {}) {
    checkPipelineOptions(options);
    const { name = 'pipeline', ...rest } = options;
    this.name = name;
    this.options = rest;
    observer()?.built(this);
  }

  get graph(): Graph {
    return this.#builder.graph;
  }

  /** Applies a transform that starts from nothing. */
  apply<O extends POutput>(transform: PTransform<Pipeline, O>): O;
  apply<O extends POutput>(name: string, transform: PTransform<Pipeline, O>): O;
  apply<O extends POutput>(nameOr: string | PTransform<Pipeline, O>, transform?: PTransform<Pipeline, O>): O {
    return this.applyTo(this, nameOr, transform);
  }

  /** A collection of the given elements. */
  create<T extends AnyElement>(elements: Iterable<T>): PCollection<T>;
  create<T extends AnyElement>(elements: Iterable<NoInfer<T>>, coder: Coder<T>): PCollection<T>;
  create<T extends AnyElement>(elements: Iterable<T>, coder?: Coder<T>): PCollection<T> {
    return this.applyTo(this, coder === undefined ? create(elements) : create(elements, coder));
  }

  /** A collection of the given elements at their times (Beam's Create.timestamped). */
  createTimestamped<T extends AnyElement>(elements: Iterable<TimestampedValue<T>>, coder?: Coder<T>): PCollection<T> {
    return this.applyTo(this, createTimestamped(elements, coder));
  }

  /** Runs the pipeline to its end. @throws the error that made it fail. */
  async run(options: RunOptions = {}): Promise<PipelineResult> {
    const job = await this.start(options);
    return job.wait();
  }

  /** Starts the pipeline and returns while it runs. */
  async start(options: RunOptions = {}): Promise<Job> {
    checkRunOptions(options);
    this.#builder.seal();
    observer()?.started(this);
    return startPipeline(this, { ...this.options, ...options });
  }

  /**
   * Registers work for the end of a run that has failed or was cancelled, for transforms that leave something outside of
   * the pipeline, such as files that are not complete. The runner has it done when no worker is at work any more and the
   * run will not be continued. A run that is killed cannot do it, so the next one must cope.
   */
  onFailure(cleanUp: () => Promise<void>): void {
    this.#cleanUps.push(cleanUp);
  }

  /** Does what `onFailure` registered; for runners. What fails of it is a warning: there is an error already. */
  async cleanUp(): Promise<void> {
    for (const result of await Promise.allSettled(this.#cleanUps.map((cleanUp) => cleanUp()))) {
      if (result.status === 'fulfilled') continue;
      process.emitWarning(`Something of a failed run could not be removed: ${String(result.reason)}`);
    }
  }

  /** Applies a transform to any input; what `apply` of pipelines and collections calls. */
  applyTo<I, O extends POutput>(input: I, nameOr: string | PTransform<I, O>, transform?: PTransform<I, O>): O {
    const applied = typeof nameOr === 'string' ? transform : nameOr;
    if (typeof applied?.expand !== 'function') {
      throw new PipelineError('TRANSFORM_INVALID', `apply() needs a transform, not ${describe(applied)}`, {
        hint: "make one: apply(Count.globally()), or of a function: apply(transform('Name', (input) => …))",
      });
    }
    const name = typeof nameOr === 'string' ? nameOr : applied.name;
    return this.#builder.within(name, (node) => {
      const output = applied.expand(input);
      checkExpansion(output);
      if (node.spec?.kind === undefined || node.children.length > 0) {
        for (const [local, collection] of collectionsOf(input, MAIN_INPUT)) node.inputs[local] = collection.node.id;
        this.#builder.recordInputs(node);
        for (const [local, collection] of collectionsOf(output, MAIN_OUTPUT)) {
          this.#checkOwn(collection, `The output of '${node.name}'`);
          node.outputs[local] = collection.node.id;
        }
      }
      return output;
    });
  }

  /**
   * Makes the transform being applied a primitive one: gives it its meaning, inputs and outputs. Called at most once,
   * from `expand`, by transforms that are not made of others. Several inputs are numbered, unless they come by name.
   */
  primitive<T extends Readonly<Record<string, Coder<unknown>>>>(
    input: PrimitiveInput,
    spec: TransformSpec,
    outputs: T,
    windowing?: WindowingStrategy,
  ): { readonly [P in keyof T]: PCollection<unknown, Window> } {
    const node = this.#builder.scope;
    if (node === undefined || node.spec !== undefined || node.children.length > 0) {
      throw new Error('primitive() outside of the expansion of one transform');
    }
    node.spec = spec;
    const inputs = namedInputs(input);
    for (const [local, collection] of inputs) {
      this.#checkOwn(collection, `The input of '${node.name}'`);
      node.inputs[local] = collection.node.id;
    }
    if (spec.kind === 'parDo') {
      for (const [local, side] of Object.entries(spec.sides)) {
        if (local === MAIN_INPUT) {
          throw new PipelineError('SIDE_INPUT_INVALID', `A side input of '${node.name}' cannot be called '${local}'`);
        }
        node.inputs[local] = side.collection;
      }
    }
    const strategy = windowing ?? inputs.at(0)?.[1].node.windowing ?? GLOBAL_WINDOWING;
    const bounded = !isUnbounded(spec) && inputs.every(([, collection]) => collection.node.bounded);
    const isLate = handsOutLate(node, outputs);
    const result: Record<string, PCollection<unknown, Window>> = {};
    for (const [tag, coder] of Object.entries(outputs)) {
      checkOutput(node.name, tag, coder);
      const windowed = isLate && tag === LATE_OUTPUT ? lateWindowing(inputs[0][1].node.windowing) : strategy;
      result[tag] = new PCollection(this, this.#builder.output(node, tag, coder, windowed, bounded));
    }
    return result as { readonly [P in keyof T]: PCollection<unknown, Window> };
  }

  /** Full name of the transform being applied, for one that hands it out. */
  primitiveName(): string {
    const node = this.#builder.scope;
    if (node === undefined) throw new Error('primitiveName() outside of the expansion of a transform');
    return node.name;
  }

  /** Gives the composite being applied a meaning that a runner may execute as one. Called first thing in `expand`. */
  composite(spec: TransformSpec): void {
    const node = this.#builder.scope;
    if (node === undefined || node.spec !== undefined) throw new Error('composite() outside of an expansion');
    node.spec = spec;
  }

  #checkOwn(collection: PCollection<unknown, Window>, what: string): void {
    if (collection.pipeline !== this) {
      throw new PipelineError('FOREIGN_COLLECTION', `${what} belongs to another pipeline`);
    }
  }
}

/** What a primitive transform reads: nothing, one collection, several, or several by name. */
type PrimitiveInput =
  | undefined
  | PCollection<unknown, Window>
  | readonly PCollection<unknown, Window>[]
  | Readonly<Record<string, PCollection<unknown, Window>>>;

function namedInputs(input: PrimitiveInput): readonly (readonly [string, PCollection<unknown, Window>])[] {
  if (input === undefined) return [];
  if (input instanceof PCollection) return [[MAIN_INPUT, input]];
  if (!Array.isArray(input)) return Object.entries(input);
  return input.map((each: PCollection<unknown, Window>, i) => [
    input.length === 1 ? MAIN_INPUT : `${MAIN_INPUT}${i}`,
    each,
  ]);
}

/** Whether a transform makes an unbounded collection out of nothing or of bounded ones. */
function isUnbounded(spec: TransformSpec): boolean {
  if (spec.kind === 'testStream' || (spec.kind === 'external' && spec.unbounded)) return true;
  return spec.kind === 'parDo' && spec.fn.kind === 'splittable' && spec.fn.fn.unbounded === true;
}

/** What is built after `expand` has returned would not be a part of the transform, or come after the run. */
function checkExpansion(output: unknown): void {
  if (typeof output !== 'object' || output === null || !('then' in output)) return;
  throw new PipelineError('TRANSFORM_ASYNC', 'The function of a transform cannot be asynchronous', {
    hint: 'read what it needs before the pipeline is built, or in a step of the pipeline',
  });
}

function collectionsOf(value: unknown, single: string): [string, PCollection<unknown, GlobalWindow>][] {
  if (value instanceof PCollection) return [[single, value]];
  if (typeof value !== 'object' || value === null || value instanceof Pipeline) return [];
  return Object.entries(value).filter(
    (entry): entry is [string, PCollection<unknown>] => entry[1] instanceof PCollection,
  );
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  return typeof value === 'object' ? 'an object without expand()' : `a ${typeof value}`;
}

function checkOutput(transform: string, tag: string, coder: Coder<unknown>): void {
  // As a property of the result it would be the result's prototype.
  if (tag === '__proto__') throw new PipelineError('OUTPUT_NAME', `An output of '${transform}' is called '${tag}'`);
  checkCoder(`the output '${tag}' of '${transform}'`, coder);
}
