import { type ExpansionResponse, ExpansionService } from '../../../model/job-management.ts';
import {
  type Components,
  type Init,
  type Pipeline as PipelineProto,
  PTransform,
  SchemaTransformPayload,
} from '../../../model/pipeline.ts';
import { ExpansionUrn, TransformUrn } from '../../../model/urns.ts';
import type { Struct } from '../../../model/well-known.ts';
import { PipelineError } from '../../../sdk/errors.ts';
import type { ExternalSpec, Graph, TransformNode } from '../../../sdk/graph/graph.ts';
import { GrpcChannel } from '../../rpc/grpc-channel.ts';
import { convertRow } from './convert-row.ts';
import { copyCoder } from './copy-coder.ts';
import { encodingText } from './crossing.ts';
import { publishedSchema, type SchemaTransformOffers, schemaTransformOffers } from './discover.ts';
import type { ExpandedArtifacts } from './expanded-artifacts.ts';
import { runningEnvironment } from './running-environment.ts';
import { spliceExpansion } from './splice-expansion.ts';

/** How long a service may take for one transform: some fetch what they need when they are asked. */
const EXPANSION_MILLIS = 10 * 60_000;

/** Characters of a service's error that are shown. */
const MAX_TEXT = 4000;

/** What a pipeline's expansion needs besides the pipeline. */
export interface ExpansionContext {
  readonly pipelineOptions: Init<Struct>;
  readonly artifacts: ExpandedArtifacts;
  /** The program's own functions run in this process, so runner and services are on this machine. */
  readonly isLocal: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks the expansion services for what the transforms of other SDKs are made of, and puts that into the pipeline in their
 * place. Ids of what is new begin with a namespace for each.
 *
 * @param pipeline of the graph; it is changed
 * @throws PipelineError `EXPANSION_FAILED`, `EXPANSION_OUTPUT`, RunnerError `RPC_…`
 */
export async function expandExternals(pipeline: PipelineProto, graph: Graph, context: ExpansionContext): Promise<void> {
  let count = 0;
  const offers = new Map<string, SchemaTransformOffers>();
  for (const node of graph.transforms.values()) {
    if (node.spec?.kind !== 'external') continue;
    const namespace = `external_${++count}`;
    const channel = new GrpcChannel(node.spec.endpoint);
    try {
      const components = pipeline.components as Components;
      const spec = { ...node.spec, payload: await payloadFor(channel, node.spec, offers) };
      const response = await expand(channel, node, spec, namespace, components, context);
      const environments = response.components?.environments ?? {};
      for (const id of Object.keys(environments)) {
        if (id in components.environments) continue;
        if (context.isLocal) environments[id] = runningEnvironment(environments[id]);
        await context.artifacts.fetch(channel, environments[id]);
      }
      spliceExpansion(pipeline, node, response);
    } finally {
      channel.close();
    }
  }
}

/** Asks once for what the service makes of it; and where its one output has another encoding than the program says, for that. */
async function expand(
  channel: GrpcChannel,
  node: TransformNode,
  spec: ExternalSpec,
  namespace: string,
  components: Components,
  { pipelineOptions, signal }: ExpansionContext,
): Promise<ExpansionResponse> {
  const ask = async (outputCoderRequests: Record<string, string>): Promise<ExpansionResponse> => {
    const response = await channel.call(
      ExpansionService.expand,
      {
        components: neededComponents(node, namespace, components),
        transform: { uniqueName: node.name, spec: { urn: spec.urn, payload: spec.payload }, inputs: node.inputs },
        namespace,
        outputCoderRequests,
        pipelineOptions,
      },
      { deadlineMillis: EXPANSION_MILLIS, ...(signal === undefined ? {} : { signal }) },
    );
    if (response.error === '' && response.transform !== undefined) return response;
    throw new PipelineError(
      'EXPANSION_FAILED',
      `The expansion service does not expand '${spec.urn}': ${said(response)}`,
      {
        transform: node.name,
        ...(node.location === undefined ? {} : { location: node.location }),
        resource: spec.endpoint,
      },
    );
  };
  const response = await ask({});
  const wish = Object.entries(node.outputs);
  const made = Object.values(response.transform?.outputs ?? {});
  if (wish.length !== 1 || made.length !== 1) return response;
  const [[tag, collection]] = wish;
  const { coderId } = components.pcollections[collection];
  const theirs = { ...response.components?.coders, ...components.coders };
  const found = response.components?.pcollections[made[0]]?.coderId ?? '';
  return encodingText(found, theirs) === encodingText(coderId, components.coders) ? response : ask({ [tag]: coderId });
}

/**
 * A schema transform's configuration has all fields of the schema that the service publishes, where it does: Java's demands it.
 *
 * @param offers by service, of those that were asked: some take long to list all that they have
 */
async function payloadFor(
  channel: GrpcChannel,
  { urn, payload }: ExternalSpec,
  offers: Map<string, SchemaTransformOffers>,
): Promise<Uint8Array> {
  if (urn !== ExpansionUrn.SCHEMA_TRANSFORM) return payload;
  const { identifier, configurationSchema = {}, configurationRow } = SchemaTransformPayload.decode(payload);
  let offered = offers.get(channel.endpoint);
  if (offered === undefined) offers.set(channel.endpoint, (offered = await schemaTransformOffers(channel)));
  const published = publishedSchema(offered, identifier);
  if (published === undefined) return payload;
  const row = convertRow(identifier, configurationRow, configurationSchema, published);
  return SchemaTransformPayload.encode({ identifier, configurationSchema: published, configurationRow: row });
}

/** What the transform's inputs and wishes refer to, with transforms that make the inputs: services look for their producers. */
function neededComponents(node: TransformNode, namespace: string, all: Components): Init<Components> {
  const needed: Components = {
    transforms: {},
    pcollections: {},
    coders: {},
    windowingStrategies: {},
    environments: all.environments,
  };
  const addCoder = (id: string): void => copyCoder(id, all.coders, needed.coders);
  const addCollection = (id: string): void => {
    const { coderId, windowingStrategyId } = (needed.pcollections[id] = all.pcollections[id]);
    addCoder(coderId);
    const windowing = (needed.windowingStrategies[windowingStrategyId] = all.windowingStrategies[windowingStrategyId]);
    addCoder(windowing.windowCoderId);
  };
  for (const [local, id] of Object.entries(node.inputs)) {
    addCollection(id);
    const producer = `${namespace}_input_${local}`;
    const outputs = { out: id };
    needed.transforms[producer] = PTransform.create({
      uniqueName: producer,
      spec: { urn: TransformUrn.IMPULSE },
      outputs,
    });
  }
  for (const id of Object.values(node.outputs)) addCoder(all.pcollections[id].coderId);
  return needed;
}

/** The service's own words: some send whole stacks, of which the last line says most. */
function said({ error }: ExpansionResponse): string {
  const text = error.trim() || 'it answers nothing';
  return text.length > MAX_TEXT ? `…${text.slice(-MAX_TEXT)}` : text;
}
