import type { ExpansionRequest, ExpansionResponse } from '../../../model/job-management.ts';
import type { Components, Environment, Init, PTransform } from '../../../model/pipeline.ts';
import { MillraceUrn } from '../../../sdk/graph/proto-urns.ts';
import { graphToProto } from '../../../sdk/graph/to-proto.ts';
import { type Expansion, partsOf, ROOT } from './expand-request.ts';

/**
 * The answer to a request: what is new, under ids that begin with the namespace that the other program has chosen, and the inputs
 * as they were.
 *
 * @param given what the request has of the inputs
 */
export function expansionResponse(
  request: ExpansionRequest,
  given: Pick<Components, 'pcollections' | 'coders' | 'windowingStrategies'>,
  { pipeline, inputs }: Expansion,
  environment: Init<Environment>,
): Init<ExpansionResponse> {
  const { spec, uniqueName, inputs: asked } = partsOf(request).transform;
  const prefix = idPrefix(request.namespace);
  const proto = graphToProto(pipeline.graph, environment, prefix);
  const made = proto.components as Components;
  const idOf = (collection: string): string => inputs.get(collection) ?? prefix + collection;
  const renamed = (ends: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(ends).map(([tag, id]) => [tag, idOf(id)]));
  const pcollections = { ...given.pcollections };
  for (const [id, collection] of Object.entries(made.pcollections)) {
    if (!inputs.has(id)) pcollections[idOf(id)] = { ...collection, uniqueName: idOf(id) };
  }
  const transforms: Record<string, Init<PTransform>> = {};
  for (const [id, transform] of Object.entries(made.transforms)) {
    if (transform.spec?.urn === MillraceUrn.EXPANSION_INPUT || id === ROOT) continue;
    transforms[prefix + id] = {
      ...transform,
      uniqueName: uniqueName + id.slice(ROOT.length),
      subtransforms: transform.subtransforms.map((each) => prefix + each),
      inputs: renamed(transform.inputs),
      outputs: renamed(transform.outputs),
    };
  }
  const { subtransforms, outputs } = made.transforms[ROOT];
  return {
    components: {
      transforms,
      pcollections,
      coders: { ...given.coders, ...made.coders },
      windowingStrategies: { ...given.windowingStrategies, ...made.windowingStrategies },
      environments: made.environments,
    },
    transform: {
      uniqueName,
      spec,
      inputs: asked,
      subtransforms: subtransforms.map((each) => prefix + each),
      outputs: renamed(outputs),
    },
    requirements: proto.requirements,
  };
}

/** What ids of an expansion begin with. */
export function idPrefix(namespace: string): string {
  return `${namespace}_`;
}
