import type { Coder } from '../coders/coder.ts';
import { describeKind } from './describe.ts';
import type { Graph, TransformNode } from './graph.ts';

/** A pipeline as JSON: `name`, `transforms` in topological order and `collections`. Payloads are base64. */
export function printJson(graph: Graph, name: string): string {
  const value = {
    name,
    roots: graph.roots,
    transforms: [...graph.transforms.values()].map(transformJson),
    collections: [...graph.collections.values()].map(({ id, producer, coder, windowing, bounded }) => ({
      id,
      producer,
      coder: coderJson(coder),
      windowing: {
        windowFn: { urn: windowing.windowFn.urn, payload: base64(windowing.windowFn.payload()) },
        timestampCombiner: windowing.timestampCombiner,
        alreadyMerged: windowing.alreadyMerged,
        allowedLatenessMillis: windowing.allowedLateness,
        accumulation: windowing.accumulation,
        trigger: windowing.trigger,
        closing: windowing.closing,
        onTime: windowing.onTime,
      },
      bounded,
    })),
  };
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function transformJson(node: TransformNode): object {
  const { name, parent, children, inputs, outputs, location, spec } = node;
  const sides =
    spec?.kind === 'parDo' && Object.keys(spec.sides).length > 0
      ? { sideInputs: Object.fromEntries(Object.entries(spec.sides).map(([local, { view }]) => [local, view])) }
      : {};
  return { name, kind: describeKind(node), parent, children, inputs, ...sides, outputs, location };
}

function coderJson(coder: Coder<unknown>): object {
  return {
    urn: coder.urn,
    ...(coder.payload === undefined ? {} : { payload: base64(coder.payload) }),
    ...(coder.components.length === 0 ? {} : { components: coder.components.map(coderJson) }),
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
