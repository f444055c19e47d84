import type { Coder as CoderProto } from '../../../model/pipeline.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { PipelineError } from '../../../sdk/errors.ts';
import { describeCoder } from '../../../sdk/graph/describe.ts';
import type { CollectionNode } from '../../../sdk/graph/graph.ts';
import type { FieldType, Schema } from '../../../sdk/schema/schema.ts';
import { decodeSchema } from '../../../sdk/schema/schema-proto.ts';

const STANDARD_CODER = 'beam:coder:';
const STANDARD_WINDOWS = 'beam:window_fn:';

/**
 * Refuses a collection whose elements or windows another SDK cannot read.
 *
 * @param what which one, with a capital letter
 * @throws PipelineError `NOT_STANDARD`
 */
export function checkCrossing(
  what: string,
  { coder, windowing }: Pick<CollectionNode, 'coder'> & Partial<Pick<CollectionNode, 'windowing'>>,
): void {
  const own = foreignPart(coder);
  if (own !== undefined) {
    const within = own === coder ? '' : ` in ${describeCoder(coder)}`;
    throw new PipelineError(
      'NOT_STANDARD',
      `${what} has the coder ${describeCoder(own)}${within}, which no other SDK has`,
      {
        hint: "give the collection one of Beam's standard coders: withCoder(coders.string), coders.row({ … }), …",
      },
    );
  }
  if (windowing !== undefined && !windowing.windowFn.urn.startsWith(STANDARD_WINDOWS)) {
    throw new PipelineError(
      'NOT_STANDARD',
      `${what} has the windows ${windowing.windowFn.urn}, which no other SDK has`,
      {
        hint: 'window it with fixed, sliding, session or global windows',
      },
    );
  }
}

function foreignPart(coder: Coder<unknown>): Coder<unknown> | undefined {
  if (!coder.urn.startsWith(STANDARD_CODER)) return coder;
  for (const component of coder.components) {
    const found = foreignPart(component);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Coders by id, as a pipeline has them. */
export type CoderProtos = Readonly<Record<string, CoderProto>>;

/**
 * An encoding as a text: two coders with the same text write the same bytes. Names, ids and descriptions of schemas do not
 * count, but field names do, since by these rows are read.
 */
export function encodingText(id: string, coders: CoderProtos, depth = 0): string {
  const { spec, componentCoderIds = [] } = coders[id] ?? {};
  if (spec === undefined || depth > 64) return `no coder (${id})`;
  if (spec.urn === 'beam:coder:row:v1') return schemaText(decodeSchema(spec.payload));
  const payload = spec.payload.length === 0 ? '' : `[${Buffer.from(spec.payload).toString('base64').slice(0, 100)}]`;
  const name = spec.urn.replace(/^beam:coder:/, '').replace(/:v1$/, '') + payload;
  if (componentCoderIds.length === 0) return name;
  return `${name}<${componentCoderIds.map((each) => encodingText(each, coders, depth + 1)).join(', ')}>`;
}

function schemaText({ fields }: Schema): string {
  const inOrder = [...fields].sort((a, b) => (a.encodingPosition ?? 0) - (b.encodingPosition ?? 0));
  return `row{${inOrder.map(({ name, type }) => `${name}: ${typeText(type)}`).join(', ')}}`;
}

function typeText(type: FieldType): string {
  const mark = type.nullable === true ? '?' : '';
  switch (type.kind) {
    case 'atomic':
      return type.atomic + mark;
    case 'array':
    case 'iterable':
      return `${type.kind}<${typeText(type.element)}>${mark}`;
    case 'map':
      return `map<${typeText(type.key)}, ${typeText(type.value)}>${mark}`;
    case 'row':
      return schemaText(type.schema) + mark;
    case 'logical':
      return `${type.urn}(${typeText(type.representation)})${mark}`;
  }
}
