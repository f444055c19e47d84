import {
  CombinePayload,
  type Environment,
  type FunctionSpec,
  type Init,
  IsBounded,
  ParDoPayload,
  Pipeline,
  type PTransform,
  type SideInput,
  TestStreamPayload,
  WindowIntoPayload,
} from '../../model/pipeline.ts';
import { CoderUrn, EnvironmentUrn, RequirementUrn, SideInputUrn, TransformUrn } from '../../model/urns.ts';
import { bytesCoder } from '../coders/bytes-coder.ts';
import type { Coder } from '../coders/coder.ts';
import { defaultCoder } from '../coders/default-coder.ts';
import { iterableCoder } from '../coders/iterable-coder.ts';
import { kvCoder } from '../coders/kv-coder.ts';
import { timestampCoder } from '../coders/timestamp-coder.ts';
import { safeIntCoder } from '../coders/varint-coder.ts';
import { WindowedValueCoder } from '../coders/windowed-value-coder.ts';
import type { CombineFn } from '../combine/combine-fn.ts';
import type { TestStreamEvent } from '../transforms/test-stream.ts';
import { always } from '../triggers/triggers.ts';
import { GLOBAL_WINDOWING } from '../windows/global-windows.ts';
import type { Window } from '../windows/window.ts';
import {
  type CollectionNode,
  type Graph,
  MAIN_INPUT,
  MAIN_OUTPUT,
  type SideInputNode,
  type TransformNode,
} from './graph.ts';
import { ProtoComponents } from './proto-components.ts';
import { MillraceUrn } from './proto-urns.ts';
import { requestsFinalization } from './requests-finalization.ts';
import { testStreamEvent } from './test-stream-proto.ts';
import { userStateProto } from './user-state-proto.ts';

/** Id of the environment in which the program's functions run. */
export const ENVIRONMENT_ID = 'js';

const STANDARD_CODERS: readonly string[] = Object.values(CoderUrn).filter((urn) => urn !== CoderUrn.SCHEMA);

/** The environment of pipelines that name none: the runner decides where; the harness knows all standard coders. */
export const DEFAULT_ENVIRONMENT: Init<Environment> = {
  urn: EnvironmentUrn.DEFAULT,
  capabilities: STANDARD_CODERS,
};

/**
 * The Beam proto of a pipeline, as any portable runner takes it. Transforms and collections keep their names as ids.
 *
 * @param environment where the program's functions run; default {@link DEFAULT_ENVIRONMENT}
 * @param namespace what ids of coders, windowings and the environment begin with
 */
export function graphToProto(
  graph: Graph,
  environment: Init<Environment> = DEFAULT_ENVIRONMENT,
  namespace = '',
): Pipeline {
  return new Translation(graph, namespace).pipeline(environment);
}

/** A coder of a program, and what the program's proto says of it. */
export interface ProgramCoder {
  readonly coder: Coder<unknown>;
  readonly urn: string;
  readonly payload: Uint8Array | undefined;
  readonly componentIds: readonly string[];
}

/** The coders of a pipeline by the ids that they have in its proto. */
export function graphCoders(graph: Graph, namespace = ''): ReadonlyMap<string, ProgramCoder> {
  return new Translation(graph, namespace).coders();
}

class Translation {
  readonly #graph: Graph;
  readonly #environmentId: string;
  readonly #components: ProtoComponents;
  readonly #requirements = new Set<string>();

  constructor(graph: Graph, namespace: string) {
    this.#graph = graph;
    this.#environmentId = namespace + ENVIRONMENT_ID;
    this.#components = new ProtoComponents(this.#environmentId, namespace);
  }

  pipeline(environment: Init<Environment>): Pipeline {
    for (const node of this.#graph.collections.values()) this.#collection(node);
    for (const node of this.#graph.transforms.values()) this.#transform(node);
    const { transforms, pcollections, coders, windowingStrategies } = this.#components;
    return Pipeline.create({
      components: {
        transforms,
        pcollections,
        coders,
        windowingStrategies,
        environments: { [this.#environmentId]: environment },
      },
      rootTransformIds: this.#graph.roots,
      requirements: [...this.#requirements].sort(),
    });
  }

  coders(): ReadonlyMap<string, ProgramCoder> {
    const { components } = this.pipeline(DEFAULT_ENVIRONMENT);
    const coders = new Map<string, ProgramCoder>();
    for (const [id, coder] of this.#components.coderObjects) {
      const { spec, componentCoderIds = [] } = components?.coders[id] ?? {};
      coders.set(id, { coder, urn: coder.urn, payload: spec?.payload, componentIds: componentCoderIds });
    }
    return coders;
  }

  #collection({ id, windowing, bounded }: CollectionNode): void {
    this.#components.pcollections[id] = {
      uniqueName: id,
      coderId: this.#coderId(id),
      isBounded: bounded ? IsBounded.BOUNDED : IsBounded.UNBOUNDED,
      windowingStrategyId: this.#components.windowing(windowing),
    };
  }

  #coderOf(collection: string): Coder<unknown> {
    return this.#node(collection).coder;
  }

  #coderId(collection: string): string {
    return this.#components.coder(this.#coderOf(collection));
  }

  #node(collection: string): CollectionNode {
    const node = this.#graph.collections.get(collection);
    if (node === undefined) throw new Error(`The graph has no collection ${collection}`);
    return node;
  }

  #add(name: string, transform: Init<PTransform>): void {
    this.#components.transforms[name] = { uniqueName: name, ...transform };
  }

  #transform(node: TransformNode): void {
    const { name, spec, inputs, outputs } = node;
    const base = { subtransforms: node.children, inputs, outputs };
    const native = (urn: string) => this.#add(name, { ...base, spec: { urn } });
    const inHarness = (urn: string, payload: Uint8Array) =>
      this.#add(name, { ...base, spec: { urn, payload }, environmentId: this.#environmentId });
    switch (spec?.kind) {
      case undefined:
        return this.#add(name, base);
      case 'impulse':
        return native(TransformUrn.IMPULSE);
      case 'testStream':
        return this.#testStream(node, spec.events);
      case 'groupByKey':
        return native(TransformUrn.GROUP_BY_KEY);
      case 'flatten':
        return this.#flatten(node);
      case 'reshuffle':
        return this.#reshuffle(node);
      case 'collect':
        return this.#parDo(name, { urn: MillraceUrn.COLLECT, payload: utf8(name) }, inputs[MAIN_INPUT], undefined);
      case 'window': {
        const { windowFn } = spec.windowing;
        const payload = { windowFn: { urn: windowFn.urn, payload: windowFn.payload() } };
        return inHarness(TransformUrn.ASSIGN_WINDOWS, WindowIntoPayload.encode(payload));
      }
      case 'combinePerKey':
        return inHarness(TransformUrn.COMBINE_PER_KEY, this.#combinePayload(name, spec.fn));
      case 'combineGroupedValues':
        return this.#combineGroupedValues(node, spec.fn);
      case 'parDo': {
        const sideInputs: Record<string, Init<SideInput>> = {};
        for (const [local, side] of Object.entries(spec.sides)) sideInputs[local] = sideInput(side);
        let restrictionCoderId = '';
        if (spec.fn.kind === 'splittable') {
          restrictionCoderId = this.#components.coder(watermarkedRestrictionCoder(spec.fn.fn.restriction.coder));
          this.#requirements.add(RequirementUrn.REQUIRES_SPLITTABLE_DOFN);
        }
        const doFn = { urn: MillraceUrn.DO_FN, payload: utf8(name) };
        const finalizes = requestsFinalization(spec.fn);
        if (finalizes) this.#requirements.add(RequirementUrn.REQUIRES_BUNDLE_FINALIZATION);
        const userState = userStateProto(node, this.#components, this.#node(inputs[MAIN_INPUT]));
        for (const requirement of userState.requirements) this.#requirements.add(requirement);
        return inHarness(
          TransformUrn.PAR_DO,
          ParDoPayload.encode({
            doFn,
            sideInputs,
            restrictionCoderId,
            requestsFinalization: finalizes,
            ...userState.payload,
          }),
        );
      }
    }
  }

  #combinePayload(name: string, fn: CombineFn<unknown, unknown, unknown>): Uint8Array {
    return CombinePayload.encode({
      combineFn: { urn: MillraceUrn.COMBINE_FN, payload: utf8(name) },
      accumulatorCoderId: this.#components.coder(fn.coder ?? defaultCoder),
    });
  }

  /** Java's runners know no primitive that combines grouped values, so there is a ParDo inside that does it. */
  #combineGroupedValues({ name, inputs, outputs }: TransformNode, fn: CombineFn<unknown, unknown, unknown>): void {
    const [input] = Object.values(inputs);
    const [output] = Object.values(outputs);
    const parDo = `${name}/ParDo`;
    this.#parDo(parDo, { urn: MillraceUrn.COMBINE_GROUPED_VALUES, payload: utf8(name) }, input, output);
    this.#add(name, {
      spec: { urn: TransformUrn.COMBINE_GROUPED_VALUES, payload: this.#combinePayload(name, fn) },
      subtransforms: [parDo],
      inputs,
      outputs,
      environmentId: this.#environmentId,
    });
  }

  /**
   * A runner flattens bytes, so all inputs must have the output's coder. Those that have not are encoded anew by a DoFn
   * in front of the flatten, which is then a composite of these and the flatten proper.
   */
  #flatten({ name, inputs, outputs }: TransformNode): void {
    const [output] = Object.values(outputs);
    const subtransforms: string[] = [];
    const same: Record<string, string> = {};
    for (const [local, input] of Object.entries(inputs)) {
      if (this.#coderId(input) === this.#coderId(output)) {
        same[local] = input;
        continue;
      }
      const recode = `${name}/Recode ${local}`;
      same[local] = this.#derived(recode, this.#coderOf(output), this.#node(output));
      this.#parDo(recode, { urn: MillraceUrn.IDENTITY }, input, same[local]);
      subtransforms.push(recode);
    }
    if (subtransforms.length === 0) return this.#add(name, { spec: { urn: TransformUrn.FLATTEN }, inputs, outputs });
    const flatten = `${name}/Flatten`;
    this.#add(flatten, { spec: { urn: TransformUrn.FLATTEN }, inputs: same, outputs });
    this.#add(name, { subtransforms: [...subtransforms, flatten], inputs, outputs });
  }

  /** A runner that plays the script decodes the elements, and need not know their coder: it is given bytes. */
  #testStream({ name, outputs }: TransformNode, events: readonly TestStreamEvent[]): void {
    const output = this.#node(outputs[MAIN_OUTPUT]);
    const [eventsStep, decodeStep] = [`${name}/Events`, `${name}/Decode`];
    const bytes = bytesCoder as Coder<unknown>;
    const encoded = this.#derived(eventsStep, bytes, output);
    const payload = TestStreamPayload.encode({
      coderId: this.#components.coder(bytes),
      events: events.map((event) => testStreamEvent(event, output.coder)),
    });
    this.#add(eventsStep, { spec: { urn: TransformUrn.TEST_STREAM, payload }, outputs: { main: encoded } });
    this.#parDo(decodeStep, { urn: MillraceUrn.DECODE, payload: utf8(name) }, encoded, output.id);
    this.#add(name, { subtransforms: [eventsStep, decodeStep], outputs });
  }

  /** A runner may leave a reshuffle out, so its input must have the output's coder. */
  #reshuffle({ name, inputs, outputs }: TransformNode): void {
    const [input] = Object.values(inputs);
    const [output] = Object.values(outputs);
    if (this.#coderId(input) === this.#coderId(output)) return this.#reshuffleAlike(name, input, output);
    const [recodeStep, reshuffle] = [`${name}/Recode`, `${name}/Reshuffle`];
    const same = this.#derived(recodeStep, this.#coderOf(output), this.#node(input));
    this.#parDo(recodeStep, { urn: MillraceUrn.IDENTITY }, input, same);
    this.#reshuffleAlike(reshuffle, same, output);
    this.#add(name, { subtransforms: [recodeStep, reshuffle], inputs, outputs });
  }

  /**
   * Runners that know reshuffle do it their way. For the others it is spelled out: each element, with its windows and
   * timestamp as part of the value, gets a key; the pairs are grouped in the global window and taken apart again.
   */
  #reshuffleAlike(name: string, input: string, output: string): void {
    const source = this.#node(output);
    const windowed = new WindowedValueCoder(source.coder, source.windowing.windowFn.coder as Coder<Window>);
    const key = safeIntCoder as Coder<unknown>;
    const pair = kvCoder(key, windowed as Coder<unknown>) as Coder<unknown>;
    const group = kvCoder(key, iterableCoder(windowed as Coder<unknown>) as Coder<unknown>) as Coder<unknown>;
    const [pairStep, windowStep, groupStep, restoreStep] = ['Pair', 'Window', 'GroupByKey', 'Restore'].map(
      (step) => `${name}/${step}`,
    );
    const paired = this.#derived(pairStep, pair, source);
    // The global window has no end to wait for: unbounded elements are passed on as they come.
    const windowing = source.bounded ? GLOBAL_WINDOWING : { ...GLOBAL_WINDOWING, trigger: always() };
    const global = { ...source, windowing };
    const rewindowed = this.#derived(windowStep, pair, global);
    const grouped = this.#derived(groupStep, group, global);

    this.#parDo(pairStep, { urn: MillraceUrn.RESHUFFLE_PAIR }, input, paired);
    const { windowFn } = GLOBAL_WINDOWING;
    this.#add(windowStep, {
      spec: {
        urn: TransformUrn.ASSIGN_WINDOWS,
        payload: WindowIntoPayload.encode({ windowFn: { urn: windowFn.urn, payload: windowFn.payload() } }),
      },
      inputs: { [MAIN_INPUT]: paired },
      outputs: { main: rewindowed },
      environmentId: this.#environmentId,
    });
    this.#add(groupStep, {
      spec: { urn: TransformUrn.GROUP_BY_KEY },
      inputs: { [MAIN_INPUT]: rewindowed },
      outputs: { main: grouped },
    });
    this.#parDo(restoreStep, { urn: MillraceUrn.RESHUFFLE_RESTORE }, grouped, output);
    this.#add(name, {
      spec: { urn: TransformUrn.RESHUFFLE },
      subtransforms: [pairStep, windowStep, groupStep, restoreStep],
      inputs: { [MAIN_INPUT]: input },
      outputs: { main: output },
    });
  }

  #parDo(name: string, doFn: Init<FunctionSpec>, input: string, output: string | undefined): void {
    this.#add(name, {
      spec: { urn: TransformUrn.PAR_DO, payload: ParDoPayload.encode({ doFn }) },
      inputs: { [MAIN_INPUT]: input },
      outputs: output === undefined ? {} : { main: output },
      environmentId: this.#environmentId,
    });
  }

  /** Adds the output of a step that the graph has not, windowed like another collection. */
  #derived(step: string, coder: Coder<unknown>, like: Pick<CollectionNode, 'windowing' | 'bounded'>): string {
    const id = `${step}.main`;
    this.#components.pcollections[id] = {
      uniqueName: id,
      coderId: this.#components.coder(coder),
      isBounded: like.bounded ? IsBounded.BOUNDED : IsBounded.UNBOUNDED,
      windowingStrategyId: this.#components.windowing(like.windowing),
    };
    return id;
  }
}

/** Runners carry a restriction with how far its watermark has come. */
function watermarkedRestrictionCoder(restriction: Coder<unknown>): Coder<unknown> {
  return kvCoder(restriction, timestampCoder as Coder<unknown>) as Coder<unknown>;
}

/** Maps too are read whole: by key, each look would be a round trip, and there would be no size and nothing to iterate. */
function sideInput({ view }: SideInputNode): Init<SideInput> {
  return {
    accessPattern: { urn: SideInputUrn.ITERABLE },
    viewFn: { urn: MillraceUrn.VIEW_FN, payload: utf8(view) },
    windowMappingFn: { urn: MillraceUrn.WINDOW_MAPPING_FN },
  };
}

function utf8(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}
