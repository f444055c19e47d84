import { callerLocation } from '../caller-location.ts';
import type { Coder } from '../coders/coder.ts';
import { MillraceError, PipelineError } from '../errors.ts';
import type { WindowingStrategy } from '../windows/windowing-strategy.ts';
import { type CollectionNode, type Graph, MAIN_INPUT, type TransformNode } from './graph.ts';

/** Most transforms in one pipeline; a graph past it is built by a runaway loop. */
const MAX_TRANSFORMS = 100_000;

/** Builds a graph while a program applies transforms; keeps the scope of composites and unique names. */
export class GraphBuilder {
  readonly graph: Graph = { transforms: new Map(), collections: new Map(), roots: [] };
  #scope: TransformNode | undefined;
  #sealed = false;

  /** No transform may be applied any more: the graph is being run. */
  seal(): void {
    this.#sealed = true;
  }

  /** The transform being expanded. */
  get scope(): TransformNode | undefined {
    return this.#scope;
  }

  /**
   * Adds a transform under the composite being expanded and runs `body` with it as the scope. Errors of Millrace learn
   * which transform was applied and where.
   */
  within<R>(name: string, body: (node: TransformNode) => R): R {
    const node = this.#add(name);
    const outer = this.#scope;
    this.#scope = node;
    try {
      return body(node);
    } catch (error) {
      const { location } = node;
      if (!(error instanceof MillraceError) || location === undefined) throw error;
      const { context } = error;
      throw context.transform !== undefined && context.location !== undefined
        ? error
        : error.with({ transform: node.name, location });
    } finally {
      this.#scope = outer;
    }
  }

  #add(name: string): TransformNode {
    if (this.#sealed) {
      throw new PipelineError('PIPELINE_SEALED', `Transform '${name}' was applied after the pipeline had been run`, {
        hint: 'apply all transforms before run()',
      });
    }
    if (this.graph.transforms.size >= MAX_TRANSFORMS) {
      throw new PipelineError('PIPELINE_TOO_LARGE', `A pipeline holds at most ${MAX_TRANSFORMS} transforms`);
    }
    const label = checkName(name);
    const base = this.#scope === undefined ? label : `${this.#scope.name}/${label}`;
    let unique = base;
    for (let i = 2; this.graph.transforms.has(unique); i++) unique = `${base}#${i}`;
    const node: TransformNode = {
      name: unique,
      parent: this.#scope?.name,
      children: [],
      spec: undefined,
      inputs: {},
      outputs: {},
      location: callerLocation(),
    };
    this.graph.transforms.set(unique, node);
    if (this.#scope === undefined) this.graph.roots.push(unique);
    else this.#scope.children.push(unique);
    return node;
  }

  /**
   * Adds to a composite's inputs what its parts read of the outside beside: the right side of a join, a side input, what
   * a closure holds. They are called `input1`, `input2` and so on.
   */
  recordInputs(composite: TransformNode): void {
    const { transforms, collections } = this.graph;
    const known = new Set(Object.values(composite.inputs));
    let number = 0;
    for (const child of composite.children) {
      for (const id of Object.values(transforms.get(child)?.inputs ?? {})) {
        const producer = collections.get(id)?.producer ?? '';
        if (known.has(id) || producer.startsWith(`${composite.name}/`)) continue;
        known.add(id);
        do number++;
        while (`${MAIN_INPUT}${number}` in composite.inputs);
        composite.inputs[`${MAIN_INPUT}${number}`] = id;
      }
    }
  }

  /** Adds an output collection to a primitive transform. */
  output(
    node: TransformNode,
    tag: string,
    coder: Coder<unknown>,
    windowing: WindowingStrategy,
    bounded: boolean,
  ): CollectionNode {
    const id = `${node.name}.${tag}`;
    const collection: CollectionNode = { id, producer: node.name, coder, windowing, bounded };
    this.graph.collections.set(id, collection);
    node.outputs[tag] = id;
    return collection;
  }
}

function checkName(name: string): string {
  if (typeof name !== 'string' || name.length === 0 || name.length > 500) {
    throw new PipelineError(
      'TRANSFORM_NAME',
      `A transform's name is a string of 1 to 500 characters, not ${typeof name === 'string' ? `one of ${name.length}` : `of the type ${typeof name}`}`,
      { hint: "the name of a step comes before its function: parDo('what it does', { … })" },
    );
  }
  return name.replaceAll('/', '∕');
}
