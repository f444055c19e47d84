/** Messages for people and for other tools: protobuf's text format and ProtoJSON. */
export { toJson } from './proto/json-format.ts';
export { toTextProto } from './proto/text-format.ts';
