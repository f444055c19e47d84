import { ExternalConfigurationPayload, type Init, Schema } from '../../../model/pipeline.ts';
import { type Coder, encodeToBytes } from '../../../sdk/coders/coder.ts';
import { coders } from '../../../sdk/coders/index.ts';
import { PipelineError } from '../../../sdk/errors.ts';

/** How a transform of another SDK is configured: a row, which is read by its schema, not by the program that wrote it. */
export interface Configuration<T = unknown> {
  /** A coder of rows: `coders.row({ … })`. */
  readonly coder: Coder<T>;
  readonly value: T;
}

/** No fields. */
export const NO_CONFIGURATION: Configuration = { coder: coders.row({}) as Coder<unknown>, value: {} };

/**
 * A configuration as the messages of the expansion API hold it: its schema, and its row.
 *
 * @throws PipelineError `EXPANSION_CONFIGURATION` when it is no row, CoderError when the value is not of the coder's type
 */
export function schemaAndRow({ coder, value }: Configuration): {
  readonly schema: Init<Schema>;
  readonly row: Uint8Array;
} {
  if (coder.urn !== 'beam:coder:row:v1' || coder.payload === undefined) {
    throw new PipelineError('EXPANSION_CONFIGURATION', `A configuration is a row, not a ${coder.urn}`, {
      hint: 'give it as { coder: coders.row({ … }), value: { … } }',
    });
  }
  return { schema: Schema.decode(coder.payload), row: encodeToBytes(coder, value) };
}

/** The payload of a transform that is named by its URN alone: bytes as they are, or an `ExternalConfigurationPayload`. */
export function externalPayload(payload: Uint8Array | Configuration): Uint8Array {
  if (payload instanceof Uint8Array) return payload;
  const { schema, row } = schemaAndRow(payload);
  return ExternalConfigurationPayload.encode({ schema, payload: row });
}
