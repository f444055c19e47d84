import type { ExpansionResponse } from '../../../model/job-management.ts';
import {
  type Components,
  Environment,
  IsBounded,
  type PCollection,
  type Pipeline as PipelineProto,
  PTransform,
  type WindowingStrategy,
} from '../../../model/pipeline.ts';
import { TransformUrn } from '../../../model/urns.ts';
import { PipelineError } from '../../../sdk/errors.ts';
import type { TransformNode } from '../../../sdk/graph/graph.ts';
import { windowingFromProto } from '../../../sdk/graph/windowing-from-proto.ts';
import { encodingText } from './crossing.ts';

/**
 * Puts what a transform has been expanded to in its place. The pipeline's own components stay as they are, its outputs
 * keep their ids, coders and windowing.
 *
 * @throws PipelineError `EXPANSION_OUTPUT` where the outputs are not what the program says of them, `EXPANSION_FAILED`
 *   where the answer contradicts itself
 */
export function spliceExpansion(pipeline: PipelineProto, node: TransformNode, response: ExpansionResponse): void {
  new Splice(pipeline, node, response).run();
}

class Splice {
  readonly #pipeline: PipelineProto;
  readonly #ours: Components;
  readonly #node: TransformNode;
  readonly #theirs: Components;
  readonly #expanded: PTransform;
  readonly #requirements: readonly string[];
  /** Ids of the pipeline by those of the answer, where they differ. */
  readonly #renamed = new Map<string, string>();
  /** Environments of the pipeline by those of the answer, where they are the same. */
  readonly #sameEnvironments = new Map<string, string>();
  /** Ours by theirs that has a name here already: an input that is passed on, or an output that comes twice. */
  readonly #copies: { readonly from: string; readonly to: string }[] = [];

  constructor(
    pipeline: PipelineProto,
    node: TransformNode,
    { components, transform, requirements }: ExpansionResponse,
  ) {
    this.#pipeline = pipeline;
    this.#node = node;
    this.#requirements = requirements;
    if (pipeline.components === undefined || components === undefined || transform === undefined) {
      throw this.#wrong('has no components');
    }
    this.#ours = pipeline.components;
    this.#theirs = components;
    this.#expanded = transform;
  }

  run(): void {
    for (const [tag, id] of Object.entries(this.#expanded.inputs)) this.#input(tag, id);
    const tags = Object.keys(this.#node.outputs);
    for (const tag of tags) this.#output(tag, tags.length === 1);
    this.#addComponents();
    const { name } = this.#node;
    const subtransforms = [...this.#expanded.subtransforms];
    for (const [i, { from, to }] of this.#copies.entries()) {
      const copy = `${name}/Copy ${i}`;
      const spec = { urn: TransformUrn.FLATTEN };
      const ends = { inputs: { input: from }, outputs: { main: to } };
      this.#ours.transforms[copy] = PTransform.create({ uniqueName: copy, spec, ...ends });
      subtransforms.push(copy);
    }
    const outputs = this.#ids(this.#expanded.outputs);
    for (const { to } of this.#copies) outputs[`copy of ${to}`] = to;
    this.#ours.transforms[name] = {
      ...this.#expanded,
      uniqueName: name,
      environmentId: this.#environmentOf(this.#expanded),
      subtransforms,
      inputs: this.#ids(this.#expanded.inputs),
      outputs,
    };
    this.#pipeline.requirements = [...new Set([...this.#pipeline.requirements, ...this.#requirements])].sort();
  }

  /** Some services call inputs by other names, or give them other ids. */
  #input(tag: string, id: string): void {
    const { inputs } = this.#node;
    const ids = Object.values(inputs);
    const own = inputs[tag] ?? (ids.length === 1 ? ids[0] : ids.find((each) => each === id));
    if (own === undefined) throw this.#wrong(`has an input '${tag}' that was not given`);
    if (own !== id) this.#renamed.set(id, own);
  }

  #output(tag: string, isOnly: boolean): void {
    const made = Object.entries(this.#expanded.outputs);
    const theirs = this.#expanded.outputs[tag] ?? (isOnly && made.length === 1 ? made[0][1] : undefined);
    if (theirs === undefined) {
      const names = made.map(([each]) => `'${each}'`).join(', ');
      throw this.#unlike(
        `has no output '${tag}'`,
        `its outputs are: ${names || 'none'}; name each in the setting 'output'`,
      );
    }
    const own = this.#node.outputs[tag];
    this.#check(tag, own, theirs);
    const known = this.#renamed.get(theirs) ?? (theirs in this.#ours.pcollections ? theirs : undefined);
    if (known === undefined) this.#renamed.set(theirs, own);
    else this.#copies.push({ from: known, to: own });
  }

  #check(tag: string, own: string, theirs: string): void {
    const stated = this.#ours.pcollections[own];
    const made: PCollection | undefined = this.#theirs.pcollections[theirs] ?? this.#ours.pcollections[theirs];
    if (made === undefined) throw this.#wrong(`lacks the collection ${theirs}`);
    const coders = { ...this.#theirs.coders, ...this.#ours.coders };
    const [wanted, found] = [stated.coderId, made.coderId].map((id) => encodingText(id, coders));
    if (wanted !== found) {
      throw this.#unlike(
        `makes elements of the coder ${found} for the output '${tag}', and the program says ${wanted}`,
        'state the coder that it makes; or state the type there, e.g. with_output_types in Python',
      );
    }
    if (made.isBounded === IsBounded.UNBOUNDED && stated.isBounded !== IsBounded.UNBOUNDED) {
      throw this.#unlike(`makes an unbounded output '${tag}'`, 'say so: { unbounded: true }');
    }
    const windowings = { ...this.#theirs.windowingStrategies, ...this.#ours.windowingStrategies };
    const [ourWindows, theirWindows] = [stated, made].map((each) => windowsText(windowings[each.windowingStrategyId]));
    if (ourWindows !== theirWindows) {
      throw this.#unlike(
        `gives the output '${tag}' windows of its own (${theirWindows.split(' ', 1)[0]})`,
        'a transform of another SDK must keep the windows of its input: window in front of it, or after it',
      );
    }
  }

  #addComponents(): void {
    const { coders, windowingStrategies, environments, pcollections, transforms } = this.#theirs;
    addNew(this.#ours.coders, coders);
    for (const [id, environment] of Object.entries(environments)) this.#environment(id, environment);
    for (const [id, strategy] of Object.entries(windowingStrategies)) {
      if (id in this.#ours.windowingStrategies) continue;
      this.#ours.windowingStrategies[id] = { ...strategy, environmentId: this.#environmentOf(strategy) };
    }
    const kept = Object.entries(pcollections).filter(([id]) => !this.#renamed.has(id));
    addNew(this.#ours.pcollections, Object.fromEntries(kept));
    const names = new Set(Object.values(this.#ours.transforms).map(({ uniqueName }) => uniqueName));
    for (const id of this.#expanded.subtransforms) this.#addTransform(id, transforms, names);
  }

  /** Environments that are the same become one, so that runners start one worker for all transforms of a service. */
  #environment(id: string, environment: Environment): void {
    const { environments } = this.#ours;
    if (id in environments) return;
    const bytes = Environment.encode(environment);
    const same = Object.keys(environments).find(
      (each) => Buffer.compare(Environment.encode(environments[each]), bytes) === 0,
    );
    if (same === undefined) environments[id] = environment;
    else this.#sameEnvironments.set(id, same);
  }

  #environmentOf({ environmentId }: { readonly environmentId: string }): string {
    return this.#sameEnvironments.get(environmentId) ?? environmentId;
  }

  /** With what it is made of, and nothing else: the answer repeats what was asked. */
  #addTransform(id: string, theirs: Components['transforms'], names: Set<string>): void {
    const transform = theirs[id];
    if (transform === undefined) throw this.#wrong(`lacks the transform ${id}`);
    if (id in this.#ours.transforms) throw this.#wrong(`has another transform ${id}`);
    let { uniqueName } = transform;
    for (let i = 2; names.has(uniqueName); i++) uniqueName = `${transform.uniqueName}#${i}`;
    names.add(uniqueName);
    const { inputs, outputs } = transform;
    const ends = { inputs: this.#ids(inputs), outputs: this.#ids(outputs) };
    this.#ours.transforms[id] = { ...transform, ...ends, uniqueName, environmentId: this.#environmentOf(transform) };
    for (const part of transform.subtransforms) this.#addTransform(part, theirs, names);
  }

  #ids(collections: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(Object.entries(collections).map(([tag, id]) => [tag, this.#renamed.get(id) ?? id]));
  }

  #unlike(what: string, hint: string): PipelineError {
    return this.#error('EXPANSION_OUTPUT', `'${this.#node.name}' ${what}`, hint);
  }

  #wrong(what: string): PipelineError {
    const summary = `What '${this.#node.name}' is expanded to ${what}`;
    return this.#error('EXPANSION_FAILED', summary, 'the expansion service is at fault: try another version of it');
  }

  #error(code: string, summary: string, hint: string): PipelineError {
    const { name, location } = this.#node;
    return new PipelineError(code, summary, { transform: name, ...(location === undefined ? {} : { location }), hint });
  }
}

function addNew<T>(ours: Record<string, T>, theirs: Readonly<Record<string, T>>): void {
  for (const [id, each] of Object.entries(theirs)) if (!(id in ours)) ours[id] = each;
}

/** A window function as a text; its URN comes first. */
function windowsText(strategy: WindowingStrategy | undefined): string {
  const windowFn = strategy === undefined ? undefined : windowingFromProto(strategy)?.windowFn;
  if (windowFn === undefined) return strategy?.windowFn?.urn ?? 'none';
  return `${windowFn.urn} ${Buffer.from(windowFn.payload()).toString('base64')}`;
}
