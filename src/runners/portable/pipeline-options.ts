import type { JsonValue } from '../../model/proto/json-format.ts';
import type { Init } from '../../model/proto/message-type.ts';
import type { Struct, Value } from '../../model/well-known.ts';
import type { Graph } from '../../sdk/graph/graph.ts';

/**
 * Pipeline options as Beam's runners read them: `beam:option:NAME:v1`, the name in snake case.
 *
 * @param own the user's, which win
 */
export function pipelineOptions(name: string, graph: Graph, own: Readonly<Record<string, JsonValue>>): Init<Struct> {
  const isStreaming = [...graph.collections.values()].some(({ bounded }) => !bounded);
  const options = Object.entries<JsonValue>({
    jobName: name,
    streaming: isStreaming,
    experiments: ['beam_fn_api'],
  }).concat(Object.entries(own));
  return { fields: Object.fromEntries(options.map(([key, value]) => [optionUrn(key), protoValue(value)])) };
}

function optionUrn(name: string): string {
  if (name.startsWith('beam:')) return name;
  return `beam:option:${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}:v1`;
}

function protoValue(value: JsonValue): Init<Value> {
  if (value === null) return { nullValue: 0 };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'number') return { numberValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Array.isArray(value)) return { listValue: { values: value.map(protoValue) } };
  const entries = Object.entries(value);
  return { structValue: { fields: Object.fromEntries(entries.map(([key, each]) => [key, protoValue(each)])) } };
}
