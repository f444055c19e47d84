/** Stages as a runner describes them to an SDK worker, and the elements that it sends, for runners that are not real. */
import { type ProcessBundleDescriptor, RemoteGrpcPort } from '../../src/model/fn-execution.ts';
import type { PTransform } from '../../src/model/pipeline.ts';
import type { Init } from '../../src/model/proto/message-type.ts';
import { RunnerTransformUrn } from '../../src/model/urns.ts';
import { ByteReader } from '../../src/sdk/coders/byte-reader.ts';
import { ByteWriter } from '../../src/sdk/coders/byte-writer.ts';
import type { Coder } from '../../src/sdk/coders/coder.ts';
import { globalWindowCoder } from '../../src/sdk/coders/window-coders.ts';
import { type WindowedValue, WindowedValueCoder } from '../../src/sdk/coders/windowed-value-coder.ts';
import { graphCoders, graphToProto } from '../../src/sdk/graph/to-proto.ts';
import type { Pipeline } from '../../src/sdk/pipeline/pipeline.ts';
import { NO_FIRING } from '../../src/sdk/windows/pane-info.ts';
import type { Timestamp } from '../../src/sdk/windows/timestamp.ts';
import { GLOBAL_WINDOW } from '../../src/sdk/windows/window.ts';

/** A collection at an end of a stage. */
type StageEnd = readonly [id: string, coder: Coder<unknown>];

/** Some transforms between a source `in` and a sink `out` of the data plane. */
export interface FnStage {
  readonly pipeline: Pipeline;
  readonly transforms: Readonly<Record<string, Init<PTransform>>>;
  readonly from: StageEnd;
  readonly to: StageEnd;
}

/** @param endpoints of the data plane and, for stages with state, of the state service */
export function stageDescriptor(
  { pipeline, transforms, from, to }: FnStage,
  endpoints: { readonly data: string; readonly state?: string },
): Init<ProcessBundleDescriptor> {
  const { components } = graphToProto(pipeline.graph);
  const coders: Record<string, Init<ProcessBundleDescriptor['coders'][string]>> = { ...components?.coders };
  const known = new Map([...graphCoders(pipeline.graph)].map(([id, { coder }]) => [coder, id]));
  const add = (coder: Coder<unknown>): string => {
    const own = known.get(coder);
    if (own !== undefined) return own;
    const id = `t${Object.keys(coders).length}`;
    coders[id] = {};
    const spec = coder.payload === undefined ? { urn: coder.urn } : { urn: coder.urn, payload: coder.payload };
    coders[id] = { spec, componentCoderIds: coder.components.map(add) };
    return id;
  };
  const port = (urn: string, coder: Coder<unknown>) => {
    const coderId = add(new WindowedValueCoder(coder, globalWindowCoder) as Coder<unknown>);
    return { urn, payload: RemoteGrpcPort.encode({ coderId, apiServiceDescriptor: { url: endpoints.data } }) };
  };
  const collection = ([id, coder]: StageEnd) => ({ [id]: components?.pcollections[id] ?? { coderId: add(coder) } });
  return {
    id: 'stage',
    transforms: {
      in: { spec: port(RunnerTransformUrn.DATA_SOURCE, from[1]), outputs: { o: from[0] } },
      ...transforms,
      out: { spec: port(RunnerTransformUrn.DATA_SINK, to[1]), inputs: { i: to[0] } },
    },
    pcollections: { ...components?.pcollections, ...collection(from), ...collection(to) },
    windowingStrategies: components?.windowingStrategies ?? {},
    coders,
    ...(endpoints.state === undefined ? {} : { stateApiServiceDescriptor: { url: endpoints.state } }),
  };
}

/** A transform of the pipeline as its proto has it. */
export function protoTransform(pipeline: Pipeline, name: string): Init<PTransform> {
  return graphToProto(pipeline.graph).components?.transforms[name] ?? {};
}

/** The output of the Create that pipelines for stages begin with. */
export const CREATED = 'Create/Elements.main';

export function stageEnd<T>(id: string, coder: Coder<T>): StageEnd {
  return [id, coder as Coder<unknown>];
}

/** The transform of a pipeline that comes behind its Create. */
export function stepStage<I, O>(pipeline: Pipeline, name: string, from: Coder<I>, to: Coder<O>): FnStage {
  const transforms = { [name]: protoTransform(pipeline, name) };
  return { pipeline, transforms, from: stageEnd(CREATED, from), to: stageEnd(`${name}.main`, to) };
}

/** A part of the combine behind the Create of a pipeline, as runners that lift it make it. @param urn which part */
export function combineStage<I, O>(pipeline: Pipeline, urn: string, from: Coder<I>, to: Coder<O>): FnStage {
  const name = [...pipeline.graph.transforms.values()].find(({ spec }) => spec?.kind === 'combinePerKey')?.name ?? '';
  const part = {
    spec: { urn, payload: protoTransform(pipeline, name).spec?.payload ?? new Uint8Array() },
    inputs: { i: 'given' },
    outputs: { o: 'made' },
    uniqueName: name,
  };
  return { pipeline, transforms: { part }, from: stageEnd('given', from), to: stageEnd('made', to) };
}

/** Values as they come at a port, all with one timestamp. */
export function encodeElements<T>(coder: Coder<T>, values: Iterable<T>): Uint8Array {
  const out = new ByteWriter();
  const windowed = new WindowedValueCoder(coder, globalWindowCoder);
  for (const value of values) {
    windowed.encode({ value, timestamp: 5 as Timestamp, windows: [GLOBAL_WINDOW], pane: NO_FIRING }, out, true);
  }
  return out.copy();
}

/** What has left by a port. */
export function decodeElements<T>(coder: Coder<T>, bytes: Uint8Array): WindowedValue<T>[] {
  const windowed = new WindowedValueCoder(coder, globalWindowCoder);
  const input = new ByteReader(bytes);
  const elements: WindowedValue<T>[] = [];
  while (input.remaining > 0) elements.push(windowed.decode(input, true));
  return elements;
}
