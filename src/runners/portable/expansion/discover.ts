import { ExpansionService, type SchemaTransformConfig } from '../../../model/job-management.ts';
import { Schema } from '../../../model/pipeline.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { rowCoderOf } from '../../../sdk/coders/row.ts';
import type { Row } from '../../../sdk/coders/row-coder.ts';
import { RunnerError } from '../../../sdk/errors.ts';
import { checkEndpoint } from '../../../sdk/options/endpoint.ts';
import { decodeSchema } from '../../../sdk/schema/schema-proto.ts';
import { GrpcChannel } from '../../rpc/grpc-channel.ts';

/** How long a service may take to say what it has. */
const DISCOVERY_MILLIS = 60_000;

/** A transform that an expansion service offers, configured by a row. */
export interface SchemaTransformDescription {
  /** What `schemaTransform` takes. */
  readonly identifier: string;
  /** May be Markdown. */
  readonly description: string;
  /** Of its configuration: an int64 is a bigint, a null is null. */
  readonly coder: Coder<Row>;
  /** Names and descriptions of the configuration's fields. */
  readonly fields: readonly { readonly name: string; readonly description: string }[];
  /** Names of collections, where the service tells them. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * The transforms that an expansion service offers by schema (Beam's DiscoverSchemaTransform), sorted by identifier. Those whose
 * schema has types that are not known here are left out.
 *
 * @param endpoint `host:port` @throws OptionError `OPTION_INVALID`, RunnerError `EXPANSION_FAILED`, `RPC_…`
 */
export async function discoverSchemaTransforms(endpoint: string): Promise<readonly SchemaTransformDescription[]> {
  const channel = new GrpcChannel(checkEndpoint('The address of an expansion service', endpoint));
  try {
    const schemaTransformConfigs = await discovered(channel);
    const found: SchemaTransformDescription[] = [];
    for (const [identifier, config] of Object.entries(schemaTransformConfigs)) {
      const { description, inputPcollectionNames: inputs, outputPcollectionNames: outputs } = config;
      const coder = configurationCoder(config.configSchema ?? { fields: [] });
      if (coder === undefined) continue;
      const fields = (config.configSchema?.fields ?? []).map(({ name, description: text }) => ({
        name,
        description: text,
      }));
      found.push({ identifier, description, coder, fields, inputs, outputs });
    }
    return found.sort((a, b) => (a.identifier < b.identifier ? -1 : 1));
  } finally {
    channel.close();
  }
}

/** What a service offers by schema, by identifier. */
export type SchemaTransformOffers = Readonly<Record<string, SchemaTransformConfig>>;

async function discovered(channel: GrpcChannel): Promise<SchemaTransformOffers> {
  const settings = { deadlineMillis: DISCOVERY_MILLIS };
  const { schemaTransformConfigs, error } = await channel.call(ExpansionService.discoverSchemaTransform, {}, settings);
  if (error === '') return schemaTransformConfigs;
  throw new RunnerError('EXPANSION_FAILED', error, { resource: channel.endpoint });
}

/** What a service offers; nothing where it does not say. @throws RunnerError `EXPANSION_FAILED`, `RPC_…` */
export async function schemaTransformOffers(channel: GrpcChannel): Promise<SchemaTransformOffers> {
  try {
    return await discovered(channel);
  } catch (error) {
    if (error instanceof RunnerError && error.code === 'RPC_UNIMPLEMENTED') return {};
    throw error;
  }
}

/** The schema of a transform's configuration, if the service publishes it and all its types are known here. */
export function publishedSchema(offers: SchemaTransformOffers, identifier: string): Schema | undefined {
  const { configSchema } = offers[identifier] ?? {};
  return configSchema !== undefined && configurationCoder(configSchema) !== undefined ? configSchema : undefined;
}

function configurationCoder(proto: Parameters<typeof Schema.encode>[0]): Coder<Row> | undefined {
  const payload = Schema.encode(proto);
  try {
    return rowCoderOf(decodeSchema(payload), payload);
  } catch {
    return undefined;
  }
}
