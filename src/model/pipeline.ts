/**
 * The pipeline graph: Beam's `org.apache.beam.model.pipeline.v1` with runner API, schemas, window functions, metrics,
 * endpoints and external transforms. Each message is a type and, under the same name, a `MessageType` that creates,
 * encodes and decodes it.
 */
export * from './generated/pipeline.ts';
export type { Init, MessageType } from './proto/message-type.ts';
export { UNKNOWN_FIELDS } from './proto/unknown-fields.ts';
