import type { StartWorkerRequest } from '../../../model/fn-execution.ts';
import {
  type DiscoverSchemaTransformResponse,
  ExpansionRequest,
  type ExpansionResponse,
  ExpansionService as ExpansionServiceApi,
} from '../../../model/job-management.ts';
import { type Init, Schema } from '../../../model/pipeline.ts';
import { messageOf } from '../../../sdk/errors.ts';
import { MAIN_INPUT } from '../../../sdk/graph/graph.ts';
import { checkEndpoint } from '../../../sdk/options/endpoint.ts';
import { GrpcServer } from '../../rpc/grpc-server.ts';
import { type SdkWorker, startSdkWorker } from '../../sdk-worker/sdk-worker.ts';
import { externalEnvironment } from '../environment.ts';
import { isCoder } from '../expansion/expansion.ts';
import { LoopbackWorkers, reachOf } from '../loopback-workers.ts';
import { buildExpansion } from './expand-request.ts';
import { expansionResponse, idPrefix } from './expansion-response.ts';
import { withoutTheRest } from './needed-request.ts';
import { type OfferedTransform, type Offers, offeredTransforms } from './offered-transform.ts';

const brand = Symbol.for('millrace.expansionService');

/** Parameter of the environment: the request, from which a worker builds what it runs. */
const REQUEST_PARAM = 'millrace:expansion_request';

/** A service at work. */
export interface ServedExpansions {
  /** `host:port`. */
  readonly endpoint: string;
  /** Ends it, and the workers that run what it has expanded. */
  close(): Promise<void>;
}

/** Transforms that programs of other SDKs may use; made by {@link expansionService}. */
export interface ExpansionService {
  /** URNs of the transforms. */
  readonly urns: readonly string[];
  /**
   * Begins to serve. The process is the worker, too, in which the functions of the transforms run: it must live as long as
   * the jobs that use them, on the machine of the runner.
   *
   * @param address `host:port`; default a free port that only this machine reaches
   * @throws OptionError `OPTION_INVALID`, RunnerError `RPC_NOT_LISTENING`
   */
  serve(address?: string): Promise<ServedExpansions>;
}

/**
 * Offers transforms to programs in Java, Python and Go (Beam's expansion service), by URN and, where they are configured by rows, as
 * schema transforms that can be discovered.
 *
 * @throws PipelineError `OFFER_INVALID`
 */
export function expansionService(offers: Offers): ExpansionService {
  const offered = offeredTransforms(offers);
  const service: ExpansionService = { urns: [...offered.keys()], serve: (address) => serve(offered, address) };
  Object.defineProperty(service, brand, { value: true });
  return service;
}

/** Whether a value, e.g. an export of a user's file, is an expansion service. */
export function isExpansionService(value: unknown): value is ExpansionService {
  return typeof value === 'object' && value !== null && brand in value;
}

async function serve(offers: ReadonlyMap<string, OfferedTransform>, address?: string): Promise<ServedExpansions> {
  if (address !== undefined) checkEndpoint('The address of an expansion service', address, 0);
  const workers = new LoopbackWorkers((request) => startWorker(request, offers), warn);
  const server = new GrpcServer();
  try {
    const pool = await workers.listen();
    server.add(ExpansionServiceApi, {
      expand: (request) => answer(request, offers, pool),
      discoverSchemaTransform: () => discovered(offers),
    });
    const endpoint = await server.listen(address);
    return {
      endpoint,
      async close() {
        server.close();
        await workers.close();
      },
    };
  } catch (error) {
    await workers.close();
    throw error;
  }
}

/** What goes wrong is the answer. */
function answer(
  request: ExpansionRequest,
  offers: ReadonlyMap<string, OfferedTransform>,
  pool: string,
): Init<ExpansionResponse> {
  try {
    const expansion = buildExpansion(request, offers);
    const needed = withoutTheRest(request);
    const params = { [REQUEST_PARAM]: Buffer.from(ExpansionRequest.encode(needed)).toString('base64') };
    return expansionResponse(request, needed.components, expansion, externalEnvironment(pool, params));
  } catch (error) {
    return { error: messageOf(error) };
  }
}

function startWorker(asked: StartWorkerRequest, offers: ReadonlyMap<string, OfferedTransform>): SdkWorker {
  const request = ExpansionRequest.decode(Buffer.from(asked.params[REQUEST_PARAM] ?? '', 'base64'));
  const { pipeline } = buildExpansion(request, offers);
  return startSdkWorker({ ...reachOf(asked), pipeline, namespace: idPrefix(request.namespace) });
}

function discovered(offers: ReadonlyMap<string, OfferedTransform>): Init<DiscoverSchemaTransformResponse> {
  const schemaTransformConfigs: Record<
    string,
    Init<DiscoverSchemaTransformResponse['schemaTransformConfigs'][string]>
  > = {};
  for (const [urn, { description, configuration, inputs, outputs }] of offers) {
    if (configuration?.payload === undefined) continue;
    schemaTransformConfigs[urn] = {
      configSchema: Schema.decode(configuration.payload),
      description,
      inputPcollectionNames: isCoder(inputs) ? [MAIN_INPUT] : Object.keys(inputs),
      outputPcollectionNames: outputs,
    };
  }
  return { schemaTransformConfigs };
}

function warn(error: unknown): void {
  process.emitWarning(`A worker of the expansion service has ended: ${messageOf(error)}`);
}
