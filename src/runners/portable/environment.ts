import {
  type DisplayData,
  DockerPayload,
  type Environment,
  ExternalPayload,
  type Init,
  LabelledPayload,
  ProcessPayload,
} from '../../model/pipeline.ts';
import { DisplayDataUrn, EnvironmentUrn, ProtocolUrn, RunnerProtocolUrn, TransformUrn } from '../../model/urns.ts';
import { DEFAULT_ENVIRONMENT } from '../../sdk/graph/to-proto.ts';

/** What our harness does beyond the coders of the standard. */
const CAPABILITIES: readonly string[] = [
  ProtocolUrn.LEGACY_PROGRESS_REPORTING,
  ProtocolUrn.PROGRESS_REPORTING,
  ProtocolUrn.WORKER_STATUS,
  ProtocolUrn.HARNESS_MONITORING_INFOS,
  ProtocolUrn.CONTROL_REQUEST_ELEMENTS_EMBEDDING,
  RunnerProtocolUrn.CONTROL_RESPONSE_ELEMENTS_EMBEDDING,
  ProtocolUrn.STATE_CACHING,
  ProtocolUrn.DATA_SAMPLING,
  ProtocolUrn.SDK_CONSUMING_RECEIVED_DATA,
  TransformUrn.TRUNCATE_SIZED_RESTRICTION,
  TransformUrn.TO_STRING,
];

const SDK: Init<DisplayData> = {
  urn: DisplayDataUrn.LABELLED,
  payload: LabelledPayload.encode({ label: 'SDK', key: 'sdk', namespace: 'millrace', stringValue: 'Millrace' }),
};

/** Workers that the runner starts as containers. @param image whose entry answers Beam's container contract */
export function dockerEnvironment(image: string): Init<Environment> {
  return environment(EnvironmentUrn.DOCKER, DockerPayload.encode({ containerImage: image }));
}

/** Workers that the runner starts as processes. @param command a file that takes the flags of the container contract */
export function processEnvironment(command: string): Init<Environment> {
  return environment(EnvironmentUrn.PROCESS, ProcessPayload.encode({ command }));
}

/** Workers that a pool at `endpoint` starts when the runner asks for them, and passes `params` on; the submitting process can be one. */
export function externalEnvironment(
  endpoint: string,
  params: Readonly<Record<string, string>> = {},
): Init<Environment> {
  return environment(EnvironmentUrn.EXTERNAL, ExternalPayload.encode({ endpoint: { url: endpoint }, params }));
}

function environment(urn: string, payload: Uint8Array): Init<Environment> {
  const capabilities = [...(DEFAULT_ENVIRONMENT.capabilities ?? []), ...CAPABILITIES];
  return { urn, payload, capabilities, displayData: [SDK] };
}
