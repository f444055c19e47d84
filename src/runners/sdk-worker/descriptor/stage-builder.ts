import type { StepShape } from '../../../harness/stage-shape.ts';
import { type ProcessBundleDescriptor, RemoteGrpcPort } from '../../../model/fn-execution.ts';
import {
  CombinePayload,
  FunctionSpec,
  ParDoPayload,
  type PTransform,
  WindowIntoPayload,
} from '../../../model/pipeline.ts';
import { RunnerTransformUrn, TransformUrn } from '../../../model/urns.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { ParamWindowedValueCoder, WindowedValueCoder } from '../../../sdk/coders/windowed-value-coder.ts';
import type { CombineFn } from '../../../sdk/combine/combine-fn.ts';
import { RunnerError } from '../../../sdk/errors.ts';
import {
  type Graph,
  MAIN_INPUT,
  MAIN_OUTPUT,
  type SideInputNode,
  type TransformNode,
  type TransformSpec,
} from '../../../sdk/graph/graph.ts';
import { MillraceUrn } from '../../../sdk/graph/proto-urns.ts';
import { type StatefulDoFn, statefulDoFn } from '../../../sdk/state/check-stateful.ts';
import type { SplittableDoFn } from '../../../sdk/transforms/splittable-do-fn.ts';
import { GLOBAL_WINDOWING } from '../../../sdk/windows/global-windows.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import type { WindowFn } from '../../../sdk/windows/window-fn.ts';
import type { RemoteSide } from '../state/remote-side-inputs.ts';
import { convertToAccumulators, extractOutputs, mergeAccumulators, precombine } from './combine-steps.ts';
import { DescriptorCollections } from './descriptor-collections.ts';
import type { DescriptorStage, Port, RestrictionRoot, StatefulRoot } from './descriptor-stage.ts';
import { inOrder, invalid, mainInputs } from './descriptor-transforms.ts';
import { decode, IDENTITY, RESHUFFLE_RESTORE, reshufflePair, TO_STRING } from './harness-steps.ts';
import type { ProgramContext } from './program-context.ts';
import { pairWithRestriction, splitAndSize, truncate } from './restriction-steps.ts';
import { mapWindows, mergeWindows } from './window-steps.ts';

/**
 * Translates what a runner has fused into what the harness runs.
 *
 * @throws RunnerError `FN_API_UNSUPPORTED` when a transform's URN is not known here, `FN_API_INVALID` when the descriptor
 * contradicts itself or the program, `FN_API_UNKNOWN_TRANSFORM` when the program has no transform of a name
 */
export function descriptorStage(descriptor: ProcessBundleDescriptor, program: ProgramContext): DescriptorStage {
  return new StageBuilder(descriptor, program).build();
}

class StageBuilder {
  readonly #descriptor: ProcessBundleDescriptor;
  readonly #program: ProgramContext;
  readonly #transforms = new Map<string, TransformNode>();
  readonly #collections: DescriptorCollections;
  readonly #steps: StepShape[] = [];
  readonly #sinks: { readonly collection: string; readonly sink: number; readonly transform: string }[] = [];
  readonly #ports: DescriptorStage['sinks'][number][] = [];
  readonly #ids = new Map<string, string>();
  readonly #remoteSides: RemoteSide[] = [];
  #source: Port | undefined;
  #root = '';
  #restrictions: RestrictionRoot | undefined;
  #stateful: StatefulRoot | undefined;

  constructor(descriptor: ProcessBundleDescriptor, program: ProgramContext) {
    this.#descriptor = descriptor;
    this.#program = program;
    this.#collections = new DescriptorCollections(descriptor, program);
  }

  build(): DescriptorStage {
    for (const [id, transform] of inOrder(this.#descriptor)) this.#transform(id, transform);
    if (this.#source === undefined) throw invalid(this.#descriptor, 'has no data source');
    const graph: Graph = { transforms: this.#transforms, collections: this.#collections.nodes, roots: [] };
    return {
      graph,
      collections: new Set(Object.keys(this.#descriptor.pcollections)),
      shape: { root: this.#root, steps: this.#steps, sinks: this.#sinks, splits: [], source: this.#restrictions?.name },
      source: this.#source,
      sinks: this.#ports,
      restrictions: this.#restrictions,
      stateful: this.#stateful,
      sides: this.#remoteSides,
      transformIds: this.#ids,
      holding: [...this.#transforms.values()].filter((node) => this.#holds(node)).map(({ name }) => name),
    };
  }

  /** Whether a function may hold something from a bundle's start to its end, and is the program's: others are made anew. */
  #holds({ name, spec }: TransformNode): boolean {
    if (spec?.kind !== 'parDo' || spec.fn.kind !== 'doFn' || !this.#program.graph.transforms.has(name)) return false;
    return spec.fn.fn.startBundle !== undefined || spec.fn.fn.finishBundle !== undefined;
  }

  #transform(id: string, transform: PTransform): void {
    const { spec, outputs } = transform;
    const inputs = mainInputs(transform);
    switch (spec?.urn) {
      case RunnerTransformUrn.DATA_SOURCE: {
        if (this.#source !== undefined) throw invalid(this.#descriptor, 'has more than one data source');
        this.#source = this.#port(id, spec);
        [this.#root] = Object.values(outputs);
        this.#collections.producedBy(this.#add(id, transform, transform.uniqueName || id, IDENTITY));
        return;
      }
      case RunnerTransformUrn.DATA_SINK:
        return this.#sink(inputs, id, { port: this.#port(id, spec) });
      case TransformUrn.FLATTEN:
        return this.#step(id, transform, transform.uniqueName, { kind: 'flatten' });
      case TransformUrn.ASSIGN_WINDOWS: {
        const { windowFn } = WindowIntoPayload.decode(spec.payload);
        const windowing = { ...GLOBAL_WINDOWING, windowFn: this.#program.windowFns.find(required(windowFn)) };
        return this.#step(id, transform, transform.uniqueName, { kind: 'window', windowing });
      }
      case TransformUrn.MAP_WINDOWS:
        return this.#step(id, transform, transform.uniqueName, mapWindows(this.#windowFnOf(spec)));
      case TransformUrn.MERGE_WINDOWS:
        return this.#step(id, transform, transform.uniqueName, mergeWindows(this.#windowFnOf(spec)));
      case TransformUrn.TO_STRING:
        return this.#step(id, transform, transform.uniqueName, TO_STRING);
      case TransformUrn.COMBINE_PER_KEY_PRECOMBINE:
      case TransformUrn.COMBINE_PER_KEY_MERGE_ACCUMULATORS:
      case TransformUrn.COMBINE_PER_KEY_EXTRACT_OUTPUTS:
      case TransformUrn.COMBINE_PER_KEY_CONVERT_TO_ACCUMULATORS:
      case TransformUrn.COMBINE_GROUPED_VALUES:
        return this.#combine(id, transform, spec);
      case TransformUrn.PAR_DO:
      case TransformUrn.PAIR_WITH_RESTRICTION:
      case TransformUrn.SPLIT_AND_SIZE_RESTRICTIONS:
      case TransformUrn.PROCESS_SIZED_ELEMENTS_AND_RESTRICTIONS:
      case TransformUrn.TRUNCATE_SIZED_RESTRICTION:
        return this.#parDo(id, transform, spec);
      default:
        throw new RunnerError('FN_API_UNSUPPORTED', `The runner asks for ${spec?.urn ?? 'a transform without a URN'}`, {
          transform: transform.uniqueName,
          hint: 'this harness does not know that transform; it is not one that it has declared',
        });
    }
  }

  #combine(id: string, transform: PTransform, spec: FunctionSpec): void {
    const { combineFn } = CombinePayload.decode(spec.payload);
    const fn = this.#combineFn(required(combineFn));
    const name = transform.uniqueName;
    switch (spec.urn) {
      case TransformUrn.COMBINE_PER_KEY_PRECOMBINE: {
        const [[, input]] = mainInputs(transform);
        const { coder, windowing } = this.#collections.get(input);
        const [key] = coder.components;
        const window = windowing.windowFn.coder as Coder<Window>;
        return this.#step(id, transform, name, precombine(fn, { key, window, ...windowing }));
      }
      case TransformUrn.COMBINE_PER_KEY_MERGE_ACCUMULATORS:
        return this.#step(id, transform, name, mergeAccumulators(fn));
      case TransformUrn.COMBINE_PER_KEY_EXTRACT_OUTPUTS:
        return this.#step(id, transform, name, extractOutputs(fn));
      case TransformUrn.COMBINE_PER_KEY_CONVERT_TO_ACCUMULATORS:
        return this.#step(id, transform, name, convertToAccumulators(fn));
      default:
        return this.#step(id, transform, name, { kind: 'combineGroupedValues', fn });
    }
  }

  #combineFn({ urn, payload }: FunctionSpec): CombineFn<unknown, unknown, unknown> {
    if (urn !== MillraceUrn.COMBINE_FN) throw foreign(urn);
    const { name, spec } = this.#ofProgram(payload);
    if (spec?.kind === 'combinePerKey' || spec?.kind === 'combineGroupedValues') return spec.fn;
    throw new RunnerError('FN_API_INVALID', `The transform '${name}' of the program is no combine`);
  }

  #parDo(id: string, transform: PTransform, spec: FunctionSpec): void {
    const doFn = required(ParDoPayload.decode(spec.payload).doFn);
    switch (doFn.urn) {
      case MillraceUrn.IDENTITY:
        return this.#step(id, transform, transform.uniqueName, IDENTITY);
      case MillraceUrn.DECODE: {
        const { outputs, name } = this.#ofProgram(doFn.payload);
        const decoded = this.#program.graph.collections.get(outputs[MAIN_OUTPUT]);
        if (decoded === undefined) throw foreign(name);
        return this.#step(id, transform, transform.uniqueName, decode(decoded.coder));
      }
      case MillraceUrn.COLLECT: {
        const { name } = this.#ofProgram(doFn.payload);
        return this.#sink(mainInputs(transform), name, { collect: name });
      }
      case MillraceUrn.RESHUFFLE_PAIR:
        return this.#step(id, transform, transform.uniqueName, reshufflePair(this.#program.random));
      case MillraceUrn.RESHUFFLE_RESTORE:
        return this.#step(id, transform, transform.uniqueName, RESHUFFLE_RESTORE);
      case MillraceUrn.COMBINE_GROUPED_VALUES: {
        const { spec: combine, name } = this.#ofProgram(doFn.payload);
        if (combine?.kind !== 'combineGroupedValues') throw foreign(name);
        return this.#step(id, transform, transform.uniqueName, combine);
      }
      case MillraceUrn.DO_FN:
        return this.#userFunction(id, transform, spec.urn, this.#ofProgram(doFn.payload));
      default:
        throw foreign(doFn.urn);
    }
  }

  #userFunction(id: string, transform: PTransform, urn: string, node: TransformNode): void {
    const { name, spec, location } = node;
    if (spec?.kind !== 'parDo') throw new RunnerError('FN_API_INVALID', `The program's '${name}' is no ParDo`);
    const own = { ...spec, sides: this.#collections.sides(spec.sides, transform) };
    const stateful = statefulDoFn(spec);
    if (spec.fn.kind !== 'splittable') {
      const added = this.#step(id, transform, name, own, location);
      if (stateful !== undefined) this.#stateful = this.#statefulRoot(id, name, stateful, transform);
      this.#readsSides(id, name, own.sides);
      return added;
    }
    if (stateful !== undefined) {
      throw new RunnerError('FN_API_UNSUPPORTED', `'${name}' is a splittable DoFn with state or timers`, {
        transform: name,
        hint: 'it runs on the DirectRunner; elsewhere, put the state into a DoFn of its own behind the splittable one',
      });
    }
    const fn = spec.fn.fn as SplittableDoFn<unknown, unknown, unknown, unknown>;
    switch (urn) {
      case TransformUrn.PAIR_WITH_RESTRICTION:
        return this.#step(id, transform, `${name}/PairWithRestriction`, pairWithRestriction(fn), location);
      case TransformUrn.SPLIT_AND_SIZE_RESTRICTIONS:
        return this.#step(id, transform, `${name}/SplitAndSize`, splitAndSize(fn), location);
      case TransformUrn.TRUNCATE_SIZED_RESTRICTION:
        return this.#step(id, transform, `${name}/Truncate`, truncate(fn), location);
      case TransformUrn.PROCESS_SIZED_ELEMENTS_AND_RESTRICTIONS: {
        const [[input, collection]] = mainInputs(transform);
        if (collection !== this.#root) throw invalid(this.#descriptor, 'processes restrictions that it makes itself');
        const added = this.#add(id, transform, name, own, location);
        this.#readsSides(id, name, own.sides);
        this.#collections.producedBy(added);
        this.#root = added.outputs[MAIN_OUTPUT];
        this.#restrictions = { name, id, input, outputs: Object.keys(transform.outputs), fn };
        return;
      }
      default:
        throw new RunnerError('FN_API_INVALID', `The runner has not expanded the splittable DoFn '${name}'`);
    }
  }

  #readsSides(id: string, transform: string, sides: Readonly<Record<string, SideInputNode>>): void {
    for (const [local, { collection }] of Object.entries(sides)) {
      const { coder, windowing } = this.#collections.get(collection);
      this.#remoteSides.push({
        transform,
        transformId: id,
        local,
        windowFn: windowing.windowFn,
        windowCoder: this.#collections.windowCoder(collection),
        elementCoder: coder,
      });
    }
  }

  #statefulRoot(id: string, name: string, fn: StatefulDoFn, transform: PTransform): StatefulRoot {
    const [[, input]] = mainInputs(transform);
    const { coder, windowing, bounded } = this.#collections.get(input);
    const [keyCoder, valueCoder] = coder.components;
    return {
      id,
      name,
      fn,
      keyCoder,
      valueCoder,
      windowCoder: this.#collections.windowCoder(input),
      allowedLateness: windowing.allowedLateness,
      isBounded: bounded,
    };
  }

  #step(id: string, transform: PTransform, name: string, spec: TransformSpec, location?: string): void {
    const node = this.#add(id, transform, name, spec, location);
    for (const [, input] of mainInputs(transform)) {
      this.#steps.push({ transform: node.name, input: this.#collections.get(input).id });
    }
    this.#collections.producedBy(node);
  }

  #sink(
    inputs: readonly (readonly [string, string])[],
    transform: string,
    target: DescriptorStage['sinks'][number],
  ): void {
    for (const [, collection] of inputs) {
      // Errors in writing name the transform that made the element; a sink of the runner means nothing to the user.
      const { producer } = this.#collections.get(collection);
      const blamed = 'collect' in target ? producer || transform : producer;
      this.#sinks.push({ collection, sink: this.#ports.length, transform: blamed });
      this.#ports.push(target);
    }
  }

  #add(id: string, transform: PTransform, wanted: string, spec: TransformSpec, location?: string): TransformNode {
    let name = wanted || id;
    for (let n = 2; this.#transforms.has(name); n++) name = `${wanted}#${n}`;
    const inputs: Record<string, string> = {};
    for (const [i, [local, collection]] of mainInputs(transform).entries()) {
      inputs[i === 0 ? MAIN_INPUT : local] = collection;
    }
    const outputs = { ...transform.outputs };
    // Harness steps have one output, whatever a runner calls it.
    const all = Object.values(outputs);
    if (outputs[MAIN_OUTPUT] === undefined && all.length === 1) outputs[MAIN_OUTPUT] = all[0];
    const node: TransformNode = { name, parent: undefined, children: [], spec, inputs, outputs, location };
    this.#transforms.set(name, node);
    this.#ids.set(name, id);
    this.#collections.addLostOutputs(node, wanted);
    return node;
  }

  #ofProgram(payload: Uint8Array): TransformNode {
    const name = Buffer.from(payload).toString('utf8');
    const node = this.#program.graph.transforms.get(name);
    if (node !== undefined) return node;
    throw new RunnerError('FN_API_UNKNOWN_TRANSFORM', `This program has no transform '${name}'`, {
      hint: 'the job was submitted by another version of the program: both must build the same graph',
    });
  }

  /** Of a payload that is a window function, or says to which one windows are mapped. */
  #windowFnOf({ payload }: FunctionSpec): WindowFn<Window> {
    const named = FunctionSpec.decode(payload);
    const isMapping = named.urn === MillraceUrn.WINDOW_MAPPING_FN;
    return this.#program.windowFns.find(isMapping ? FunctionSpec.decode(named.payload) : named);
  }

  #port(transform: string, spec: FunctionSpec): Port {
    const { coderId, apiServiceDescriptor } = RemoteGrpcPort.decode(spec.payload);
    const coder = this.#program.coders.coder(coderId);
    if (!(coder instanceof WindowedValueCoder) && !(coder instanceof ParamWindowedValueCoder)) {
      throw invalid(this.#descriptor, `has the coder ${coder.urn} at a port, which is none of windowed values`);
    }
    return { transform, coder, endpoint: apiServiceDescriptor?.url ?? '' };
  }
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new RunnerError('FN_API_INVALID', 'A payload of the runner lacks its function');
  return value;
}

function foreign(urn: string): RunnerError {
  return new RunnerError('FN_API_UNSUPPORTED', `The function ${urn} is none of this harness`, {
    hint: 'the runner has sent it to the wrong environment',
  });
}
