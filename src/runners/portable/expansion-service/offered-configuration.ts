import {
  ExternalConfigurationPayload,
  type FunctionSpec,
  Schema,
  SchemaTransformPayload,
} from '../../../model/pipeline.ts';
import { ExpansionUrn } from '../../../model/urns.ts';
import { type Coder, decodeFromBytes } from '../../../sdk/coders/coder.ts';
import { PipelineError } from '../../../sdk/errors.ts';
import { convertRow } from '../expansion/convert-row.ts';
import type { OfferedTransform } from './offered-transform.ts';

/** A transform that another program asks for, and how it is configured. */
export interface Asked {
  readonly urn: string;
  readonly offered: OfferedTransform;
  readonly configuration: unknown;
}

/**
 * Understands a request: by the transform's own URN, or as a schema transform with its identifier.
 *
 * @throws PipelineError `NOT_OFFERED`, `EXPANSION_CONFIGURATION`, CoderError
 */
export function askedTransform({ urn, payload }: FunctionSpec, offers: ReadonlyMap<string, OfferedTransform>): Asked {
  if (urn !== ExpansionUrn.SCHEMA_TRANSFORM) {
    const offered = find(urn, offers);
    if (offered.configuration === undefined) return { urn, offered, configuration: payload };
    const { schema, payload: row } = ExternalConfigurationPayload.decode(payload);
    return { urn, offered, configuration: configurationOf(urn, offered.configuration, schema, row) };
  }
  const { identifier, configurationSchema, configurationRow } = SchemaTransformPayload.decode(payload);
  const offered = find(identifier, offers);
  if (offered.configuration === undefined) {
    throw new PipelineError('EXPANSION_CONFIGURATION', `'${identifier}' is configured by bytes, and not by a schema`);
  }
  const configuration = configurationOf(identifier, offered.configuration, configurationSchema, configurationRow);
  return { urn: identifier, offered, configuration };
}

function find(urn: string, offers: ReadonlyMap<string, OfferedTransform>): OfferedTransform {
  const offered = offers.get(urn);
  if (offered !== undefined) return offered;
  throw new PipelineError('NOT_OFFERED', `This service offers no transform '${urn}'`, {
    hint: `it offers: ${[...offers.keys()].join(', ')}`,
  });
}

/** A row of the other program's schema as a value of our coder. */
function configurationOf(urn: string, coder: Coder<unknown>, sent: Schema | undefined, row: Uint8Array): unknown {
  const wanted = Schema.decode(coder.payload ?? new Uint8Array());
  return decodeFromBytes(coder, convertRow(urn, row, sent ?? {}, wanted));
}
